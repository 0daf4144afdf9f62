"""Keras's spellings, argument order and layout over dezero's own rooms."""

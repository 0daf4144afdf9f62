"""Keras's `preprocessing.sequence`."""

from dezero.preprocessing import pad_sequences

__all__ = ["pad_sequences"]

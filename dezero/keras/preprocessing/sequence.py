"""Keras's `preprocessing.sequence`."""

from dezero.preprocessing import TimeseriesGenerator, pad_sequences

__all__ = ["TimeseriesGenerator", "pad_sequences"]

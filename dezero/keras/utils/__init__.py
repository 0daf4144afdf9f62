"""Keras's small tools."""

from dezero.keras.utils.progbar import Progbar
from dezero.keras.utils.sequence import PyDataset, Sequence

__all__ = ["Progbar", "PyDataset", "Sequence"]

"""Keras's small tools."""

from dezero.keras.utils.progbar import Progbar

__all__ = ["Progbar"]

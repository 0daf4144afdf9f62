"""Keras's `preprocessing`: pictures and sequences, from `dezero.preprocessing`."""

from dezero.keras.preprocessing import image, sequence
from dezero.preprocessing import image_dataset_from_directory

__all__ = ["image", "image_dataset_from_directory", "sequence"]

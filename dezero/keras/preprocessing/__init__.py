"""Keras's `preprocessing`: pictures, sequences and texts, from `dezero.preprocessing`."""

from dezero.keras.preprocessing import image, sequence, text
from dezero.preprocessing import image_dataset_from_directory, timeseries_dataset_from_array

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "timeseries_dataset_from_array",
]

"""Keras's small tools."""

from dezero.keras.utils.progbar import Progbar
from dezero.keras.utils.sequence import PyDataset, Sequence
from dezero.preprocessing import (
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    pad_sequences,
    save_img,
)

__all__ = [
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "pad_sequences",
    "save_img",
]

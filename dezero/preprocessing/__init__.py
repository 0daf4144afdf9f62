"""Pictures, sequences and texts made ready for a network: Keras's preprocessing, arrays in and out.

Pictures are (H, W, C), batches (N, H, W, C), unless data_format says channels_first.
"""

from dezero.preprocessing.affine import apply_affine_transform
from dezero.preprocessing.arrays import NumpyArrayIterator
from dezero.preprocessing.batches import Batches
from dezero.preprocessing.dataframe import DataFrameIterator
from dezero.preprocessing.directory import DirectoryIterator
from dezero.preprocessing.folders import image_dataset_from_directory
from dezero.preprocessing.generator import ImageDataGenerator
from dezero.preprocessing.intensity import apply_brightness_shift, apply_channel_shift
from dezero.preprocessing.iterator import PictureIterator
from dezero.preprocessing.pictures import (
    PictureError,
    array_to_img,
    img_to_array,
    load_img,
    save_img,
)
from dezero.preprocessing.pipeline import Pipeline
from dezero.preprocessing.resizing import smart_resize
from dezero.preprocessing.sequence import pad_sequences
from dezero.preprocessing.series import TimeseriesGenerator, timeseries_dataset_from_array
from dezero.preprocessing.single import (
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from dezero.preprocessing.text import (
    Tokenizer,
    hashing_trick,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)

__all__ = [
    "Batches",
    "DataFrameIterator",
    "Pipeline",
    "DirectoryIterator",
    "ImageDataGenerator",
    "NumpyArrayIterator",
    "PictureError",
    "PictureIterator",
    "TimeseriesGenerator",
    "Tokenizer",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "hashing_trick",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "one_hot",
    "pad_sequences",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
    "text_to_word_sequence",
    "timeseries_dataset_from_array",
    "tokenizer_from_json",
]

"""Keras's small tools."""

from dezero.keras.backend import clear_session, is_keras_tensor
from dezero.keras.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from dezero.keras.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from dezero.keras.steps import unpack_x_y_sample_weight
from dezero.keras.utils.drawing import plot_model
from dezero.keras.utils.files import get_file
from dezero.keras.utils.numerical import normalize, set_random_seed, to_categorical
from dezero.keras.utils.progbar import Progbar
from dezero.keras.utils.sequence import PyDataset, Sequence
from dezero.preprocessing import (
    array_to_img,
    image_dataset_from_directory,
    img_to_array,
    load_img,
    pad_sequences,
    save_img,
    timeseries_dataset_from_array,
)

__all__ = [
    "clear_session",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "unpack_x_y_sample_weight",
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "custom_object_scope",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "load_img",
    "normalize",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "set_random_seed",
    "timeseries_dataset_from_array",
    "to_categorical",
]

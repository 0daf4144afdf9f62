"""Keras's files: weights, and whole models, read as data."""

from dezero.keras.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from dezero.keras.saving.models import is_keras, load_model, save_model, with_ending, write_model
from dezero.keras.saving.weights import is_h5, load_weights, save_weights

__all__ = [
    "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
    "get_registered_object", "is_h5", "is_keras", "load_model", "load_weights",
    "register_keras_serializable", "save_model", "save_weights", "with_ending",
    "write_model",
]  # fmt: skip

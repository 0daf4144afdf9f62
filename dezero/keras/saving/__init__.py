"""Keras's files: weights, and whole models, read as data."""

from dezero.keras.saving.models import is_keras, load_model, save_model
from dezero.keras.saving.weights import is_h5, load_weights, save_weights

__all__ = ["is_h5", "is_keras", "load_model", "load_weights", "save_model", "save_weights"]

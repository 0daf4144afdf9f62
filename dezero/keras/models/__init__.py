"""Models of `dezero.keras`: Model, functional and by subclass, and Sequential."""

from dezero.keras.models.cloning import clone_model, model_from_config, model_from_json
from dezero.keras.models.functional import Functional
from dezero.keras.models.model import Model
from dezero.keras.models.sequential import Sequential
from dezero.keras.saving import load_model, save_model

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_config",
    "model_from_json",
    "save_model",
]

"""Models: layers that can be compiled, fitted, summarised and saved."""

from dezero.models.mlp import MLP
from dezero.models.model import Model
from dezero.models.saving import load_model, save_model
from dezero.models.sequential import Sequential
from dezero.models.summary import summarize
from dezero.models.table import MODELS

__all__ = [
    "MLP",
    "MODELS",
    "Model",
    "Sequential",
    "load_model",
    "save_model",
    "summarize",
]

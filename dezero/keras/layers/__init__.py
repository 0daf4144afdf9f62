"""The layers of `dezero.keras`."""

from dezero.keras.layers.base import Layer
from dezero.keras.layers.core import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    Input,
    InputLayer,
    Lambda,
)
from dezero.keras.layers.table import LAYERS

__all__ = [
    "LAYERS",
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
]
LAYERS.update({cls.__name__: cls for cls in (Activation, Dense, Dropout, Flatten, InputLayer)})

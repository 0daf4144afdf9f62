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
from dezero.keras.layers.masking import Masking
from dezero.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from dezero.keras.layers.operators import Operator
from dezero.keras.layers.reshaping import Permute, RepeatVector, Reshape
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
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Masking",
    "Maximum",
    "Minimum",
    "Multiply",
    "Operator",
    "Permute",
    "RepeatVector",
    "Reshape",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
LAYERS.update({cls.__name__: cls for cls in (Activation, Dense, Dropout, Flatten, InputLayer)})
MERGING = (Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract)
MOVING = (Masking, Operator, Permute, RepeatVector, Reshape)
LAYERS.update({cls.__name__: cls for cls in (*MERGING, *MOVING)})

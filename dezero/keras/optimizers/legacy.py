"""The optimizers of Keras 2 before 2.11, under whose names today's ones stand here.

The older argument names `lr` and `decay` are taken by all of them anyway.
"""

from dezero.keras.optimizers.base import Optimizer
from dezero.keras.optimizers.kinds import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    Ftrl,
    Nadam,
    RMSprop,
)

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Ftrl", "Nadam", "Optimizer", "RMSprop",
]  # fmt: skip

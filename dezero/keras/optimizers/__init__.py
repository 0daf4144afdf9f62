"""Keras's optimizers and schedules, by class and by name: `get("adam")`, `SGD(0.1)`."""

from collections.abc import Mapping
from typing import Any

from dezero import optimizers
from dezero.keras.identifiers import Names
from dezero.keras.optimizers import legacy, schedules
from dezero.keras.optimizers.base import Optimizer
from dezero.keras.optimizers.kinds import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Nadam,
    RMSprop,
)
from dezero.keras.optimizers.scaling import INNER, LossScaleOptimizer

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "LossScaleOptimizer", "Nadam",
    "Optimizer", "RMSprop", "deserialize", "get", "legacy", "schedules", "serialize",
]  # fmt: skip

NAMES = Names("optimizer", (*INNER, LossScaleOptimizer))


def get(identifier: Any) -> Any:
    """Return an optimizer from a name, a configuration, a class, or itself.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    if isinstance(identifier, optimizers.Optimizer):
        return identifier
    return NAMES.get(identifier)


def serialize(optimizer: Any) -> Any:
    """Return {"class_name", "config"} of an optimizer, without its state."""
    return NAMES.serialize(optimizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)

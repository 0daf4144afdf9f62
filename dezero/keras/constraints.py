"""Keras's limits on weights: `MaxNorm(2)`, `NonNeg()`; they map an array to an array."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dezero import constraints
from dezero.keras.identifiers import Names

__all__ = [
    "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm",
    "maxnorm", "min_max_norm", "non_neg", "nonneg", "serialize", "unit_norm", "unitnorm",
]  # fmt: skip


@dataclass
class Constraint(constraints.Constraint):
    """Base: yours defines `__call__(self, w)`, from array to array, and `get_config`."""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return self.config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned; Keras 1 wrote max_norm's limit m."""
        return cls(**{"max_value" if key == "m" else key: config[key] for key in config})


class NonNeg(constraints.NonNeg, Constraint):
    """y = max(w, 0)."""


class UnitNorm(constraints.UnitNorm, Constraint):
    """y = w / norm(w, axis)."""


class MaxNorm(constraints.MaxNorm, Constraint):
    """y = w * min(1, max_value / norm(w, axis))."""


class MinMaxNorm(constraints.MinMaxNorm, Constraint):
    """Bring norms into [min_value, max_value], by the fraction `rate` of the way at each call."""


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm
maxnorm, nonneg, unitnorm = MaxNorm, NonNeg, UnitNorm  # as Keras 1 wrote them
NAMES = Names("constraint", (MaxNorm, MinMaxNorm, NonNeg, UnitNorm), non_negative=NonNeg)


def get(identifier: Any) -> Any:
    """Return a constraint from a name, a configuration, a class, a function or itself.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    return NAMES.get(identifier)


def serialize(constraint: Any) -> Any:
    """Return {"class_name", "config"}, the name of a function, or None for None."""
    return NAMES.serialize(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the constraint that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)

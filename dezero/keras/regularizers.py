"""Keras's penalties on weights: `L2(0.01)`, `l1_l2(l1=0.01, l2=0.01)`."""

from collections.abc import Mapping
from typing import Any

from dezero import regularizers
from dezero.keras.identifiers import Names

__all__ = [
    "L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularizer", "deserialize", "get", "l1", "l1_l2",
    "l2", "orthogonal_regularizer", "serialize",
]  # fmt: skip


class Regularizer(regularizers.Regularizer):
    """Base: called with weights it returns a 0-d Variable; yours defines `__call__`."""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {field: getattr(self, field) for field in self.fields}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned."""
        return cls(**config)


class L1(regularizers.L1, Regularizer):
    """Penalty l1 * sum(|W|)."""


class L2(regularizers.L2, Regularizer):
    """Penalty l2 * sum(W**2)."""


class L1L2(regularizers.L1L2, Regularizer):
    """Penalty l1 * sum(|W|) + l2 * sum(W**2); either is 0 if it is not given."""


class OrthogonalRegularizer(regularizers.Orthogonal, Regularizer):
    """Penalty factor * mean(|cosine|) over the pairs of rows, or columns, of a matrix."""


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer
NAMES = Names("regularizer", (L1, L1L2, L2, OrthogonalRegularizer))


def get(identifier: Any) -> Any:
    """Return a regularizer from a name, a configuration, a class, a function or itself.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    return NAMES.get(identifier)


def serialize(regularizer: Any) -> Any:
    """Return {"class_name", "config"}, the name of a function, or None for None."""
    return NAMES.serialize(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the regularizer that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)

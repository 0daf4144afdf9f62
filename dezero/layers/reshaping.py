"""Layers that only rearrange."""

from typing import Any

from dezero.core import Variable
from dezero.functions import flatten
from dezero.layers.layer import Layer


class Flatten(Layer):
    """Put all axes but the batch on one: (N, 28, 28) becomes (N, 784).

    Args:
        name: for people.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return flatten(x)

    def config(self) -> dict[str, Any]:
        return {}

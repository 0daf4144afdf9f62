"""Fully connected layers with an activation between them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dezero.core import Variable
from dezero.core.errors import describe
from dezero.functions import sigmoid
from dezero.layers import (
    Dropout,
    Linear,
    deferred,
    function_of,
    layer_config,
    saved_name,
    shown_name,
)
from dezero.models.numbered import Numbered, build_member, member_entry
from dezero.models.table import MODELS


class MLP(Numbered):
    """Linear layers of the given sizes, the activation after all of them but the last.

    Args:
        fc_output_sizes: out_size of each layer, such as (128, 10); a number for one layer.
        activation: function or its name.
        dropout: ratio dropped after each activation; None for no dropout.
        name: for people.
    Raises:
        TypeError: fc_output_sizes holds what is no integer.
        ValueError: there is no size, or one below 1.
    """

    def __init__(
        self,
        fc_output_sizes: Sequence[int] | int,
        activation: Any = sigmoid,
        *,
        dropout: float | None = None,
        name: str | None = None,
    ) -> None:
        sizes = _sizes(fc_output_sizes)
        if not sizes:
            raise ValueError("MLP: expected at least one size, got none. Try MLP((128, 10)).")
        self.name = name
        self.activation: Any = function_of(activation) or function_of("identity")
        self.layers = [Linear(size) for size in sizes]
        self.dropout: Any = None if dropout is None else Dropout(dropout)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        activation, dropout = self.activation, self.dropout
        for layer in self.layers[:-1]:
            x = activation(layer(x))
            if dropout is not None:
                x = dropout(x)
        return self.layers[-1](x)

    def details(self) -> str:
        return shown_name(self.activation)

    def config(self) -> dict[str, Any]:
        return {
            "fc_output_sizes": [_size(f"l{i}", layer) for i, layer in enumerate(self.layers)],
            "activation": saved_name(f"layer {self.name or 'MLP'}", self.activation),
            "dropout": _ratio(self.dropout),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MLP":
        sizes, dropout = config["fc_output_sizes"], config["dropout"]
        if not isinstance(sizes, list):
            raise ValueError(f"MLP: expected a list of sizes, got {describe(sizes)}.")
        plain = [1 if isinstance(size, dict) else size for size in sizes]
        ratio = None if isinstance(dropout, dict) else dropout
        model = cls(**{**config, "fc_output_sizes": plain, "dropout": ratio})
        for i, size in enumerate(sizes):
            if isinstance(size, dict):
                model.layers[i] = build_member(size)
        if isinstance(dropout, dict):
            model.dropout = build_member(dropout)
        return model


MODELS["MLP"] = MLP


def _sizes(given: Any) -> list:
    if isinstance(given, int | np.integer):
        return [given]
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(
            f"MLP: expected sizes such as (128, 10), got {describe(given)}. Give whole numbers."
        )
    return list(given)


def _size(path: str, layer: Any) -> Any:
    """Return out_size of a layer as the constructor makes it; of any other, all that it is."""
    entry = member_entry(path, layer)
    if type(layer) is Linear:
        with deferred():
            if entry == layer_config(Linear(layer.out_size, in_size=layer.in_size), MODELS):
                return layer.out_size
    return entry


def _ratio(dropout: Any) -> Any:
    if dropout is None:
        return None
    entry = member_entry("dropout", dropout)
    plain = type(dropout) is Dropout and dropout.seed is None and dropout.name is None
    return dropout.dropout_ratio if plain else entry

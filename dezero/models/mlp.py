"""Fully connected layers with an activation between them."""

from collections.abc import Sequence
from typing import Any

from dezero.core import Variable
from dezero.functions import sigmoid
from dezero.layers import Dropout, Linear, function_of, saved_name, shown_name
from dezero.models.numbered import Numbered
from dezero.models.table import MODELS


class MLP(Numbered):
    """Linear layers of the given sizes, the activation after all of them but the last.

    Args:
        fc_output_sizes: out_size of each layer, such as (128, 10); a number for one layer.
        activation: function or its name.
        dropout: ratio dropped after each activation; None for no dropout.
        name: for people.
    Raises:
        ValueError: there is no size.
    """

    def __init__(
        self,
        fc_output_sizes: Sequence[int] | int,
        activation: Any = sigmoid,
        *,
        dropout: float | None = None,
        name: str | None = None,
    ) -> None:
        sizes = [fc_output_sizes] if isinstance(fc_output_sizes, int) else list(fc_output_sizes)
        if not sizes:
            raise ValueError("MLP: expected at least one size, got none. Try MLP((128, 10)).")
        self.name = name
        self.activation: Any = function_of(activation) or function_of("identity")
        self.layers = [Linear(size) for size in sizes]
        self.dropout = None if dropout is None else Dropout(dropout)

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
            "fc_output_sizes": [layer.out_size for layer in self.layers],
            "activation": saved_name(f"layer {self.name or 'MLP'}", self.activation),
            "dropout": None if self.dropout is None else self.dropout.dropout_ratio,
        }


MODELS["MLP"] = MLP

"""Vectors for integers."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.core import Parameter, Variable
from dezero.functions import embed_id
from dezero.layers import parameters
from dezero.layers.layer import Layer


class EmbedID(Layer):
    """y = W[x]: one row of W for each integer in x.

    Args:
        in_size: how many different integers there are, 0 to in_size - 1.
        out_size: length of a row.
        dtype: floating dtype of W, shape (in_size, out_size).
        initializer: first values of W; the standard normal distribution, as in the book.
        name: for people.
    """

    def __init__(
        self,
        in_size: int,
        out_size: int,
        *,
        dtype: DTypeLike = np.float32,
        initializer: Any = None,
        name: str | None = None,
    ) -> None:
        self.in_size = parameters.checked_size("EmbedID: expected in_size", in_size)
        self.out_size = parameters.checked_size("EmbedID: expected out_size", out_size)
        self.dtype = parameters.checked_dtype("EmbedID", dtype)
        self.name = name
        self.initializer = (
            initializers.Normal(std=1.0) if initializer is None else initializers.get(initializer)
        )
        self.W = Parameter(None, "W")
        parameters.fill(self.W, self.initializer, (self.in_size, self.out_size), self.dtype)

    @property
    def input_dtype(self) -> Any:
        return np.int64

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return embed_id(x, self.W)

    def details(self) -> str:
        return f"{self.in_size} -> {self.out_size}"

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        return (self.in_size, self.out_size), self.dtype

    def config(self) -> dict[str, Any]:
        return {
            "in_size": self.in_size,
            "out_size": self.out_size,
            "dtype": self.dtype.name,
            **parameters.saved_initializer("initializer", self.initializer),
        }

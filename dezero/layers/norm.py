"""Normalisation."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.core import Parameter, Variable
from dezero.functions import layer_norm
from dezero.layers import parameters
from dezero.layers.layer import Layer


class LayerNorm(Layer):
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and var over the last axis.

    Args:
        size: features on the last axis; None takes them from the first call.
        eps: keeps the root away from 0.
        dtype: floating dtype of gamma and beta, shape (size,).
        name: for people.
    Reference: Ba, Kiros and Hinton 2016, "Layer normalization", eq. 4.
    """

    def __init__(
        self,
        size: int | None = None,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
        *,
        name: str | None = None,
    ) -> None:
        if not float(eps) > 0:
            raise ValueError(f"LayerNorm: expected eps > 0, got {eps}. Try 1e-5.")
        self.size = size
        self.eps = float(eps)
        self.dtype = parameters.checked_dtype("LayerNorm", dtype)
        self.name = name
        self.gamma, self.beta = Parameter(None, "gamma"), Parameter(None, "beta")
        if size is not None:
            self.size = parameters.checked_size("LayerNorm: expected size", size)
            for param, first in self._first_values():
                parameters.fill(param, first, (self.size,), self.dtype)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        if self.gamma.data is None:
            self.size = parameters.last_size(self, x)
            for param, first in self._first_values():
                parameters.fill_beside(x, param, first, (self.size,), self.dtype)
        return layer_norm(x, self.gamma, self.beta, self.eps)

    def _first_values(self) -> tuple:
        return (self.gamma, initializers.Ones()), (self.beta, initializers.Zeros())

    def details(self) -> str:
        return "?" if self.size is None else str(self.size)

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        return (self.size or "size",), self.dtype

    def weights_loaded(self) -> None:
        self.size = self.gamma.shape[0]

    def config(self) -> dict[str, Any]:
        return {"size": self.size, "eps": self.eps, "dtype": self.dtype.name}

"""Dropout."""

from typing import Any

import numpy as np

from dezero.backend.philox import Stream, stream_key
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.functions import dropout
from dezero.layers import parameters
from dezero.layers.layer import Layer


class Dropout(Layer):
    """Zero each element with probability `dropout_ratio` in training, and scale up the rest.

    Args:
        dropout_ratio: from 0 up to but not including 1.
        seed: gives the layer random numbers of its own; None draws from `dezero.backend.random`.
        name: for people.
    Note: in `test_mode()` the layer hands x on unchanged.
    Reference: Srivastava et al. 2014, "Dropout"; scaled in training, not in testing.
    """

    def __init__(
        self, dropout_ratio: float = 0.5, *, seed: int | None = None, name: str | None = None
    ) -> None:
        self.dropout_ratio = parameters.checked_ratio("Dropout", dropout_ratio)
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer)):
            raise TypeError(f"Dropout: expected an integer as seed, got {describe(seed)}. Try 0.")
        if seed is not None and seed < 0:
            raise ValueError(f"Dropout: expected seed >= 0, got {seed}. Change its sign.")
        self.seed = None if seed is None else int(seed)
        self.name = name
        self._rng = None if seed is None else Stream(stream_key(seed))

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return dropout(x, self.dropout_ratio, rng=self._rng)

    def details(self) -> str:
        return f"{self.dropout_ratio:g}"

    def config(self) -> dict[str, Any]:
        return {"dropout_ratio": self.dropout_ratio, "seed": self.seed}

"""Classes and numbers as columns or bins: CategoryEncoding, Discretization."""

from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.core import Variable, as_array
from dezero.keras.layers.weighted import Weighted, checked_words

__all__ = ["CategoryEncoding", "Discretization"]


class CategoryEncoding(Weighted):
    """Whole numbers as rows of 0 and 1, or of counts.

    Args:
        num_tokens: how many classes there are, from 0.
        output_mode: "multi_hot", "one_hot" or "count".
    """

    fields = ("num_tokens", "output_mode")

    def __init__(self, num_tokens: int, output_mode: str = "multi_hot", **kwargs: Any) -> None:
        kwargs.pop("sparse", None)
        super().__init__(**kwargs)
        if isinstance(num_tokens, bool) or not isinstance(num_tokens, int) or num_tokens < 1:
            raise ValueError(
                f"CategoryEncoding: expected num_tokens above 0, got {num_tokens!r}. "
                "Count the classes."
            )
        self.num_tokens = num_tokens
        modes = ("multi_hot", "one_hot", "count")
        self.output_mode = checked_words("CategoryEncoding", "output_mode", output_mode, modes)

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """Return (..., num_tokens) in the layer's dtype; count_weights, what each counts.

        Raises:
            ValueError: there is a class that is none of num_tokens.
        """
        x = np.asarray(to_host(as_array(inputs)))
        if x.size and not (0 <= x.min() and x.max() < self.num_tokens):
            raise ValueError(
                f"CategoryEncoding: expected classes from 0 to {self.num_tokens - 1}, got "
                f"{x.min()} to {x.max()}. Raise num_tokens."
            )
        rows = encoded(x, self.num_tokens, self.output_mode, count_weights)
        return Variable.constant(rows.astype(self.dtype))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the rows."""
        return encoded_shape(tuple(input_shape), self.num_tokens, self.output_mode)


class Discretization(Weighted):
    """The bin of each number: 0 below the first boundary, 1 from it on, and so on.

    Args:
        bin_boundaries: numbers in their order.
        num_bins: how many bins `adapt` makes, with as many numbers in each.
        epsilon: accepted; the quantiles here are exact.
        output_mode: "int", "one_hot", "multi_hot" or "count".
    """

    fields = ("bin_boundaries", "num_bins", "epsilon", "output_mode")

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        **kwargs: Any,
    ) -> None:
        kwargs.pop("sparse", None)
        super().__init__(**kwargs)
        if bin_boundaries is None and num_bins is None:
            raise ValueError(
                "Discretization: expected bin_boundaries or num_bins, got neither. Give one."
            )
        self.bin_boundaries = None if bin_boundaries is None else sorted(map(float, bin_boundaries))
        self.num_bins, self.epsilon = num_bins, epsilon
        modes = ("int", "one_hot", "multi_hot", "count")
        self.output_mode = checked_words("Discretization", "output_mode", output_mode, modes)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Set the boundaries so that each bin holds as many of these numbers."""
        if hasattr(data, "cardinality"):
            parts = [b[0] if isinstance(b, tuple) else b for b in data]
            data = np.concatenate([np.ravel(np.asarray(part)) for part in parts])
        x = np.sort(np.ravel(np.asarray(data, np.float64)))
        shares = np.arange(1, self.num_bins or 1) / (self.num_bins or 1)
        places = np.ceil(shares * len(x)).astype(int) - 1
        self.bin_boundaries = [float(v) for v in x[places]]

    def call(self, inputs: Any) -> Any:
        """Return the bins as int32, or rows as `CategoryEncoding` gives them.

        Raises:
            RuntimeError: there are no boundaries yet.
        """
        if self.bin_boundaries is None:
            raise RuntimeError("Discretization: expected boundaries, got none. Call adapt(data).")
        x = np.asarray(to_host(as_array(inputs)))
        bins = np.searchsorted(np.asarray(self.bin_boundaries), x, side="right").astype(np.int32)
        if self.output_mode == "int":
            return Variable.constant(bins)
        return Variable.constant(encoded(bins, self._count(), self.output_mode).astype(self.dtype))

    def _count(self) -> int:
        return len(self.bin_boundaries or ()) + 1

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the bins, or of the rows."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        return encoded_shape(shape, self._count(), self.output_mode)

    def output_dtype(self, inputs: tuple) -> Any:
        """Return int32 for bins."""
        return "int32" if self.output_mode == "int" else self.dtype


def encoded(x: np.ndarray, count: int, mode: str, weights: Any = None) -> np.ndarray:
    """Return whole numbers as rows of `count` columns."""
    at = x.astype(np.int64)[..., None] == np.arange(count)
    if mode == "one_hot":
        return at[..., 0, :] if x.ndim and x.shape[-1] == 1 else at
    if mode == "multi_hot":
        return at.any(-2) if x.ndim else at
    counts = at if weights is None else at * np.asarray(to_host(as_array(weights)))[..., None]
    return counts.sum(-2)


def encoded_shape(shape: tuple, count: int, mode: str) -> tuple:
    """Return the shape of `encoded`."""
    if mode == "one_hot":
        return (*(shape[:-1] if shape and shape[-1] == 1 else shape), count)
    return (*shape[:-1], count)

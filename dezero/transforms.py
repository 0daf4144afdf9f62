"""Changes to one sample or to a whole batch of samples: arrays in, arrays out.

A transform is any callable on one sample. Those here also have `batch`, which does the same to an
array whose first axis counts samples, in one NumPy call instead of one per sample.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["AsType", "Compose", "Flatten", "Normalize", "ToFloat", "ToInt", "apply_batch"]

SLAB = 1024


def apply_batch(transform: Callable[[Any], Any] | None, xs: Any) -> Any:
    """Apply `transform` to each of `xs`, at once where the transform has a `batch` method.

    Args:
        transform: a callable on one sample; None changes nothing.
        xs: array, the first axis counts samples.
    Returns:
        Array with the same first axis.
    """
    if transform is None:
        return xs
    batch = getattr(transform, "batch", None)
    if batch is not None:
        return batch(xs if hasattr(xs, "dtype") else np.asarray(xs))
    return np.stack([np.asarray(transform(x)) for x in xs]) if len(xs) else xs


class Compose:
    """Apply `transforms` one after the other; an empty sequence changes nothing."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]] = ()) -> None:
        self.transforms = list(transforms or ())

    def __call__(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def batch(self, xs: Any) -> Any:
        """Do the same to each sample of (N, ...)."""
        if len(xs) <= SLAB or len(self.transforms) < 2:
            return self._batch(xs)
        # A whole data set goes through slab by slab: what lies between two transforms stays small.
        first = self._batch(xs[:SLAB])
        result = np.empty((len(xs), *first.shape[1:]), first.dtype)
        result[:SLAB] = first
        for start in range(SLAB, len(xs), SLAB):
            part = self._batch(xs[start : start + SLAB])
            if part.dtype != result.dtype:  # as stacking all at once would have it
                result = result.astype(np.result_type(result, part), copy=False)
            result[start : start + SLAB] = part
        return result

    def _batch(self, xs: Any) -> Any:
        for transform in self.transforms:
            xs = apply_batch(transform, xs)
        return xs


class Flatten:
    """Lay a sample out as one row: (C, H, W) becomes (C*H*W,)."""

    def __call__(self, x: Any) -> np.ndarray:
        return np.asarray(x).reshape(-1)

    def batch(self, xs: np.ndarray) -> np.ndarray:
        """Do the same to each sample: (N, C, H, W) becomes (N, C*H*W)."""
        return xs.reshape(len(xs), -1) if len(xs) else xs.reshape(0, int(np.prod(xs.shape[1:])))


class AsType:
    """Convert to `dtype`; an array that has it already is passed on as it is."""

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)

    def __call__(self, x: Any) -> Any:
        return np.asarray(x).astype(self.dtype, copy=False)

    def batch(self, xs: Any) -> Any:
        """Do the same to (N, ...)."""
        return self(xs)


class ToFloat(AsType):
    """Convert to float32."""

    def __init__(self, dtype: Any = np.float32) -> None:
        super().__init__(dtype)


class ToInt(AsType):
    """Convert to int64, the integer type of labels and indices."""

    def __init__(self, dtype: Any = np.int64) -> None:
        super().__init__(dtype)


class Normalize:
    """Shift and scale: y = (x - mean) / std.

    Args:
        mean: a number, or one number per channel of (C, ...).
        std: as mean, without zeros.
    Raises:
        ValueError: std is zero or not finite, or the channels do not fit the sample.
    Note: integer samples become float32 first; subtracting from uint8 would wrap around.
    """

    def __init__(self, mean: Any = 0.0, std: Any = 1.0) -> None:
        self.mean = _as_numbers(mean)
        self.std = _as_numbers(std)
        if not np.all(np.isfinite(self.std)) or np.any(np.equal(self.std, 0)):
            raise ValueError(f"Normalize: expected finite std != 0, got {std}. Use std=1 there.")

    def __call__(self, x: Any) -> np.ndarray:
        return self._normalize(np.asarray(x), channel_axis=0)

    def batch(self, xs: np.ndarray) -> np.ndarray:
        """Do the same to each sample of (N, C, ...)."""
        return self._normalize(xs, channel_axis=1)

    def _normalize(self, x: np.ndarray, channel_axis: int) -> np.ndarray:
        if x.dtype.kind not in "fc":
            x = x.astype(np.float32)
        if not np.any(self.mean):
            return x / self._fit(self.std, x, channel_axis)
        y = x - self._fit(self.mean, x, channel_axis)
        y /= self._fit(self.std, x, channel_axis)
        return y

    @staticmethod
    def _fit(value: Any, x: np.ndarray, axis: int) -> Any:
        """Return a plain number as it is, and one per channel shaped to broadcast against x."""
        if not isinstance(value, np.ndarray):
            return value
        if axis >= x.ndim or x.shape[axis] != len(value):
            raise ValueError(
                f"Normalize: expected {len(value)} channels on axis {axis}, got shape {x.shape}. "
                "Give one mean and one std for each channel, or a plain number for all."
            )
        shape = [1] * x.ndim
        shape[axis] = len(value)
        return value.astype(x.dtype).reshape(shape)


def _as_numbers(value: Any) -> Any:
    """Return a Python float, which takes the sample's dtype, or a 1-d array of one per channel."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim > 1:
        raise ValueError(
            f"Normalize: expected a number or one per channel, got shape {array.shape}. "
            "Flatten it first."
        )
    return float(array) if array.ndim == 0 else array

"""Changes of values and their layout: types, normalisation, flattening. Any sample, any axes."""

from typing import Any, NamedTuple

import numpy as np

from dezero.transforms.formats import is_picture

__all__ = ["AsType", "Flatten", "Normalize", "Scaling", "ToFloat", "ToInt"]


class Scaling(NamedTuple):
    """What a transform does that computes (x - mean) / std and lays out x, and nothing else.

    A transform tells it by a method `as_scaling()`, whose None says that it does something else.
    Each of the two steps is rounded to `dtype`; None is that of x; uint8 is scaled in float32.
    """

    mean: float = 0.0
    std: float = 1.0
    dtype: np.dtype | None = None
    is_flat: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it changes no number, but for its type."""
        return (self.mean, self.std) == (0.0, 1.0)

    def then(self, other: "Scaling | None") -> "Scaling | None":
        """Return both one after the other as one, of x in uint8 or float32; None if that rounds
        to other numbers."""
        known = self.dtype or (None if self.is_plain else np.dtype(np.float32))
        if other is None or (known and other.dtype and other.dtype != known):
            return None
        if not other.is_plain and (not self.is_plain or (known and known.kind != "f")):
            return None
        mean, std = (other if self.is_plain else self)[:2]
        return Scaling(mean, std, known or other.dtype, self.is_flat or other.is_flat)


class Flatten:
    """Lay a sample out as one row: (C, H, W) becomes (C*H*W,)."""

    def __call__(self, x: Any) -> np.ndarray:
        return _as_array("Flatten", x).reshape(-1)

    def batch(self, xs: np.ndarray) -> np.ndarray:
        """Do the same to each sample: (N, C, H, W) becomes (N, C*H*W)."""
        return xs.reshape(len(xs), -1) if len(xs) else xs.reshape(0, int(np.prod(xs.shape[1:])))

    def as_scaling(self) -> Scaling | None:
        """Return what it does to each value: nothing."""
        return Scaling(is_flat=True) if type(self) is Flatten else None


class AsType:
    """Convert to `dtype`; an array that has it already is passed on as it is."""

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)

    def __call__(self, x: Any) -> Any:
        return _as_array(type(self).__name__, x).astype(self.dtype, copy=False)

    def batch(self, xs: Any) -> Any:
        """Do the same to (N, ...)."""
        return self(xs)

    def as_scaling(self) -> Scaling | None:
        """Return what it does to each value: None for a subclass of somebody else's."""
        return Scaling(dtype=self.dtype) if type(self) in (AsType, ToFloat, ToInt) else None


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
        return self._normalize(_as_array("Normalize", x), channel_axis=0)

    def batch(self, xs: np.ndarray) -> np.ndarray:
        """Do the same to each sample of (N, C, ...)."""
        return self._normalize(xs, channel_axis=1)

    def as_scaling(self) -> Scaling | None:
        """Return what it does to each value of uint8 or float32; None where channels differ."""
        plain = isinstance(self.mean, float) and isinstance(self.std, float)
        if type(self) is not Normalize or not plain or (self.mean, self.std) == (0.0, 1.0):
            return None  # even of 0 and 1 integers become floats
        return Scaling(self.mean, self.std)

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


def _as_array(name: str, x: Any) -> np.ndarray:
    if is_picture(x):
        raise TypeError(
            f"{name}: expected an array, got a Pillow image ({x.mode}). Put ToArray before it."
        )
    return np.asarray(x)

"""Layers that add pixels or times, or take them away: ZeroPadding, Cropping, UpSampling."""

from collections.abc import Callable
from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.functions.windows import paddings, sizes
from dezero.keras.layers.preprocessing import INTERPOLATIONS
from dezero.keras.layers.weighted import Weighted, checked_format, checked_words

NONE = (0, 0)
Border = tuple[tuple[int, int], tuple[int, int]]


class _Pictures(Weighted):
    """A layer of pictures that changes their height and width."""

    data_format: str

    def _axes(self) -> tuple[int, int]:
        return (1, 2) if self.data_format == "channels_last" else (2, 3)

    def _resized(self, input_shape: Any, change: Callable[[int, int], int]) -> tuple:
        """Return the shape after `change(i, size)` of height (i = 0) and width (1)."""
        shape = list(input_shape)
        for i, axis in enumerate(self._axes()):
            shape[axis] = None if shape[axis] is None else change(i, shape[axis])
        return tuple(shape)


def _border(kind: str, name: str, value: Any) -> Border:
    """Return an int, a pair or ((top, bottom), (left, right)) as the last."""
    if isinstance(value, list):
        value = tuple(tuple(v) if isinstance(v, list) else v for v in value)
    if isinstance(value, str):
        raise TypeError(f"{kind}: expected numbers as {name}, got {value!r}. Try ((1, 1), (1, 1)).")
    rows, columns = paddings(kind, value, (1, 1), (1, 1))
    return rows, columns


class ZeroPadding2D(_Pictures):
    """Add zeros around pictures.

    Args:
        padding: int, pair, or ((top, bottom), (left, right)).
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = ("padding", "data_format")

    def __init__(
        self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.padding = _border("ZeroPadding2D", "padding", padding)
        self.data_format = checked_format("ZeroPadding2D", data_format)

    def call(self, inputs: Any) -> Any:
        """Return the pictures with their border."""
        layout = "NHWC" if self.data_format == "channels_last" else "NCHW"
        return F.pad2d(inputs, self.padding, layout=layout)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape with the border."""
        return self._resized(input_shape, lambda i, size: size + sum(self.padding[i]))


class ZeroPadding1D(Weighted):
    """Add zero times before and after sequences: an int or a pair."""

    fields = ("padding", "data_format")

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = sizes("ZeroPadding1D", "padding", padding, 2, 0)
        self.data_format = checked_format("ZeroPadding1D", data_format)

    def call(self, inputs: Any) -> Any:
        """Return the sequences with their border."""
        last = self.data_format == "channels_last"
        return F.pad(inputs, (NONE, self.padding, NONE) if last else (NONE, NONE, self.padding))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape with the border."""
        axis, shape = (1 if self.data_format == "channels_last" else 2), list(input_shape)
        shape[axis] = None if shape[axis] is None else shape[axis] + sum(self.padding)
        return tuple(shape)


class Cropping2D(_Pictures):
    """Cut pixels off pictures.

    Args:
        cropping: int, pair, or ((top, bottom), (left, right)).
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = ("cropping", "data_format")

    def __init__(
        self, cropping: Any = (NONE, NONE), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = _border("Cropping2D", "cropping", cropping)
        self.data_format = checked_format("Cropping2D", data_format)

    def call(self, inputs: Any) -> Any:
        """Return what is left of the pictures."""
        shape = inputs.shape
        places = tuple(
            slice(before, shape[axis] - after)
            for axis, (before, after) in zip(self._axes(), self.cropping, strict=True)
        )
        self.compute_output_shape(shape)
        lead = (slice(None),) * self._axes()[0]
        return F.get_item(Variable.wrap(inputs), (*lead, *places))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of what is left; ValueError if nothing is."""
        return self._resized(
            input_shape, lambda i, size: _cut("Cropping2D", size, self.cropping[i])
        )


class Cropping1D(Weighted):
    """Cut times off sequences (N, T, C): an int or a pair (before, after)."""

    fields = ("cropping",)

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = sizes("Cropping1D", "cropping", cropping, 2, 0)

    def call(self, inputs: Any) -> Any:
        """Return what is left of the sequences."""
        self.compute_output_shape(inputs.shape)
        before, after = self.cropping
        return F.get_item(
            Variable.wrap(inputs), (slice(None), slice(before, inputs.shape[1] - after))
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of what is left; ValueError if nothing is."""
        n, length, *rest = input_shape
        return (n, None if length is None else _cut("Cropping1D", length, self.cropping), *rest)


def _cut(kind: str, size: int, border: tuple[int, ...]) -> int:
    if sum(border) >= size:
        raise ValueError(
            f"{kind}: expected cropping that leaves something, got {border} of {size}. Cut less."
        )
    return size - sum(border)


class UpSampling2D(_Pictures):
    """Make pictures larger by whole factors.

    Args:
        size: int or pair.
        data_format: "channels_last" (the default) or "channels_first".
        interpolation: "nearest", "bilinear", "bicubic", "area", "lanczos3" or "lanczos5".
    """

    fields = ("size", "data_format", "interpolation")

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = sizes("UpSampling2D", "size", size, 2, 1)
        self.data_format = checked_format("UpSampling2D", data_format)
        self.interpolation = checked_words(
            "UpSampling2D", "interpolation", interpolation, INTERPOLATIONS
        )

    def call(self, inputs: Any) -> Any:
        """Return the larger pictures."""
        layout = "NHWC" if self.data_format == "channels_last" else "NCHW"
        if self.interpolation == "nearest":
            return F.upsample(inputs, self.size, layout=layout)
        rows, columns = self._axes()
        size = inputs.shape[rows] * self.size[0], inputs.shape[columns] * self.size[1]
        return F.resize2d(inputs, size, self.interpolation, layout=layout)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the larger shape."""
        return self._resized(input_shape, lambda i, size: size * self.size[i])


class UpSampling1D(Weighted):
    """Repeat each time of sequences (N, T, C) `size` times."""

    fields = ("size",)

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = sizes("UpSampling1D", "size", size, 1, 1)[0]

    def call(self, inputs: Any) -> Any:
        """Return the longer sequences."""
        return F.upsample(inputs, self.size, layout="NLC")

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the longer shape."""
        n, length, *rest = input_shape
        return (n, None if length is None else length * self.size, *rest)

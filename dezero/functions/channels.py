"""Where the channels of x are: what normalisations of channels share."""

from math import prod
from typing import Any

from dezero.backend import xp
from dezero.core import Variable, floating
from dezero.core.errors import describe, lookup

__all__: list[str] = []

# Axis of the channels. "NCHW" and "NHWC" stand for any number of axes.
LAYOUTS = {"NCHW": 1, "NHWC": -1, "NCL": 1, "NLC": -1, "NCDHW": 1, "NDHWC": -1}


def channel_axis(name: str, x: Any, layout: str) -> int:
    """Return the axis of the channels of `x`, counted from 0; `name` is who asks.

    Raises:
        ValueError: there is no such layout, or x has fewer than 2 axes or more than 5.
    """
    axis = lookup(f"{name}: layout", layout, LAYOUTS)
    if not 2 <= x.ndim <= 5:
        raise ValueError(
            f"{name}: expected x (N, C) with up to three axes of space, got {describe(x)}. "
            "Reshape it, or add an axis with x[None]."
        )
    return axis % x.ndim


def other_axes(ndim: int, axis: int) -> tuple[int, ...]:
    """Return all axes but `axis`."""
    return tuple(i for i in range(ndim) if i != axis)


def by_channel(v: Any, ndim: int, axis: int) -> Any:
    """Return array or Variable (C,) in the shape that broadcasts along `axis` of `ndim` axes."""
    return v.reshape(tuple(-1 if i == axis else 1 for i in range(ndim)))


def per_channel(name: str, which: str, value: Any, x: Variable, axis: int) -> Variable:
    """Return scale (`which` is gamma) or shift (C,), constant ones or zeros if it was not given.

    Raises:
        RuntimeError: value is a Parameter that has no data yet.
        ValueError: value is not of shape (C,).
    """
    size = x.shape[axis]
    if value is None:
        fill = xp(x.data).ones if which == "gamma" else xp(x.data).zeros
        return Variable.constant(fill(size, dtype=floating(x.data).dtype))
    value = Variable.wrap(value)
    if value.data is None:
        raise RuntimeError(
            f"{name}: expected {which} of shape ({size},), got a Parameter whose shape is not "
            "known yet. Call its layer once, or build(input_shape)."
        )
    if value.shape != (size,):
        raise ValueError(
            f"{name}: expected {which} of shape ({size},), one for each channel of x "
            f"{describe(x)} along axis {axis}, got {describe(value)}. Check layout, or reshape it."
        )
    return value


class Channels:
    """How an array with channels along `axis` is seen as (S, A, C, B), in one piece.

    Channels are normalised along A and B, in each of S samples; S is 1 unless `by_sample`. B is 1
    where channels are last in memory, A where they are not. Only an array whose memory has another
    order than these two is copied; results get the order of memory of `x`.
    """

    def __init__(self, x: Any, axis: int, by_sample: bool = False) -> None:
        last = (*other_axes(x.ndim, axis), axis)
        first = (0, axis, *(i for i in range(1, x.ndim) if i != axis))
        is_last = x.transpose(last).flags.c_contiguous
        if not is_last and not x.transpose(first).flags.c_contiguous:
            is_last = abs(x.strides[axis]) <= min(abs(x.strides[i]) for i in last[:-1])
        self.order = last if is_last else first
        self.moved = tuple(x.shape[i] for i in self.order)
        n, c, pixels = x.shape[0], x.shape[axis], prod(x.shape[i] for i in first[2:])
        if is_last:
            self.shape = (n, pixels, c, 1) if by_sample else (1, n * pixels, c, 1)
        else:
            self.shape = (n, 1, c, pixels) if by_sample else (1, n, c, pixels)

    def view(self, x: Any) -> Any:
        """Return array `x` as (S, A, C, B)."""
        return xp(x).ascontiguousarray(x.transpose(self.order)).reshape(self.shape)

    def back(self, y: Any) -> Any:
        """Undo `view`."""
        inverse = sorted(range(len(self.order)), key=self.order.__getitem__)
        return y.reshape(self.moved).transpose(inverse)

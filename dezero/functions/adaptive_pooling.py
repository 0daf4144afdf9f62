"""Pooling to a given size: one number per channel, or so many bins along each axis."""

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.average_pooling import average_pooling
from dezero.functions.indexing import take_along_axis
from dezero.functions.pictures import three_axes
from dezero.functions.pooling import pooling
from dezero.functions.reduction import mean
from dezero.functions.shape import reshape, transpose
from dezero.functions.taps import Resample, Taps
from dezero.functions.windows import sizes

__all__ = [
    "adaptive_average_pooling",
    "adaptive_max_pooling",
    "global_average_pooling",
    "global_max_pooling",
]


@differentiable
def global_average_pooling(x: Any, *, keepdims: bool = False, layout: str = "NCHW") -> Variable:
    """Mean of all pixels of each channel.

    Args:
        x: Variable or array (N, C, H, W), (N, H, W, C) with layout "NHWC", (N, C, L) with "NCL" or
            (N, L, C) with "NLC".
        keepdims: keep the axes of the pixels with size 1, as torch's AdaptiveAvgPool2d(1) does.
        layout: where the channels are.
    Returns:
        Variable (N, C), floating.
    Raises:
        ValueError: x has another number of axes, or no pixels.
    """
    x, axes = _pixel_axes("global_average_pooling", x, layout)
    return mean(x, axis=axes, keepdims=keepdims)


@differentiable
def global_max_pooling(x: Any, *, keepdims: bool = False, layout: str = "NCHW") -> Variable:
    """Largest of all pixels of each channel.

    Args:
        x, keepdims, layout: as in `global_average_pooling`.
    Returns:
        Variable (N, C), dtype of x.
    Raises:
        ValueError: x has another number of axes, or no pixels.
    Note: the gradient goes to the first of equal largest pixels, counted row by row; to the first
        NaN where there is one.
    """
    x, axes = _pixel_axes("global_max_pooling", x, layout)
    return _largest(x, axes, keepdims)


def _largest(x: Variable, axes: tuple[int, ...], keepdims: bool) -> Variable:
    rows = _rows(x, axes)
    y = take_along_axis(rows, rows.data.argmax(axis=2)[..., None], 2)  # (N, C, 1)
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return reshape(y, shape if keepdims else y.shape[:2])


_AXES = {"NCHW": (2, 3), "NHWC": (1, 2), "NCL": (2,), "NLC": (1,)}


def _pixel_axes(name: str, x: Any, layout: str) -> tuple[Variable, tuple[int, ...]]:
    x = Variable.wrap(x)
    axes = _AXES.get(layout, ())
    if not axes or x.ndim != len(layout) or 0 in [x.shape[i] for i in axes]:
        raise ValueError(
            f"{name}: expected x with the axes of layout {' or '.join(_AXES)} and with pixels, got "
            f"layout {layout!r} and x {describe(x)}. Say with layout what the axes are."
        )
    if x.dtype.kind not in "biuf":
        raise TypeError(
            f"{name}: expected real numbers, got x {describe(x)}. Take its real part, or abs."
        )
    return x, axes


def _rows(x: Variable, axes: tuple[int, ...]) -> Variable:
    """Return `x` as (N, C, pixels)."""
    last = axes[-1] < x.ndim - 1
    x = transpose(x, (0, x.ndim - 1, *axes)) if last else x
    return reshape(x, (*x.shape[:2], prod(x.shape[2:])))


@lru_cache(maxsize=256)
def bins(n: int, out: int) -> list[tuple[int, int]]:
    """Return where each of `out` bins of n pixels begins and ends; neighbours may overlap."""
    return [(o * n // out, -(-(o + 1) * n // out)) for o in range(out)]


@lru_cache(maxsize=256)
def bin_means(n: int, out: int) -> Taps:
    """Return the map from n pixels to the means of `out` bins."""
    parts = bins(n, out)
    counts = np.array([stop - start for start, stop in parts])
    ins = np.concatenate([np.arange(start, stop) for start, stop in parts])
    return Taps((out, n), np.repeat(np.arange(out), counts), ins, np.repeat(1 / counts, counts))


@differentiable
def adaptive_average_pooling(x: Any, output_size: Any, *, layout: str = "NCHW") -> Variable:
    """Mean of the pixels in each of so many bins.

    Args:
        x: Variable or array (N, C, H, W), (N, H, W, C) with layout "NHWC", (N, C, L) with "NCL" or
            (N, L, C) with "NLC".
        output_size: int, or one per axis; None in its place keeps the size. Bin o of n pixels goes
            from floor(o n / size) to ceil((o + 1) n / size), so that neighbours may overlap.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable (N, C, *output_size) or (N, *output_size, C), floating, memory in the order of x.
    Raises:
        ValueError: x has another number of axes, or no pixels.
        TypeError: output_size holds what is no integer.
    """
    return _adapted("adaptive_average_pooling", x, output_size, layout)


@differentiable
def adaptive_max_pooling(x: Any, output_size: Any, *, layout: str = "NCHW") -> Variable:
    """Largest pixel in each of so many bins.

    Args:
        x, output_size, layout: as in `adaptive_average_pooling`.
    Returns:
        Variable (N, C, *output_size) or (N, *output_size, C), dtype of x.
    Raises:
        ValueError: x has another number of axes, or no pixels.
        TypeError: output_size holds what is no integer.
    Note: the gradient goes to the first of equal largest pixels of a bin, counted row by row.
    """
    return _adapted("adaptive_max_pooling", x, output_size, layout)


def _adapted(name: str, x: Any, output_size: Any, layout: str) -> Variable:
    x, axes = _pixel_axes(name, x, layout)
    shape = tuple(x.shape[i] for i in axes)
    given = output_size if isinstance(output_size, tuple | list) else (output_size,) * len(shape)
    kept = [n if o is None else o for o, n in zip(given, shape, strict=False)]
    out = sizes(name, "output_size", kept + list(given[len(shape) :]), len(shape), 1)
    average, axis = name == "adaptive_average_pooling", 0
    if max(out) == 1:
        return mean(x, axis=axes, keepdims=True) if average else _largest(x, axes, True)
    if len(axes) == 1:
        x, layout, axis = three_axes(name, x, layout)
        shape, out = (1, *shape), (1, *out)
    if all(n % o == 0 for n, o in zip(shape, out, strict=True)):
        window = tuple(n // o for n, o in zip(shape, out, strict=True))
        y = (average_pooling if average else pooling)(x, window, None, layout=layout)
    elif average:
        maps = bin_means(shape[0], out[0]), bin_means(shape[1], out[1])
        y = Resample(maps, layout, name)(x)
    else:
        y = _bin_maxima(x, out, layout)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :]) if axis else y


def _bin_maxima(x: Variable, out: tuple[int, ...], layout: str) -> Variable:
    rows = _rows(x, _AXES[layout])
    h, w = (x.shape[i] for i in _AXES[layout])
    pixels = rows.data.reshape((*rows.shape[:2], h, w))
    places = []
    for top, bottom in bins(h, out[0]):
        for left, right in bins(w, out[1]):
            shape = (*rows.shape[:2], (bottom - top) * (right - left))
            i = pixels[:, :, top:bottom, left:right].reshape(shape).argmax(axis=2)
            places.append((top + i // (right - left)) * w + left + i % (right - left))
    y = take_along_axis(rows, xp(x.data).stack(places, axis=2), 2)  # (N, C, OH*OW)
    y = reshape(y, (*y.shape[:2], *out))
    return transpose(y, (0, 2, 3, 1)) if layout == "NHWC" else y

"""Pictures of another size: upsampling, borders, and channels that become pixels."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from dezero.core import Config, Variable, differentiable
from dezero.core.errors import describe, lookup
from dezero.functions.joining import pad as add_border
from dezero.functions.pictures import Pictures, three_axes
from dezero.functions.shape import astype, reshape, transpose
from dezero.functions.taps import Resample, Taps
from dezero.functions.windows import paddings, sizes
from dezero.transforms import RESIZE_METHODS, shares

__all__ = ["pad2d", "pixel_shuffle", "pixel_unshuffle", "resize2d", "upsample"]

_TO_NHWC, _TO_NCHW = (0, 2, 3, 1), (0, 3, 1, 2)

# Names of modes of `upsample`, and whether they draw straight lines between pixels.
MODES = {"nearest": False, "nearest-exact": False, "linear": True, "bilinear": True}
# Names of borders, and numpy.pad's name of those that are made of pixels.
BORDERS = {"constant": "", "edge": "edge", "replicate": "edge", "reflect": "reflect"}
BORDERS |= {"symmetric": "symmetric", "wrap": "wrap"}


@lru_cache(maxsize=256)
def nearest(n: int, out: int, scale: float | None, exact: bool = False) -> Taps:
    """Return the map from n pixels to `out`, each the nearest one to the left, or to its centre."""
    outs = np.arange(out)
    if exact:
        ratio = n / out if scale is None else 1 / scale
        ins = np.floor((outs + 0.5) * ratio).astype(int)
    elif scale is None or out == 2 * n:  # where torch halves the place
        ins = outs * n // out
    else:
        ins = np.floor(outs / scale).astype(int)
    return Taps((out, n), outs, np.minimum(ins, n - 1), np.ones(out))


@lru_cache(maxsize=256)
def linear(n: int, out: int, scale: float | None, align_corners: bool) -> Taps:
    """Return the map from n pixels to `out` that lie on straight lines between them."""
    outs = np.arange(out)
    if align_corners:
        at = outs * ((n - 1) / (out - 1) if out > 1 else 0.0)
    else:
        at = np.maximum((outs + 0.5) * (n / out if scale is None else 1 / scale) - 0.5, 0)
    left = np.minimum(np.floor(at).astype(int), n - 1)
    share = np.where(left < n - 1, at - left, 0.0)
    ins = np.concatenate((left, np.minimum(left + 1, n - 1)))
    return Taps((out, n), np.tile(outs, 2), ins, np.concatenate((1 - share, share)))


@lru_cache(maxsize=256)
def bordered(n: int, border: tuple[int, int], mode: str) -> Taps:
    """Return the map from n pixels to those with a border made of them, as numpy.pad makes it."""
    ins = np.pad(np.arange(n), border, mode=mode)  # type: ignore[call-overload]
    return Taps((len(ins), n), np.arange(len(ins)), ins, np.ones(len(ins)))


@differentiable
def upsample(
    x: Any,
    scale: Any = None,
    *,
    size: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
    layout: str = "NCHW",
) -> Variable:
    """Pictures or sequences of another size, pixel by pixel out of the ones around its place.

    Args:
        x: Variable or array (N, C, H, W), (N, H, W, C) with layout "NHWC", (N, C, L) with "NCL" or
            (N, L, C) with "NLC".
        scale: how many times as large, a number or one per axis; whole or not, below 1 too.
        size: the new size instead, an int or one per axis.
        mode: "nearest", "nearest-exact", or "linear" ("bilinear" says the same of pictures).
        align_corners: for "linear": corner pixels keep their place; else pixels are areas.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable, floating, memory in the order of x.
    Raises:
        ValueError: not one of scale and size is given, or there would be no pixels.
        TypeError: scale holds no number, or size no integer.
    Note: torch's places of pixels. "nearest" takes the pixel at floor(place / scale),
        "nearest-exact" that at floor((place + 1/2) / scale), as Keras does. "linear" does not
        smooth before it makes a picture smaller. An axis whose size stays is copied.
    """
    straight = lookup("upsample", mode, MODES)
    flat = layout in ("NCL", "NLC")
    x, layout, axis = three_axes("upsample", x, layout) if flat else (Variable.wrap(x), layout, 0)
    shape = Pictures.of("upsample", x.data, layout).size(x.data)
    outs, scales = _new_size(shape[1:] if flat else shape, scale, size)
    outs, scales = ((1, *outs), (None, *scales)) if flat else (outs, scales)
    parts = zip(shape, outs, scales, strict=True)
    exact = mode == "nearest-exact"
    maps = [linear(*part, align_corners) if straight else nearest(*part, exact) for part in parts]
    y = Resample((maps[0], maps[1]), layout, "upsample")(x)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :]) if flat else y


def _new_size(shape: tuple[int, ...], scale: Any, size: Any) -> tuple[tuple, tuple]:
    """Return the new size along each axis, and the scale where it is not their ratio."""
    if (scale is None) == (size is None):
        raise ValueError(
            f"upsample: expected scale or size, got scale={scale} and size={size}. Give one."
        )
    if min(shape) < 1:
        raise ValueError(
            f"upsample: expected pixels, got pictures of {tuple(shape)}. Leave empty ones out."
        )
    if size is not None:
        return sizes("upsample", "size", size, len(shape), 1), (None,) * len(shape)
    several = tuple(scale) if isinstance(scale, tuple | list | np.ndarray) else (scale,)
    scales = several * len(shape) if len(several) == 1 else several
    for s in scales:
        if isinstance(s, bool) or not isinstance(s, int | float | np.integer | np.floating):
            raise TypeError(f"upsample: expected numbers as scale, got {describe(s)}. Try 2.")
    outs = [
        math.floor(n * s) if 0 < s < math.inf else 0 for n, s in zip(shape, scales, strict=False)
    ]
    if len(scales) != len(shape) or min(outs) < 1:
        raise ValueError(
            f"upsample: expected a scale > 0 for each axis of {tuple(shape)} that leaves pixels, "
            f"got {scale}. Give one number for all, or one for each."
        )
    parts = zip(outs, shape, scales, strict=True)
    # Pixels that stay as many stay where they are, as in torch, whatever a scale near 1 says.
    return tuple(outs), tuple(None if out in (n, n * s) else float(s) for out, n, s in parts)


@lru_cache(maxsize=256)
def shared(n: int, out: int, method: str, antialias: bool) -> Taps:
    """Return the map from n pixels to `out` by the weights of a method of `resize2d`."""
    ins, weights = shares(n, out, method, antialias)
    outs = np.broadcast_to(np.arange(out), ins.shape)
    return Taps((out, n), outs.ravel(), ins.ravel(), weights.ravel())


@differentiable
def resize2d(
    x: Any,
    size: Any,
    method: str = "bilinear",
    *,
    antialias: bool = False,
    layout: str = "NCHW",
) -> Variable:
    """Pictures of another size by TensorFlow's rules, and the kernels it knows.

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        size: int, or (height, width).
        method: "bilinear", "nearest", "bicubic" (Keys, a = -1/2), "area", "lanczos3", "lanczos5",
            "gaussian" or "mitchellcubic".
        antialias: whether pictures that get smaller are smoothed.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable, floating, memory in the order of x.
    Raises:
        ValueError: method is unknown, or there are no pixels.
        TypeError: size holds no integer.
    Note: beyond the edge there is nothing: what is left of the weights adds up to 1. TensorFlow
        rounds the weights of "bicubic" to one of 1024 places unless it smooths.
    """
    x = Variable.wrap(x)
    method = lookup("resize2d", method, {name: name for name in RESIZE_METHODS})
    shape = Pictures.of("resize2d", x.data, layout).size(x.data)
    if min(shape) < 1:
        raise ValueError(
            f"resize2d: expected pixels, got pictures of {tuple(shape)}. Leave empty ones out."
        )
    outs = sizes("resize2d", "size", size, 2, 1)
    rows, columns = (shared(*pair, method, antialias) for pair in zip(shape, outs, strict=True))
    return Resample((rows, columns), layout, "resize2d")(x)


@differentiable
def pad2d(
    x: Any, pad: Any, mode: str = "constant", value: float = 0, *, layout: str = "NCHW"
) -> Variable:
    """Add a border to pictures.

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        pad: pixels: int, pair, or ((top, bottom), (left, right)).
        mode: "constant", "edge" ("replicate" in torch), "reflect", "symmetric" or "wrap", as in
            `pad`.
        value: of a constant border.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable, memory in the order of x; floating unless its dtype holds a constant border.
    Raises:
        ValueError: mode is unknown, or pad is negative or of another form.
        TypeError: pad holds what is no integer.
    """
    x = Variable.wrap(x)
    made = lookup("pad2d", mode, BORDERS)
    pictures = Pictures.of("pad2d", x.data, layout)
    shape = pictures.size(x.data)
    if isinstance(pad, str) or (made and min(shape) < 1):
        raise ValueError(
            f"pad2d: expected numbers of pixels around pictures that have some, got pad={pad!r} "
            f"and x {describe(x)}. Give an int or a pair."
        )
    rows, columns = paddings("pad2d", pad, shape, (1, 1))
    if made:
        maps = bordered(shape[0], rows, made), bordered(shape[1], columns, made)
        return Resample(maps, layout, "pad2d")(x)
    if x.dtype.kind != "f" and not _holds(x.dtype, value):
        x = astype(x, Config.dtype)
    y, back = _in_memory_order(x, pictures)
    none = (0, 0)
    widths = (none, none, rows, columns) if pictures.planar else (none, rows, columns, none)
    return back(add_border(y, widths, "constant", value))


def _holds(dtype: np.dtype, value: float) -> bool:
    """Return whether the integer or bool `dtype` has this value."""
    if dtype.kind == "b":
        return value in (0, 1)
    info = np.iinfo(dtype)
    return float(value).is_integer() and info.min <= value <= info.max


def _in_memory_order(x: Variable, pictures: Pictures) -> tuple[Variable, Any]:
    """Return `x` with its axes as the memory runs, and the function that brings them back."""
    if pictures.planar == (pictures.layout == "NCHW"):
        return x, lambda y: y
    if pictures.planar:
        return transpose(x, _TO_NCHW), lambda y: transpose(y, _TO_NHWC)
    return transpose(x, _TO_NHWC), lambda y: transpose(y, _TO_NCHW)


@differentiable
def pixel_shuffle(x: Any, factor: int, *, layout: str = "NCHW") -> Variable:
    """Make each factor**2 channels the pixels of one that is factor times as high and wide.

    Args:
        x: Variable or array (N, C factor**2, H, W), or (N, H, W, C factor**2) with layout "NHWC".
        factor: int.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable (N, C, H factor, W factor) or (N, H factor, W factor, C), dtype of x.
    Raises:
        ValueError: factor**2 does not divide the channels.
        TypeError: factor is no integer.
    Note: pixel (i, j) of a block comes from channel c factor**2 + i factor + j, in both layouts.
    Reference: Shi et al. 2016, "Real-time single image and video super-resolution", eq. 4.
    """
    x, pictures, (h, w), factor = _blocks("pixel_shuffle", x, factor, layout)
    n, c = pictures.batch, pictures.channels // factor**2
    if pictures.channels % factor**2:
        raise ValueError(
            f"pixel_shuffle: expected channels that {factor}**2 divides, got x {describe(x)}, "
            f"layout {layout}. Check factor and layout."
        )
    y, back = _in_memory_order(x, pictures)
    block = (factor, factor)
    y = reshape(y, (n, c, *block, h, w) if pictures.planar else (n, h, w, c, *block))
    y = transpose(y, (0, 1, 4, 2, 5, 3))
    large = h * factor, w * factor
    return back(reshape(y, (n, c, *large) if pictures.planar else (n, *large, c)))


@differentiable
def pixel_unshuffle(x: Any, factor: int, *, layout: str = "NCHW") -> Variable:
    """Undo `pixel_shuffle`: make the pixels of each block of factor x factor channels.

    Args:
        x: Variable or array (N, C, H factor, W factor), or (N, H factor, W factor, C) with layout
            "NHWC".
        factor: int.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable (N, C factor**2, H, W) or (N, H, W, C factor**2), dtype of x.
    Raises:
        ValueError: factor does not divide height and width.
        TypeError: factor is no integer.
    """
    x, pictures, (h, w), factor = _blocks("pixel_unshuffle", x, factor, layout)
    if h % factor or w % factor:
        raise ValueError(
            f"pixel_unshuffle: expected a height and width that {factor} divides, got x "
            f"{describe(x)}, layout {layout}. Cut a border off, or pad."
        )
    y, back = _in_memory_order(x, pictures)
    n, c, h, w = pictures.batch, pictures.channels, h // factor, w // factor
    rows, columns = (h, factor), (w, factor)
    y = reshape(y, (n, c, *rows, *columns) if pictures.planar else (n, *rows, *columns, c))
    y = transpose(y, (0, 1, 3, 5, 2, 4))
    c *= factor**2
    return back(reshape(y, (n, c, h, w) if pictures.planar else (n, h, w, c)))


def _blocks(name: str, x: Any, factor: Any, layout: str) -> tuple:
    """Return x, its pictures, their size and the factor, all checked."""
    x = Variable.wrap(x)
    pictures = Pictures.of(name, x.data, layout)
    return x, pictures, pictures.size(x.data), sizes(name, "factor", factor, 1, 1)[0]

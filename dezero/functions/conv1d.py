"""Convolution along one axis, and the book's convolution out of simpler functions."""

from typing import Any

from dezero.core import Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.columns import im2col
from dezero.functions.conv import conv2d, deconv2d
from dezero.functions.linalg import linear
from dezero.functions.shape import reshape, transpose
from dezero.functions.windows import get_conv_outsize, pair, sizes

__all__ = ["conv1d", "conv2d_simple", "deconv1d"]


@differentiable
def conv1d(
    x: Any,
    W: Any,
    b: Any = None,
    stride: Any = 1,
    pad: Any = 0,
    *,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "NCL",
) -> Variable:
    """Slide kernels along sequences: y[n,o,i] = b[o] + sum W[o,c,k] x[n,c,i stride + k dilation].

    Args:
        x: Variable or array (N, C, L), or (N, L, C) with layout "NLC".
        W: kernels (O, C/groups, K), or (K, C/groups, O) with layout "NLC".
        b: (O,), or None for no bias.
        stride, dilation, groups: ints.
        pad: zeros before and after: int, (before, after), "same", "valid", or "causal" for as many
            before as make y[i] depend on x[0] to x[i stride] alone.
        layout: where the channels are.
    Returns:
        Variable (N, O, OL) or (N, OL, O).
    Raises:
        ValueError: the shapes do not fit.
        TypeError: a size is no integer.
    """
    x, W, axis = _flat("conv1d", x, W, layout)
    step, spread = _one("conv1d", "stride", stride), _one("conv1d", "dilation", dilation)
    if pad == "causal":
        pad = ((W.shape[1 if axis == 1 else 3] - 1) * spread, 0)
    options = {"dilation": (1, spread), "groups": groups, "layout": _PICTURE[layout]}
    y = conv2d(x, W, b, (1, step), _padding("conv1d", pad), **options)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :])


@differentiable
def deconv1d(
    x: Any,
    W: Any,
    b: Any = None,
    stride: Any = 1,
    pad: Any = 0,
    *,
    outsize: Any = None,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "NCL",
) -> Variable:
    """Transposed `conv1d`: each element of x adds its multiple of a kernel to the result.

    Args:
        x: Variable or array (N, C, L), or (N, L, C) with layout "NLC".
        W: kernels (C, O/groups, K), or (K, O/groups, C) with layout "NLC".
        b: (O,), or None for no bias.
        stride, pad, dilation, groups, layout: as in `conv1d`; pad is cut off the result.
        outsize: length of the result; None for the smallest that fits.
    Returns:
        Variable (N, O, OL) or (N, OL, O).
    Raises:
        ValueError: the shapes do not fit, or no convolution goes from outsize to x.
        TypeError: a size is no integer.
    """
    x, W, axis = _flat("deconv1d", x, W, layout)
    step, spread = _one("deconv1d", "stride", stride), _one("deconv1d", "dilation", dilation)
    size = None if outsize is None else (1, _one("deconv1d", "outsize", outsize))
    options = {"dilation": (1, spread), "groups": groups, "layout": _PICTURE[layout]}
    y = deconv2d(x, W, b, (1, step), _padding("deconv1d", pad), size, **options)
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :])


_PICTURE = {"NCL": "NCHW", "NLC": "NHWC"}


def _flat(name: str, x: Any, W: Any, layout: str) -> tuple[Variable, Variable, int]:
    """Return x and W with an axis of one pixel in front of the length, and where x has it."""
    x, W = Variable.wrap(x), Variable.wrap(W)
    if layout not in _PICTURE:
        raise ValueError(
            f"{name}: expected layout 'NCL' or 'NLC', got {layout!r}. "
            "It says where the channels of x are."
        )
    if x.ndim != 3 or W.ndim != 3:
        raise ValueError(
            f"{name}: expected x and W with three axes, layout {layout}, got x {describe(x)} and "
            f"W {describe(W)}. Add the missing axes with reshape."
        )
    axis, front = (2, 2) if layout == "NCL" else (1, 0)
    x = reshape(x, (*x.shape[:axis], 1, *x.shape[axis:]))
    return x, reshape(W, (*W.shape[:front], 1, *W.shape[front:])), axis


def _one(name: str, what: str, value: Any) -> int:
    return sizes(name, what, value, 1, 1)[0]


def _padding(name: str, pad: Any) -> Any:
    if isinstance(pad, str):
        return pad
    return ((0, 0), sizes(name, "pad", pad, 2, 0))


@differentiable
def conv2d_simple(x: Any, W: Any, b: Any = None, stride: Any = 1, pad: Any = 0) -> Variable:
    """Convolution out of `im2col` and `linear`, as the book derives it; see `conv2d`.

    Args:
        x, W, b, stride, pad: as in `conv2d`, pad an int or a pair.
    Returns:
        Variable (N, O, OH, OW).
    """
    x, W = Variable.wrap(x), Variable.wrap(W)
    n, _, h, w = x.shape
    outs, _, kh, kw = W.shape
    (sh, sw), (ph, pw) = pair(stride), pair(pad)
    oh, ow = get_conv_outsize(h, kh, sh, ph), get_conv_outsize(w, kw, sw, pw)
    columns = im2col(x, (kh, kw), stride, pad)  # (N*OH*OW, C*KH*KW)
    y = linear(columns, transpose(reshape(W, (outs, -1))), b)
    return transpose(reshape(y, (n, oh, ow, outs)), (0, 3, 1, 2))

"""Convolution along one axis, and the book's convolution out of simpler functions."""

from typing import Any

from dezero.core import Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.columns import im2col
from dezero.functions.conv import Conv2d, Deconv2d
from dezero.functions.linalg import linear
from dezero.functions.pictures import three_axes
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
    x, W, picture, axis = _flat("conv1d", x, W, layout)
    step, spread = _one("conv1d", "stride", stride), _one("conv1d", "dilation", dilation)
    if isinstance(pad, str) and pad.lower() == "causal":
        pad = ((W.shape[1 if axis == 1 else 3] - 1) * spread, 0)
    options = {"dilation": (1, spread), "groups": groups, "layout": picture}
    function = Conv2d((1, step), _padding("conv1d", pad), **options)
    return _called("conv1d", function, (x, W, b), axis)


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
    x, W, picture, axis = _flat("deconv1d", x, W, layout)
    step, spread = _one("deconv1d", "stride", stride), _one("deconv1d", "dilation", dilation)
    size = None if outsize is None else (1, _one("deconv1d", "outsize", outsize))
    options = {"dilation": (1, spread), "groups": groups, "layout": picture}
    function = Deconv2d((1, step), _padding("deconv1d", pad), size, **options)
    return _called("deconv1d", function, (x, W, b), axis)


def _flat(name: str, x: Any, W: Any, layout: str) -> tuple[Variable, Variable, str, int]:
    """Return x and W with an axis of one pixel before the length, and what `three_axes` does."""
    x, picture, axis = three_axes(name, x, layout)
    W = Variable.wrap(W)
    if W.ndim != 3:
        raise ValueError(
            f"{name}: expected W with three axes, layout {layout}, got W {describe(W)}. "
            "Add the missing axes with reshape."
        )
    front = 2 if layout == "NCL" else 0
    return x, reshape(W, (*W.shape[:front], 1, *W.shape[front:])), picture, axis


def _called(name: str, function: Any, inputs: tuple, axis: int) -> Variable:
    """Return what `function`, known by `name`, makes of x, W and b, without its axis of one."""
    function.called = name
    y = function(*inputs) if inputs[2] is not None else function(*inputs[:2])
    return reshape(y, y.shape[:axis] + y.shape[axis + 1 :])


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
    if x.ndim != 4 or W.ndim != 4:
        raise ValueError(
            f"conv2d_simple: expected x (N, C, H, W) and W (O, C, KH, KW), got x {describe(x)} and "
            f"W {describe(W)}. Add the missing axes with reshape."
        )
    n, _, h, w = x.shape
    outs, _, kh, kw = W.shape
    (sh, sw), (ph, pw) = pair(stride), pair(pad)
    oh, ow = get_conv_outsize(h, kh, sh, ph), get_conv_outsize(w, kw, sw, pw)
    columns = im2col(x, (kh, kw), stride, pad)  # (N*OH*OW, C*KH*KW)
    y = linear(columns, transpose(reshape(W, (outs, -1))), b)
    return transpose(reshape(y, (n, oh, ow, outs)), (0, 3, 1, 2))

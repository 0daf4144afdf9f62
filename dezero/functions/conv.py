"""Convolution and transposed convolution of pictures: each is the other's gradient."""

from typing import Any

import numpy as np

from dezero.backend import kernels, xp
from dezero.backend.window import Window
from dezero.core import Function, Variable, differentiable, floating
from dezero.functions.windows import output_shape, paddings, sizes

__all__ = ["Conv2DGradW", "Conv2d", "Deconv2d", "conv2d", "deconv2d"]

# Axes of a picture and of a kernel as the kernels of the backend want them, and back.
_TO_NHWC, _TO_NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
_TO_HWIO, _TO_OIHW = (2, 3, 1, 0), (3, 2, 0, 1)


class Convolution:
    """What convolutions share: settings, and pictures and kernels in the order of the backend."""

    window: Window

    def __init__(
        self,
        stride: Any = 1,
        pad: Any = 0,
        *,
        dilation: Any = 1,
        groups: int = 1,
        layout: str = "NCHW",
    ) -> None:
        self.stride, self.pad, self.dilation = stride, pad, dilation
        self.groups, self.layout = groups, layout

    def options(self) -> dict[str, Any]:
        """Return the keywords of a convolution like this one, its padding in numbers."""
        return {
            "stride": self.window.stride,
            "pad": self.window.pads,
            "dilation": self.window.dilation,
            "groups": self.groups,
            "layout": self.layout,
        }

    def _picture(self, x: Any) -> Any:
        return x.transpose(_TO_NHWC) if self.layout == "NCHW" else x

    def _picture_back(self, x: Any) -> Any:
        return x.transpose(_TO_NCHW) if self.layout == "NCHW" else x

    def _kernel(self, W: Any) -> Any:
        return W.transpose(_TO_HWIO) if self.layout == "NCHW" else W

    def _kernel_back(self, W: Any) -> Any:
        return W.transpose(_TO_OIHW) if self.layout == "NCHW" else W

    def _outer_axes(self) -> tuple[int, ...]:
        """Return all axes of a picture but that of its channels."""
        return (0, 2, 3) if self.layout == "NCHW" else (0, 1, 2)

    def _size(self, x: Any) -> tuple[int, int]:
        return x.shape[2:] if self.layout == "NCHW" else x.shape[1:3]


class ByKernels(Convolution):
    """What convolutions of a picture by kernels share, forward or transposed."""

    called: str
    inputs: tuple[Variable, ...]

    def _check(self, x: Any, W: Any) -> None:
        """Check the arrays, and what does not depend on the size of the picture."""
        if self.layout not in ("NCHW", "NHWC"):
            raise ValueError(
                f"{self.called}: expected layout 'NCHW' or 'NHWC', got {self.layout!r}. "
                "It says where the channels of x are."
            )
        if x.ndim != 4 or W.ndim != 4:
            raise ValueError(
                f"{self.called}: expected x {self._shown_layout()} and W "
                f"{'(O, C, KH, KW)' if self.layout == 'NCHW' else '(KH, KW, C, O)'}, "
                f"got x {x.shape} and W {W.shape}. Add the missing axes with reshape."
            )
        self.groups = sizes(self.called, "groups", self.groups, 1, 1)[0]
        outs = self._kernel(W).shape[3]
        if outs % self.groups or 0 in W.shape:
            raise ValueError(
                f"{self.called}: expected W {W.shape} without empty axes and its {outs} kernels in "
                f"{self.groups} equal groups. Change the groups, or the number of channels."
            )

    def _shown_layout(self) -> str:
        return "(N, C, H, W)" if self.layout == "NCHW" else "(N, H, W, C)"

    def _check_bias(self, b: Any, channels: int) -> None:
        if b is not None and b.shape != (channels,):
            raise ValueError(
                f"{self.called}: expected b of shape ({channels},), got {b.shape}. "
                "Give one number for each output channel."
            )

    def _steps(self) -> dict[str, tuple[int, int]]:
        return {
            "stride": _two(sizes(self.called, "stride", self.stride, 2, 1)),
            "dilation": _two(sizes(self.called, "dilation", self.dilation, 2, 1)),
        }

    def fast_backward(self, gy: Any) -> tuple:
        """Return the gradients of x, W and b from arrays."""
        x, W, *b = self.inputs
        rows, w, g = (self._picture(x.data), self._kernel(W.data), self._picture(gy))
        rows, w, g = same_floats(rows, w, g)
        gx = self._picture_back(self._gradient_x(rows, w, g)) if x.requires_grad else None
        gW, gb = self._gradients_wb(rows, g, W.requires_grad, bool(b))
        gW = None if gW is None else self._kernel_back(gW)
        return (gx, gW, gb) if b else (gx, gW)

    def _gradients_wb(self, rows: Any, g: Any, with_w: bool, with_b: bool) -> tuple:
        """Return the gradients of W and b, None for what is not asked for."""
        gW = self._gradient_w(rows, g) if with_w else None
        if not with_b:
            return gW, None
        flat = g.reshape((g.size // max(g.shape[3], 1), g.shape[3]))
        return gW, kernels(g).sum_to(flat, g.shape[3:])

    def _gradient_x(self, rows: Any, w: Any, g: Any) -> Any:
        return kernels(g).convolve_gradient_x(g, w, self.window, rows.shape[1:3], self.groups)

    def _gradient_w(self, rows: Any, g: Any) -> Any:
        return kernels(g).convolve_gradient_w(rows, g, self.window, self.groups)


def _two(values: tuple) -> tuple:
    return values[0], values[1]


class Conv2d(ByKernels, Function):
    called = "conv2d"

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:
        self._check(x, W)
        x, W, b = same_floats(x, W, b)
        rows, w = self._picture(x), self._kernel(W)
        if rows.shape[3] != w.shape[2] * self.groups:
            raise ValueError(
                f"{self.called}: expected x with {w.shape[2] * self.groups} channels, got x "
                f"{x.shape} and W {W.shape} in {self.groups} group(s), layout {self.layout}. "
                "Check in_channels, groups and layout."
            )
        self._check_bias(b, w.shape[3])
        size, kernel, steps = rows.shape[1:3], w.shape[:2], self._steps()
        pads: Any = paddings(self.called, self.pad, size, kernel, **steps)
        output_shape(
            self.called, size, kernel, steps["stride"], pads=pads, dilation=steps["dilation"]
        )
        self.window = Window(kernel, steps["stride"], pads, steps["dilation"])
        return self._picture_back(self._convolve(rows, w, b))

    def _convolve(self, x: Any, W: Any, b: Any) -> Any:
        return kernels(x).convolve(x, W, b, self.window, self.groups)

    def _gradients_wb(self, rows: Any, g: Any, with_w: bool, with_b: bool) -> tuple:
        if type(g) is np.ndarray or not (with_w and with_b):
            return super()._gradients_wb(rows, g, with_w, with_b)
        return kernels(g).convolve_gradient_wb(rows, g, self.window, self.groups)

    def backward(self, gy: Variable) -> tuple:
        x, W, *b = self.inputs
        gx = gW = None
        if x.requires_grad:
            gx = Deconv2d(outsize=self._size(x), **self.options())(gy, W)
        if W.requires_grad:
            gW = Conv2DGradW(self)(x, gy)
        return (gx, gW, gy.sum(self._outer_axes())) if b else (gx, gW)


class Deconv2d(ByKernels, Function):
    called = "deconv2d"

    def __init__(self, stride: Any = 1, pad: Any = 0, outsize: Any = None, **options: Any) -> None:
        super().__init__(stride, pad, **options)
        self.outsize = outsize

    def forward(self, x: Any, W: Any, b: Any = None) -> Any:
        self._check(x, W)
        x, W, b = same_floats(x, W, b)
        rows, w = self._picture(x), self._kernel(W)
        if rows.shape[3] != w.shape[3]:
            raise ValueError(
                f"{self.called}: expected x with {w.shape[3]} channels, got x {x.shape} and W "
                f"{W.shape}, layout {self.layout}. W is that of the convolution it undoes."
            )
        self._check_bias(b, w.shape[2] * self.groups)
        size = self._resolve(rows.shape[1:3], w.shape[:2])
        y = kernels(x).convolve_gradient_x(rows, w, self.window, size, self.groups)
        if b is not None:
            y += b
        return self._picture_back(y)

    def _resolve(self, shape: tuple[int, int], kernel: tuple[int, int]) -> tuple[int, int]:
        """Set the window of the convolution that this undoes; return the size of its picture."""
        steps = self._steps()
        stride, dilation = steps["stride"], steps["dilation"]
        window = Window(kernel, stride, dilation=dilation)
        if self.outsize is not None:
            size = _two(sizes(self.called, "outsize", self.outsize, 2, 1))
            pads = paddings(self.called, self.pad, size, kernel, **steps)
        elif isinstance(self.pad, str) and self.pad.lower() == "same":
            size = (shape[0] * stride[0], shape[1] * stride[1])
            pads = paddings(self.called, self.pad, size, kernel, **steps)
        else:
            pads = paddings(self.called, self.pad, shape, kernel, **steps)
            size = _two(
                tuple(
                    s * (n - 1) + reach - sum(pad)
                    for s, n, reach, pad in zip(stride, shape, window.reach, pads, strict=True)
                )
            )
        self.window = window._replace(pads=pads)
        if min(size) < 1 or self.window.out_shape(size) != tuple(shape):
            raise ValueError(
                f"{self.called}: expected a picture that a convolution makes {tuple(shape)}, got "
                f"{size} with kernel {kernel}, stride {stride}, pad {pads}. "
                "Change outsize, stride or pad."
            )
        return size

    def backward(self, gy: Variable) -> tuple:
        x, W, *b = self.inputs
        gx = Conv2d(**self.options())(gy, W) if x.requires_grad else None
        gW = Conv2DGradW(self)(gy, x) if W.requires_grad else None
        return (gx, gW, gy.sum(self._outer_axes())) if b else (gx, gW)

    def _gradient_x(self, rows: Any, w: Any, g: Any) -> Any:
        return kernels(g).convolve(g, w, None, self.window, self.groups)

    def _gradient_w(self, rows: Any, g: Any) -> Any:
        return kernels(g).convolve_gradient_w(g, rows, self.window, self.groups)


class Conv2DGradW(Convolution, Function):
    """Gradient of a convolution by its kernels, from its picture x and the gradient gy."""

    def __init__(self, conv2d: Convolution) -> None:
        super().__init__(groups=conv2d.groups, layout=conv2d.layout)
        self.window = conv2d.window

    def forward(self, x: Any, gy: Any) -> Any:
        x, gy = same_floats(x, gy)
        rows, g = self._picture(x), self._picture(gy)
        gW = kernels(x).convolve_gradient_w(rows, g, self.window, self.groups)
        return self._kernel_back(gW)

    def backward(self, ggW: Variable) -> tuple:
        x, gy = self.inputs
        gx = ggy = None
        if x.requires_grad:
            gx = Deconv2d(outsize=self._size(x), **self.options())(gy, ggW)
        if gy.requires_grad:
            ggy = Conv2d(**self.options())(x, ggW)
        return gx, ggy


def same_floats(*arrays: Any) -> tuple:
    """Return the arrays as floating ones of one dtype; None stays None."""
    present = [a for a in arrays if a is not None]
    dtypes = {a.dtype for a in present if a.dtype.kind not in "biu"}
    if len(dtypes) == 1 and len(present) == len(arrays) and all(a.dtype in dtypes for a in present):
        floating(present[0])
        return arrays
    dtype = floating(present[0]).dtype if not dtypes else xp(present[0]).result_type(*dtypes)
    return tuple(None if a is None else floating(a).astype(dtype, copy=False) for a in arrays)


@differentiable
def conv2d(
    x: Any,
    W: Any,
    b: Any = None,
    stride: Any = 1,
    pad: Any = 0,
    *,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "NCHW",
) -> Variable:
    """Slide kernels over pictures: y[n,o,i,j] = b[o] + sum W[o,c,k,l] x[n,c,i SH + k,j SW + l].

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        W: kernels (O, C/groups, KH, KW), or (KH, KW, C/groups, O) with layout "NHWC".
        b: (O,), or None for no bias.
        stride, dilation: int or pair; pixels from one position of the kernel, or from one of its
            entries, to the next.
        pad: zeros around x: int, pair, ((top, bottom), (left, right)), "same" or "valid".
        groups: the channels fall into as many groups that do not see each other; C for depthwise.
        layout: where the channels of x, and of y, are.
    Returns:
        Variable (N, O, OH, OW) or (N, OH, OW, O). Its memory runs along the channels.
    Raises:
        ValueError: the shapes do not fit.
        TypeError: a size is no integer.
    Note: a cross-correlation, as everywhere in deep learning: the kernel is not flipped. Large
        float32 3x3 ones are computed by tiles (Winograd), where rounding follows the largest pixel
        of a tile, and NaN or infinity fills it; `DEZERO_WINOGRAD=0` forbids that.
    """
    options = {"dilation": dilation, "groups": groups, "layout": layout}
    function = Conv2d(stride, pad, **options)
    return function(x, W) if b is None else function(x, W, b)


@differentiable
def deconv2d(  # noqa: PLR0917 - the order of the book
    x: Any,
    W: Any,
    b: Any = None,
    stride: Any = 1,
    pad: Any = 0,
    outsize: Any = None,
    *,
    dilation: Any = 1,
    groups: int = 1,
    layout: str = "NCHW",
) -> Variable:
    """Transposed convolution: each pixel of x adds its multiple of a kernel to the result.

    Args:
        x: Variable or array (N, C, H, W), or (N, H, W, C) with layout "NHWC".
        W: kernels (C, O/groups, KH, KW), or (KH, KW, O/groups, C) with layout "NHWC": those of the
            convolution from O to C channels that this is the gradient of.
        b: (O,), or None for no bias.
        stride, dilation, groups, layout: as in `conv2d`.
        pad: pixels cut off the result: as in `conv2d`; "same" makes it stride times as large as x.
        outsize: (OH, OW); None for the smallest size that fits, stride (H - 1) + KH - 2 pad.
    Returns:
        Variable (N, O, OH, OW) or (N, OH, OW, O).
    Raises:
        ValueError: the shapes do not fit, or no convolution goes from outsize to x.
        TypeError: a size is no integer.
    Reference:
        Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4.
    """
    options = {"dilation": dilation, "groups": groups, "layout": layout}
    function = Deconv2d(stride, pad, outsize, **options)
    return function(x, W) if b is None else function(x, W, b)

"""_Convolutional layers."""

from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.backend import xp
from dezero.core import Parameter, Variable, as_array
from dezero.functions import conv1d, conv2d, conv2d_relu, deconv1d, deconv2d, relu
from dezero.functions.windows import plain_padding, sizes
from dezero.layers import parameters
from dezero.layers.activation import function_of, saved_name, shown_name
from dezero.layers.layer import Layer


class _Convolutional(Layer):
    """What the convolutional layers share: all but the function, and how W is laid out."""

    axes: ClassVar[int] = 2
    layouts: ClassVar[tuple[str, str]] = ("NCHW", "NHWC")
    transposed: ClassVar[bool] = False
    _may_be_causal: ClassVar[bool] = False

    def __init__(  # noqa: PLR0917 - the order of the book
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        in_channels: int | None = None,
        *,
        dilation: Any = 1,
        groups: int = 1,
        layout: str | None = None,
        initializer: Any = "lecun_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        activation: Any = None,
        name: str | None = None,
    ) -> None:
        kind = type(self).__name__
        self.out_channels = parameters.checked_size(f"{kind}: expected out_channels", out_channels)
        self.in_channels = in_channels
        self.kernel_size = sizes(kind, "kernel_size", kernel_size, self.axes, 1)
        self.stride = sizes(kind, "stride", stride, self.axes, 1)
        self.dilation = sizes(kind, "dilation", dilation, self.axes, 1)
        is_causal = isinstance(pad, str) and pad == "causal" and self._may_be_causal
        self.pad = pad if is_causal else plain_padding(kind, pad, self.axes)
        self.groups = parameters.checked_size(f"{kind}: expected groups", groups)
        self._part("out_channels", self.out_channels)
        self.layout = layout or self.layouts[0]
        if self.layout not in self.layouts:
            raise ValueError(
                f"{kind}: expected layout {' or '.join(map(repr, self.layouts))}, got "
                f"{layout!r}. It says where the channels of x are."
            )
        self.dtype = parameters.checked_dtype(kind, dtype)
        self.name = name
        self.initializer = initializers.get(initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.activation = function_of(activation)
        self.W = Parameter(None, "W")
        self.b = None if nobias else Parameter(None, "b")
        penalties, limits = {"W": kernel_regularizer}, {"W": kernel_constraint}
        if self.b is not None:
            penalties["b"] = bias_regularizer
        parameters.set_rules(self, penalties, limits)
        if in_channels is not None:
            self.in_channels = parameters.checked_size(f"{kind}: expected in_channels", in_channels)
            parameters.fill(self.W, self.initializer, self._shape(), self.dtype, **self._ways())
            self._lay_out()
        if self.b is not None:
            parameters.fill(self.b, self.bias_initializer, (self.out_channels,), self.dtype)

    def _ends(self) -> tuple[Any, Any]:
        """Return how many channels the two ends of W have: those it reads, those it writes.

        A transposed convolution has the kernels of the one whose gradient it is.
        """
        ins: Any = self.in_channels or "in_channels"
        part = self._part("in_channels", ins)
        if self.transposed:
            return self._part("out_channels", self.out_channels), ins
        return part, self.out_channels

    def _part(self, name: str, channels: Any) -> Any:
        if isinstance(channels, str):
            return channels if self.groups == 1 else f"{channels}/{self.groups}"
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__}: expected {name} in {self.groups} equal groups, got "
                f"{channels}. Change groups or {name}."
            )
        return channels // self.groups

    def _shape(self) -> tuple:
        """Return the shape of W: (O, C, *kernel), or (*kernel, C, O) where channels are last."""
        ins, outs = self._ends()
        if self.layout == self.layouts[0]:
            return (outs, ins, *self.kernel_size)
        return (*self.kernel_size, ins, outs)

    def _ways(self) -> dict[str, Any]:
        """Return what an initializer has to know of W beside its shape."""
        ins, outs = self._ends()
        field = prod(self.kernel_size)
        fans = ins * field, outs * field
        if self.transposed:  # the sum runs over the other end, of which a group is a part
            fans = outs // self.groups * field, ins * field
        return {"fans": fans, "axis": 0 if self.layout == self.layouts[0] else -1}

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        if self.W.data is None:
            with parameters.learning(self):
                self.in_channels = self._channels(x)
                shape, ways = self._shape(), self._ways()
                parameters.fill_beside(x, self.W, self.initializer, shape, self.dtype, **ways)
                self._lay_out()
                return self.forward(x)
        y = self._convolve(x)
        done = self.activation is None or self._function() is conv2d_relu
        return y if done else self.activation(y)  # type: ignore[misc]

    def _function(self) -> Any:
        """Return the function of the library that does it, the activation included if it can."""
        if self.activation is relu and self.axes == 2 and not self.transposed:
            return conv2d_relu
        return _FUNCTIONS[self.axes, self.transposed]

    def _lay_out(self) -> None:
        """Give W the memory of (*kernel, C, O), whatever its axes: a product takes it as it is."""
        if self.W.data is not None and self.layout == self.layouts[0]:
            axes = tuple(range(self.axes + 2))
            turned = (*axes[2:], 1, 0)
            back = (self.axes + 1, self.axes, *axes[: self.axes])
            rows = self.W.data.transpose(turned)
            if not rows.flags.c_contiguous:
                self.W.data = xp(rows).ascontiguousarray(rows).transpose(back)

    def _channels(self, x: Any) -> int:
        shape = as_array(x).shape
        axis = 1 if self.layout == self.layouts[0] else -1
        if len(shape) != self.axes + 2 or not shape[axis]:
            raise ValueError(
                f"{type(self).__name__}: expected x with {self.axes + 2} axes, {self.layout}, and "
                f"at least one channel, got shape {shape}. Add the missing axes with reshape."
            )
        return shape[axis]

    def _convolve(self, x: Any) -> Variable:
        function = self._function()
        stride, dilation = self.stride, self.dilation
        if self.axes == 1:
            stride, dilation = stride[0], dilation[0]
        options = {"dilation": dilation, "groups": self.groups, "layout": self.layout}
        if self.transposed:
            outsize = self.outsize  # type: ignore[attr-defined]
            options["outsize"] = outsize[0] if outsize and self.axes == 1 else outsize
        return function(x, self.W, self.b, stride, self.pad, **options)

    def details(self) -> str:
        kernel = "x".join(map(str, self.kernel_size))
        parts = [f"{self.in_channels or '?'} -> {self.out_channels}, kernel {kernel}"]
        for name in ("stride", "dilation"):
            value = getattr(self, name)
            if any(v != 1 for v in value):
                parts.append(f"{name} {'x'.join(map(str, value))}")
        if self.pad not in (0, "valid"):
            parts.append(f"pad {self.pad}")
        parts += [f"groups {self.groups}"] if self.groups > 1 else []
        parts += [self.layout] if self.layout != self.layouts[0] else []
        parts += [shown_name(self.activation)] if self.activation else []
        return ", ".join(parts if self.b is not None else [*parts, "no bias"])

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        return (self._shape() if name == "W" else (self.out_channels,)), self.dtype

    def weights_loaded(self) -> None:
        first = self.layout == self.layouts[0]
        if self.transposed:
            self.in_channels = self.W.shape[0 if first else -1]
        else:
            self.in_channels = self.W.shape[1 if first else -2] * self.groups
        self._lay_out()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lay_out()  # a pickle holds arrays in the order of their axes

    def from_torch(self, name: str, array: np.ndarray) -> np.ndarray:
        if name != "W" or self.layout == self.layouts[0] or array.ndim != self.axes + 2:
            return array
        return array.transpose(*range(2, array.ndim), 1, 0)  # (*kernel, C, O)

    def config(self) -> dict[str, Any]:
        return {
            "out_channels": self.out_channels,
            "kernel_size": list(self.kernel_size),
            "stride": list(self.stride),
            "pad": self.pad,
            "nobias": self.b is None,
            "dtype": self.dtype.name,
            "in_channels": self.in_channels,
            "dilation": list(self.dilation),
            "groups": self.groups,
            "layout": self.layout,
            **parameters.saved_initializer("initializer", self.initializer),
            **parameters.saved_initializer("bias_initializer", self.bias_initializer),
            "activation": saved_name(f"layer {self.name or self.details()}", self.activation),
            **parameters.saved_rules(self, {"W": "kernel", "b": "bias"}),
        }


_FUNCTIONS: dict[tuple[int, bool], Any] = {
    (1, False): conv1d,
    (2, False): conv2d,
    (1, True): deconv1d,
    (2, True): deconv2d,
}


class Conv2d(_Convolutional):
    """y = activation(conv2d(x, W) + b).

    Args:
        out_channels: of y; how many kernels there are.
        kernel_size, stride, dilation: int, or one for each axis of the picture.
        pad: int, one for each axis, (before, after) for each, "same" or "valid".
        nobias: leave b out.
        dtype: floating dtype of the parameters.
        in_channels: of x; None takes them from the first call.
        groups: the channels fall into as many groups that do not see each other.
        layout: where the channels are; the first of `layouts` if None.
        initializer, bias_initializer: first values of W and b, as in `Linear`.
        kernel_regularizer, bias_regularizer, kernel_constraint: as in `Linear`.
        activation: function or its name; None for none.
        name: for people.
    """


class Conv1d(_Convolutional):
    """y = activation(conv1d(x, W) + b) of sequences, layout "NCL" or "NLC", pad also "causal".

    The arguments are those of `Conv2d`.
    """

    axes = 1
    layouts = ("NCL", "NLC")
    _may_be_causal = True


class Deconv2d(_Convolutional):
    """Transposed convolution: y = activation(deconv2d(x, W) + b).

    Args:
        outsize: (OH, OW); None for the smallest that fits. The others: see `Conv2d`.
    """

    transposed = True

    def __init__(  # noqa: PLR0917 - the order of the book
        self,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad: Any = 0,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        in_channels: int | None = None,
        *,
        outsize: Any = None,
        **options: Any,
    ) -> None:
        sized = (out_channels, kernel_size, stride, pad)
        super().__init__(*sized, nobias, dtype, in_channels, **options)
        kind = type(self).__name__
        self.outsize = None if outsize is None else sizes(kind, "outsize", outsize, self.axes, 1)

    def config(self) -> dict[str, Any]:
        return super().config() | {"outsize": None if self.outsize is None else list(self.outsize)}


class Deconv1d(Deconv2d):
    """Transposed convolution of sequences, layout "NCL" or "NLC"; see `Deconv2d`."""

    axes = 1
    layouts = ("NCL", "NLC")

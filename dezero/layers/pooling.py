"""Pooling layers."""

from typing import Any, ClassVar

from dezero.core import Variable
from dezero.functions import (
    adaptive_average_pooling,
    adaptive_max_pooling,
    average_pooling,
    average_pooling1d,
    global_average_pooling,
    global_max_pooling,
    pooling,
    pooling1d,
)
from dezero.functions.windows import plain_padding, sizes
from dezero.layers.layer import Layer


def checked_layout(kind: str, layout: Any, known: tuple[str, ...]) -> str:
    """Return `layout`; ValueError unless it is one of `known`."""
    if layout not in known:
        raise ValueError(
            f"{kind}: expected layout {' or '.join(map(repr, known))}, got {layout!r}. "
            "It says where the channels of x are."
        )
    return layout


class _Pool(Layer):
    """What the layers with a window share."""

    axes: ClassVar[int] = 2
    layouts: ClassVar[tuple[str, str]] = ("NCHW", "NHWC")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        pad: Any = 0,
        *,
        ceil_mode: bool = False,
        layout: str | None = None,
        name: str | None = None,
    ) -> None:
        kind, n = type(self).__name__, self.axes
        self.kernel_size = sizes(kind, "kernel_size", kernel_size, n, 1)
        self.stride = self.kernel_size if stride is None else sizes(kind, "stride", stride, n, 1)
        self.pad = plain_padding(kind, pad, n)
        self.ceil_mode = bool(ceil_mode)
        self.layout = checked_layout(kind, layout or self.layouts[0], self.layouts)
        self.name = name

    def _window(self) -> tuple:
        one = self.axes == 1
        return (
            self.kernel_size[0] if one else self.kernel_size,
            self.stride[0] if one else self.stride,
            self.pad,
        )

    def _options(self) -> dict[str, Any]:
        return {"ceil_mode": self.ceil_mode, "layout": self.layout}

    def details(self) -> str:
        parts = [f"kernel {'x'.join(map(str, self.kernel_size))}"]
        if self.stride != self.kernel_size:
            parts.append(f"stride {'x'.join(map(str, self.stride))}")
        parts += [f"pad {self.pad}"] if self.pad not in (0, "valid") else []
        parts += [*self._extras(), *(["ceil"] if self.ceil_mode else [])]
        return ", ".join([*parts, self.layout] if self.layout != self.layouts[0] else parts)

    def _extras(self) -> list[str]:
        return []

    def config(self) -> dict[str, Any]:
        kernel, stride = list(self.kernel_size), list(self.stride)
        return {"kernel_size": kernel, "stride": stride, "pad": self.pad, **self._options()}


class MaxPool2d(_Pool):
    """y = pooling(x): the largest pixel under a window.

    Args:
        kernel_size, stride, dilation: int or pair; stride None for the kernel's size (the function
            `pooling` has the book's 1).
        pad: int, pair, (before, after) for each axis, "same" or "valid".
        ceil_mode: let a last window reach over the edge.
        layout: where the channels are; the first of `layouts` if None.
        name: for people.
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        pad: Any = 0,
        *,
        dilation: Any = 1,
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, stride, pad, **options)
        self.dilation = sizes(type(self).__name__, "dilation", dilation, self.axes, 1)

    def _extras(self) -> list[str]:
        spread = any(d != 1 for d in self.dilation)
        return [f"dilation {'x'.join(map(str, self.dilation))}"] if spread else []

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        if self.axes == 1:
            return pooling1d(x, *self._window(), dilation=self.dilation[0], **self._options())
        return pooling(x, *self._window(), dilation=self.dilation, **self._options())

    def config(self) -> dict[str, Any]:
        return super().config() | {"dilation": list(self.dilation)}


class MaxPool1d(MaxPool2d):
    """The largest element under a window on sequences, layout "NCL" or "NLC"; see `MaxPool2d`.

    Args:
        pad: int, (before, after), "same" or "valid".
    """

    axes = 1
    layouts = ("NCL", "NLC")


class AvgPool2d(_Pool):
    """y = average_pooling(x): the mean of the pixels under a window.

    Args:
        count_include_pad: whether the padding counts as pixels of value 0. The others: see
            `MaxPool2d`, without dilation.
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        pad: Any = 0,
        *,
        count_include_pad: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(kernel_size, stride, pad, **options)
        self.count_include_pad = bool(count_include_pad)

    def _extras(self) -> list[str]:
        return [] if self.count_include_pad else ["bare"]

    def _options(self) -> dict[str, Any]:
        return super()._options() | {"count_include_pad": self.count_include_pad}

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        function = average_pooling if self.axes == 2 else average_pooling1d
        return function(x, *self._window(), **self._options())


class AvgPool1d(AvgPool2d):
    """The mean of the elements under a window on sequences, layout "NCL" or "NLC".

    Args:
        pad: int, (before, after), "same" or "valid". The others: see `AvgPool2d`.
    """

    axes = 1
    layouts = ("NCL", "NLC")


_LAYOUTS = ("NCHW", "NHWC", "NCL", "NLC")


class GlobalAvgPool(Layer):
    """Mean of all pixels of each channel: (N, C, H, W) becomes (N, C).

    Args:
        keepdims: keep the axes of the pixels with size 1.
        layout: "NCHW", "NHWC", or "NCL", "NLC" for sequences.
        name: for people.
    """

    _function = staticmethod(global_average_pooling)

    def __init__(
        self, *, keepdims: bool = False, layout: str = "NCHW", name: str | None = None
    ) -> None:
        self.keepdims = bool(keepdims)
        self.layout = checked_layout(type(self).__name__, layout, _LAYOUTS)
        self.name = name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return self._function(x, keepdims=self.keepdims, layout=self.layout)

    def details(self) -> str:
        return "" if self.layout == "NCHW" else self.layout

    def config(self) -> dict[str, Any]:
        return {"keepdims": self.keepdims, "layout": self.layout}


class GlobalMaxPool(GlobalAvgPool):
    """Largest of all pixels of each channel; the arguments are those of `GlobalAvgPool`."""

    _function = staticmethod(global_max_pooling)


class AdaptiveAvgPool(Layer):
    """Mean of the pixels in each of so many bins: (N, C, H, W) becomes (N, C, *output_size).

    Args:
        output_size: int, or one for each axis of the picture; None in its place keeps the size.
        layout: "NCHW", "NHWC", or "NCL", "NLC" for sequences.
        name: for people.
    """

    _function = staticmethod(adaptive_average_pooling)

    def __init__(self, output_size: Any, *, layout: str = "NCHW", name: str | None = None) -> None:
        kind = type(self).__name__
        self.layout = checked_layout(kind, layout, _LAYOUTS)
        n = len(layout) - 2
        several = output_size if isinstance(output_size, tuple | list) else (output_size,) * n
        # Ones in the place of None, to check the others.
        sizes(kind, "output_size", [1 if size is None else size for size in several], n, 1)
        self.output_size = tuple(None if size is None else int(size) for size in several)
        self.name = name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return self._function(x, self.output_size, layout=self.layout)

    def details(self) -> str:
        shown = "x".join("any" if size is None else str(size) for size in self.output_size)
        return shown if self.layout == "NCHW" else f"{shown}, {self.layout}"

    def config(self) -> dict[str, Any]:
        return {"output_size": list(self.output_size), "layout": self.layout}


class AdaptiveMaxPool(AdaptiveAvgPool):
    """Largest pixel in each of so many bins; the arguments are those of `AdaptiveAvgPool`."""

    _function = staticmethod(adaptive_max_pooling)

"""How arrays hold pictures, and where the windows of a pooling lie on them."""

from dataclasses import dataclass
from typing import Any

from dezero.backend import xp
from dezero.backend.window import Window
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.functions.shape import reshape
from dezero.functions.windows import Pads, output_shape, paddings, sizes

_TO_NHWC, _TO_NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
_PICTURE = {"NCL": "NCHW", "NLC": "NHWC"}


@dataclass(frozen=True)
class Pictures:
    """Pictures as the kernels of pooling want them, and back into the memory order they had.

    Args:
        layout: "NCHW" or "NHWC", the order of the axes.
        batch, channels: their numbers.
        planar: whether the memory holds one plane per channel, not one pixel after the other.
    """

    layout: str
    batch: int
    channels: int
    planar: bool

    @staticmethod
    def of(name: str, x: Any, layout: str) -> "Pictures":
        """Return how array `x` holds its pictures; `name` is the function an error speaks of."""
        if layout not in ("NCHW", "NHWC"):
            raise ValueError(
                f"{name}: expected layout 'NCHW' or 'NHWC', got {layout!r}. "
                "It says where the channels of x are."
            )
        if x.ndim != 4 or x.dtype.kind not in "biuf" or x.dtype.itemsize > 8:
            axes = "(N, C, H, W)" if layout == "NCHW" else "(N, H, W, C)"
            raise (ValueError if x.ndim != 4 else TypeError)(
                f"{name}: expected x {axes} of real numbers in up to 64 bits, got {describe(x)}. "
                "Add axes with reshape, or convert x with astype."
            )
        rows = x.transpose(_TO_NHWC) if layout == "NCHW" else x
        planar = not rows.flags.c_contiguous and abs(rows.strides[3]) > abs(rows.strides[2])
        return Pictures(layout, rows.shape[0], rows.shape[3], planar)

    def fold(self, x: Any) -> Any:
        """Return `x` as (B, H, W, D) without gaps, a copy only where its memory runs otherwise."""
        if self.planar:
            planes = x if self.layout == "NCHW" else x.transpose(_TO_NCHW)
            n, c, h, w = planes.shape
            return xp(x).ascontiguousarray(planes).reshape((n * c, h, w, 1))
        return xp(x).ascontiguousarray(x.transpose(_TO_NHWC) if self.layout == "NCHW" else x)

    def unfold(self, x: Any) -> Any:
        """Return (B, H, W, D) as pictures in `layout`: a view."""
        if self.planar:
            x = x.reshape((self.batch, self.channels, *x.shape[1:3]))
            return x if self.layout == "NCHW" else x.transpose(_TO_NHWC)
        return x.transpose(_TO_NCHW) if self.layout == "NCHW" else x

    def size(self, x: Any) -> tuple[int, int]:
        """Return height and width of the pictures in `x`."""
        return x.shape[2:] if self.layout == "NCHW" else x.shape[1:3]


class Sliding:
    """What poolings share: the settings of their window, and its place on the pictures of a call.

    Attributes:
        called: the function that errors speak of.
        kernel_size, stride: pairs.
        pad, dilation, ceil_mode, layout: as in `pooling`.
        pictures, input_shape, size, pads, window: set by a call; `size` is (H, W), `window` is
            padded as far as it reaches, `pads` is the padding asked for.
    """

    called = "pooling"
    pictures: Pictures
    window: Window
    pads: Pads
    input_shape: tuple[int, ...]
    size: tuple[int, int]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = 1,
        pad: Any = 0,
        *,
        dilation: Any = 1,
        ceil_mode: bool = False,
        layout: str = "NCHW",
    ) -> None:
        self.kernel_size = sizes(self.called, "kernel_size", kernel_size, 2, 1)
        one = self.kernel_size if stride is None else sizes(self.called, "stride", stride, 2, 1)
        self.stride, self.pad = one, pad
        self.dilation = sizes(self.called, "dilation", dilation, 2, 1)
        self.ceil_mode, self.layout = ceil_mode, layout

    def _place(self, x: Any, padding_counts: bool = False) -> Any:
        """Find where the window lies on `x`; return `x` folded."""
        self.locate(x, padding_counts)
        return self.pictures.fold(x)

    def locate(self, x: Any, padding_counts: bool = False) -> None:
        """Set `pictures`, `size`, `pads` and `window`.

        Raises:
            ValueError: there is no place for the window, or one on the padding alone.
        """
        self.pictures = Pictures.of(self.called, x, self.layout)
        self.input_shape, self.size = x.shape, self.pictures.size(x)
        size, kernel, stride = self.size, self.kernel_size, self.stride
        steps = {"stride": stride, "dilation": self.dilation}
        self.pads = reaching = paddings(self.called, self.pad, size, kernel, **steps)
        if self.ceil_mode:
            parts = zip(size, kernel, stride, self.dilation, self.pads, strict=True)
            reaching = tuple(_over_the_edge(n, (k - 1) * d + 1, s, p) for n, k, s, d, p in parts)
        output_shape(self.called, size, kernel, stride, pads=reaching, dilation=self.dilation)
        self.window = Window(kernel, stride, reaching, self.dilation)  # type: ignore[arg-type]
        if not padding_counts and not self.window.inside(size):
            self._check_inside(size)

    def _check_inside(self, size: tuple[int, int]) -> None:
        for axis, places in enumerate(self.window.out_shape(size)):
            step, spread = self.stride[axis], self.dilation[axis]
            for place in range(places):
                start = place * step - self.pads[axis][0]
                first = max(-(start // spread), 0)
                if first >= self.kernel_size[axis] or start + first * spread >= size[axis]:
                    raise ValueError(
                        f"{self.called}: expected pixels under every window, got one on padding "
                        f"alone: kernel {self.kernel_size}, stride {self.stride}, dilation "
                        f"{self.dilation} on {tuple(size)} padded by {self.pads}. Pad less."
                    )


def three_axes(name: str, x: Any, layout: str) -> tuple[Variable, str, int]:
    """Return sequences as pictures one pixel high, their layout, and where that axis is.

    Args:
        name: first word of an error.
        x: Variable or array (N, C, L), or (N, L, C) with layout "NLC".
        layout: "NCL" or "NLC".
    """
    x = Variable.wrap(x)
    if layout not in _PICTURE:
        raise ValueError(
            f"{name}: expected layout 'NCL' or 'NLC', got {layout!r}. "
            "It says where the channels of x are."
        )
    if x.ndim != 3:
        raise ValueError(
            f"{name}: expected x with three axes, layout {layout}, got x {describe(x)}. "
            "Add the missing axes with reshape."
        )
    axis = 2 if layout == "NCL" else 1
    return reshape(x, (*x.shape[:axis], 1, *x.shape[axis:])), _PICTURE[layout], axis


def flat_window(name: str, kernel_size: Any, stride: Any, pad: Any) -> tuple:
    """Return kernel size, stride and padding along a sequence as those of a picture."""
    (kernel,) = sizes(name, "kernel_size", kernel_size, 1, 1)
    step = kernel if stride is None else sizes(name, "stride", stride, 1, 1)[0]
    border = pad if isinstance(pad, str) else ((0, 0), sizes(name, "pad", pad, 2, 0))
    return (1, kernel), (1, step), border


def widened(x: Any) -> Any:
    """Return float16 as float32, in which sums are kept: 40 numbers of 2000 would overflow."""
    return x.astype("f4") if x.dtype.itemsize == 2 else x


def _over_the_edge(size: int, reach: int, stride: int, pad: tuple[int, int]) -> tuple[int, int]:
    """Return `pad` with as much behind as the last window needs that begins before the edge."""
    before, after = pad
    out = -((reach - size - before - after) // stride) + 1
    if (out - 1) * stride >= size + before:
        out -= 1
    needed = (out - 1) * stride + reach - size - before
    return before, min(max(after, needed), needed + stride - 1)

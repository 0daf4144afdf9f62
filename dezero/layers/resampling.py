"""Layers that give pictures another size."""

from typing import Any

import numpy as np

from dezero.core import Variable
from dezero.core.errors import lookup
from dezero.functions import pad2d, pixel_shuffle, pixel_unshuffle, upsample
from dezero.functions.resampling import BORDERS, MODES
from dezero.functions.windows import paddings, sizes
from dezero.layers.layer import Layer
from dezero.layers.pooling import checked_layout

_PICTURES = ("NCHW", "NHWC")


class Upsample(Layer):
    """Pictures or sequences of another size; see `dezero.functions.upsample`.

    Args:
        scale: how many times as large, a number or one per axis.
        size: the new size instead, an int or one per axis.
        mode: "nearest", or "linear" ("bilinear" says the same of pictures).
        align_corners: for "linear": corner pixels keep their place.
        layout: "NCHW", "NHWC", or "NCL", "NLC" for sequences.
        name: for people.
    """

    def __init__(
        self,
        scale: Any = None,
        *,
        size: Any = None,
        mode: str = "nearest",
        align_corners: bool = False,
        layout: str = "NCHW",
        name: str | None = None,
    ) -> None:
        if (scale is None) == (size is None):
            raise ValueError(
                f"Upsample: expected scale or size, got scale={scale} and size={size}. Give one."
            )
        lookup("Upsample", mode, MODES)
        self.scale, self.size = (v if v is None else np.asarray(v).tolist() for v in (scale, size))
        self.mode, self.align_corners = mode, bool(align_corners)
        self.layout = checked_layout("Upsample", layout, (*_PICTURES, "NCL", "NLC"))
        self.name = name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return upsample(x, **self.config())

    def details(self) -> str:
        by = f"times {self.scale}" if self.size is None else f"to {self.size}"
        parts = [by, self.mode] + ["align corners"] * self.align_corners
        return ", ".join(parts + [self.layout] * (self.layout != "NCHW"))

    def config(self) -> dict[str, Any]:
        names = ("scale", "size", "mode", "align_corners", "layout")
        return {name: getattr(self, name) for name in names}


class Pad2d(Layer):
    """Pictures with a border, of zeros if nothing else is said.

    Args:
        pad: pixels: int, pair, or ((top, bottom), (left, right)).
        mode: "constant", "edge", "reflect", "symmetric" or "wrap".
        value: of a constant border.
        layout: "NCHW" or "NHWC".
        name: for people.
    """

    def __init__(
        self,
        pad: Any,
        mode: str = "constant",
        value: float = 0,
        *,
        layout: str = "NCHW",
        name: str | None = None,
    ) -> None:
        lookup("Pad2d", mode, BORDERS)
        if isinstance(pad, str):
            raise ValueError(f"Pad2d: expected pad as numbers of pixels, got {pad!r}. Give an int.")
        (top, bottom), (left, right) = paddings("Pad2d", pad, (1, 1), (1, 1))
        self.pad = [[top, bottom], [left, right]]
        self.mode, self.value = mode, value
        self.layout, self.name = checked_layout("Pad2d", layout, _PICTURES), name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return pad2d(x, self.pad, self.mode, self.value, layout=self.layout)

    def details(self) -> str:
        constant = self.mode == "constant"
        parts = [str(self.pad), f"{self.value:g}" if constant else self.mode]
        return ", ".join(parts + [self.layout] * (self.layout != "NCHW"))

    def config(self) -> dict[str, Any]:
        return {"pad": self.pad, "mode": self.mode, "value": self.value, "layout": self.layout}


class PixelShuffle(Layer):
    """Each factor**2 channels become the pixels of one that is factor times as high and wide.

    Args:
        factor: int.
        layout: "NCHW" or "NHWC".
        name: for people.
    Reference: Shi et al. 2016, "Real-time single image and video super-resolution", eq. 4.
    """

    _function = staticmethod(pixel_shuffle)

    def __init__(self, factor: int, *, layout: str = "NCHW", name: str | None = None) -> None:
        kind = type(self).__name__
        (self.factor,) = sizes(kind, "factor", factor, 1, 1)
        self.layout, self.name = checked_layout(kind, layout, _PICTURES), name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return self._function(x, self.factor, layout=self.layout)

    def details(self) -> str:
        return str(self.factor) if self.layout == "NCHW" else f"{self.factor}, {self.layout}"

    def config(self) -> dict[str, Any]:
        return {"factor": self.factor, "layout": self.layout}


class PixelUnshuffle(PixelShuffle):
    """The pixels of each block of factor x factor become channels: undoes `PixelShuffle`.

    The arguments are those of `PixelShuffle`.
    """

    _function = staticmethod(pixel_unshuffle)

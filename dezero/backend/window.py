"""`Window`: how a kernel of two axes slides over pictures; kernels that slide take one."""

from math import prod
from typing import Any, NamedTuple

import numpy as np


class Window(NamedTuple):
    """Sizes along the two axes of a picture; `pads` are pixels (before, after) along each."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    pads: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    dilation: tuple[int, int] = (1, 1)

    @property
    def reach(self) -> tuple[int, int]:
        """Pixels from the first to the last that the kernel touches, along each axis."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return (kh - 1) * dh + 1, (kw - 1) * dw + 1

    @property
    def is_pixel(self) -> bool:
        """Whether the window is one pixel that visits each pixel of the picture once."""
        no_pads = self.pads == ((0, 0), (0, 0))
        return self.kernel == (1, 1) and self.stride == (1, 1) and no_pads

    def padded(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return the size of a picture of `shape` with its padding."""
        return shape[0] + sum(self.pads[0]), shape[1] + sum(self.pads[1])

    def out_shape(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return how often the window fits along each axis of a picture of `shape`."""
        (h, w), (rh, rw), (sh, sw) = self.padded(shape), self.reach, self.stride
        return (h - rh) // sh + 1, (w - rw) // sw + 1

    @property
    def index_dtype(self) -> Any:
        """The smallest dtype that can number the entries of the kernel."""
        return np.min_scalar_type(max(prod(self.kernel) - 1, 0))

    def disjoint(self, shape: tuple[int, int]) -> bool:
        """Whether it is plain that no pixel of a picture of `shape` is visited twice."""
        parts = zip(self.reach, self.stride, self.out_shape(shape), strict=True)
        return all(reach <= stride or out == 1 for reach, stride, out in parts)

    def tiles(self, shape: tuple[int, int]) -> bool:
        """Whether each pixel of a picture of `shape` is visited exactly once."""
        parts = zip(self.kernel, self.reach, self.stride, self.out_shape(shape), shape, strict=True)
        return (self.pads[0][0], self.pads[1][0]) == (0, 0) and all(
            k == reach == stride and out * stride == size for k, reach, stride, out, size in parts
        )

    def inside(self, shape: tuple[int, int]) -> bool:
        """Whether the window stays in a picture of `shape`, never on its padding."""
        ends = zip(self.out_shape(shape), self.stride, self.reach, shape, strict=True)
        return (self.pads[0][0], self.pads[1][0]) == (0, 0) and all(
            (out - 1) * stride + reach <= size for out, stride, reach, size in ends
        )

    def span(self, axis: int, k: int, size: int, places: slice) -> tuple[slice, slice]:
        """Return where entry k of the kernel meets the picture, along one axis of `size`.

        Returns:
            the part of `places` (positions of the window) at which it does, counted from the start
            of `places`; the pixels it meets there.
        """
        stride = self.stride[axis]
        offset = k * self.dilation[axis] - self.pads[axis][0]
        first = max(places.start, -(offset // stride))
        stop = min(places.stop, (size - 1 - offset) // stride + 1)
        if stop <= first:
            return slice(0, 0), slice(0, 0)
        at = first * stride + offset
        pixels = slice(at, at + (stop - first - 1) * stride + 1, stride)
        return slice(first - places.start, stop - places.start), pixels

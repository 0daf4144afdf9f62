"""`Window`: how a kernel of two axes slides over pictures; every convolution kernel takes one."""

from typing import NamedTuple


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

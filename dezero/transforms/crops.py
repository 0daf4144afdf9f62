"""Pieces of pictures: cut out of the middle or by chance, or blotted out."""

from typing import Any

import numpy as np

from dezero.transforms.affine import check_fill, fill_values
from dezero.transforms.formats import (
    PictureTransform,
    RandomTransform,
    drawn_range,
    is_number,
    pair,
)
from dezero.transforms.geometry import check_probability

__all__ = ["CenterCrop", "RandomCrop", "RandomErasing"]

PAD_MODES = {"nearest": "edge", "constant": "constant", "reflect": "symmetric", "wrap": "wrap"}


class CenterCrop(PictureTransform):
    """Cut a piece of `size` out of the middle; where the picture is too small, 0 surrounds it.

    Args:
        size: an integer, or (width, height).
    """

    def __init__(self, size: Any) -> None:
        self.size = pair("CenterCrop", size)

    def arrays(self, xs: np.ndarray) -> np.ndarray:
        """Cut (N, C, height, width) out of (N, C, H, W)."""
        width, height = self.size
        top, left = (xs.shape[2] - height) // 2, (xs.shape[3] - width) // 2
        rows, cols = (
            slice(max(start, 0), min(start + size, most))
            for start, size, most in ((top, height, xs.shape[2]), (left, width, xs.shape[3]))
        )
        if top >= 0 and left >= 0:
            return xs[:, :, rows, cols]
        ys = np.zeros((*xs.shape[:2], height, width), xs.dtype)
        piece = xs[:, :, rows, cols]
        up, side = max(-top, 0), max(-left, 0)
        ys[:, :, up : up + piece.shape[2], side : side + piece.shape[3]] = piece
        return ys


class RandomCrop(RandomTransform):
    """Cut a piece of `size` out of the padded picture, anywhere.

    Args:
        size: an integer, or (width, height).
        padding: pixels put around the picture first; an integer, or (sides, above and below).
        fill_mode: what the padding shows, as in RandomAffine.
        fill: the value of "constant", or one per channel.
        seed: as in RandomAffine.
    Raises:
        ValueError: a picture is smaller than the piece, padding and all.
    """

    numbers = 2

    def __init__(
        self,
        size: Any,
        padding: Any = 0,
        *,
        fill_mode: str = "constant",
        fill: Any = 0.0,
        seed: Any = None,
    ) -> None:
        super().__init__(seed)
        self.size = pair("RandomCrop", size)
        self.padding = pair("RandomCrop", padding, "padding", least=0)
        check_fill("RandomCrop", 1, fill_mode)
        self.fill_mode, self.fill = fill_mode, fill

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Cut (N, C, height, width), the corner of each piece where u (N, 2) says."""
        width, height = self.size
        xs = self._padded(xs)
        room = np.array([xs.shape[2] - height, xs.shape[3] - width])
        if room.min() < 0:
            raise ValueError(
                f"RandomCrop: expected pictures of at least {width} by {height} (width by height), "
                f"got {xs.shape[3]} by {xs.shape[2]} with padding. Resize them, or give padding."
            )
        ys = np.empty((*xs.shape[:2], height, width), xs.dtype)
        for x, y, (top, left) in zip(xs, ys, (u * (room + 1)).astype(np.intp), strict=True):
            y[...] = x[:, top : top + height, left : left + width]
        return ys

    def _padded(self, xs: np.ndarray) -> np.ndarray:
        side, above = self.padding
        if not side and not above:
            return xs
        around = ((0, 0), (0, 0), (above, above), (side, side))
        if self.fill_mode != "constant":
            return np.pad(xs, around, mode=PAD_MODES[self.fill_mode])  # type: ignore[call-overload]
        n, channels, height, width = xs.shape
        padded = np.empty((n, channels, height + 2 * above, width + 2 * side), xs.dtype)
        padded[...] = fill_values("RandomCrop", self.fill, xs)
        padded[:, :, above : above + height, side : side + width] = xs
        return padded


class RandomErasing(RandomTransform):
    """Fill a rectangle anywhere in the picture with `fill`, with probability p.

    Args:
        p: probability.
        area: part of the picture's area, a pair to draw from.
        ratio: height / width of the rectangle, a pair to draw from, evenly by its logarithm.
        fill: a number, or one per channel.
        seed: as in RandomAffine.
    Note: a side longer than the picture's is cut to it.

    Reference:
        Zhong et al. 2020, "Random erasing data augmentation".
    """

    numbers = 5

    def __init__(
        self,
        p: float = 0.5,
        area: Any = (0.02, 0.33),
        ratio: Any = (0.3, 3.3),
        fill: Any = 0.0,
        *,
        seed: Any = None,
    ) -> None:
        super().__init__(seed)
        self.p = check_probability("RandomErasing", p)
        for what, value in (("area", area), ("ratio", ratio)):
            if np.ndim(value) != 1 or not all(map(is_number, value)) or min(value, default=0) <= 0:
                raise ValueError(
                    f"RandomErasing: expected {what} to be a pair of numbers above 0, got "
                    f"{value!r}. Give (low, high)."
                )
        self.area = drawn_range("RandomErasing", "area", area)
        self.ratio = drawn_range("RandomErasing", "ratio", ratio)
        self.fill = fill

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Blot out the rectangles that u (N, 5) chooses."""
        sides = np.array(xs.shape[2:])
        area = (self.area[0] + (self.area[1] - self.area[0]) * u[:, 1]) * sides.prod()
        low, high = np.log(self.ratio)
        ratio = np.exp(low + (high - low) * u[:, 2])
        lengths = np.sqrt(np.stack([area * ratio, area / ratio], axis=1))  # (N, 2)
        lengths = np.clip(np.rint(lengths), 1, sides).astype(np.intp)
        corners = (u[:, 3:] * (sides - lengths + 1)).astype(np.intp)
        ys, fill = xs.copy(), fill_values("RandomErasing", self.fill, xs)
        for i in np.flatnonzero(u[:, 0] < self.p):
            (top, left), (height, width) = corners[i], lengths[i]
            ys[i, :, top : top + height, left : left + width] = fill
        return ys

"""Random flips, rotations, shifts, shears and zooms, about the centre, each picture its own."""

from typing import Any

import numpy as np

from dezero.transforms.affine import affine_matrix, check_fill, resample
from dezero.transforms.formats import RandomTransform, drawn_range, is_number

__all__ = [
    "RandomAffine",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShear",
    "RandomShift",
    "RandomTranslation",
    "RandomVerticalFlip",
    "RandomZoom",
]

Seed = "int | np.random.Generator | None"


class RandomHorizontalFlip(RandomTransform):
    """Swap left and right, with probability p.

    Args:
        p: probability.
        seed: as in RandomAffine.
    """

    axis = 3

    def __init__(self, p: float = 0.5, *, seed: Any = None) -> None:
        super().__init__(seed)
        self.p = check_probability(type(self).__name__, p)

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Flip where u < p."""
        ys, flipped = xs.copy(), u[:, 0] < self.p
        ys[flipped] = np.flip(xs[flipped], self.axis)
        return ys


class RandomVerticalFlip(RandomHorizontalFlip):
    """Swap above and below, with probability p; the rest as in RandomHorizontalFlip."""

    axis = 2


class RandomAffine(RandomTransform):
    """Zoom, shear and rotate about the centre, then shift, in one resampling.

    Args:
        degrees: rotation; a number d draws from -d to d, a pair from low to high. Positive is
            counter-clockwise.
        shift: a pair for (width, height), or one value for both: a float is a part of the side,
            drawn from -shift to shift; an integer a whole number of pixels.
        shear: degrees by which upright lines lean to the right, as degrees.
        zoom: a number z draws the factor from 1 - z to 1 + z, a pair from low to high; above 1
            enlarges.
        keep_aspect: one zoom factor for both sides, not one for each.
        fill_mode: what appears at the edges: "nearest", "constant", "reflect" or "wrap".
        fill: the value of "constant", or one per channel.
        order: 1 interpolates between pixels, 0 takes the nearest, as masks of labels need it.
        seed: start of its own generator, or a Generator. None takes one from
            `dezero.backend.random` when the transform is made.
    Note: takes Pillow images and arrays (C, H, W), (H, W); `batch` also (N, C, H, W), each
        picture its own draw. `resample` has the conventions.
    """

    numbers = 6

    def __init__(
        self,
        degrees: Any = 0.0,
        shift: Any = 0.0,
        shear: Any = 0.0,
        zoom: Any = 0.0,
        *,
        keep_aspect: bool = True,
        fill_mode: str = "nearest",
        fill: Any = 0.0,
        order: int = 1,
        seed: Any = None,
    ) -> None:
        name = type(self).__name__
        super().__init__(seed)
        check_fill(name, order, fill_mode)
        self.degrees = drawn_range(name, "degrees", degrees)
        self.shift = _sides(name, shift)
        self.shear = drawn_range(name, "shear", shear, least=-89.0)
        if self.shear[1] > 89.0:
            raise ValueError(
                f"{name}: expected shear within -89 to 89 degrees, got {shear!r}. At 90 upright "
                "lines would lie down."
            )
        self.zoom = drawn_range(name, "zoom", zoom, centre=1.0, least=0.01)
        self.keep_aspect = keep_aspect
        self.fill_mode, self.fill, self.order = fill_mode, fill, order

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Resample each picture by the matrix that u (N, 6) chooses."""
        options = {"order": self.order, "fill_mode": self.fill_mode, "fill": self.fill}
        return resample(xs, self.matrices(xs.shape[2:], u), **options)

    def matrices(self, shape: tuple[int, int], u: np.ndarray) -> np.ndarray:
        """Return the matrices (N, 2, 3) for pictures of (height, width) and uniform numbers u."""
        tall = _spread(self.zoom, u[:, 4])
        return affine_matrix(
            shape,
            rotation=_spread(self.degrees, u[:, 0]),
            shift=(
                _pixels(self.shift[1], shape[0], u[:, 2]),
                _pixels(self.shift[0], shape[1], u[:, 1]),
            ),
            shear=_spread(self.shear, u[:, 3]),
            zoom=(tall, tall if self.keep_aspect else _spread(self.zoom, u[:, 5])),
        )


class RandomRotation(RandomAffine):
    """Rotate about the centre by an angle in degrees, positive counter-clockwise.

    Args:
        degrees: a number d draws from -d to d, a pair from low to high.
        fill_mode, fill, order, seed: as in RandomAffine.
    """

    def __init__(
        self,
        degrees: Any,
        *,
        fill_mode: str = "nearest",
        fill: Any = 0.0,
        order: int = 1,
        seed: Any = None,
    ) -> None:
        super().__init__(degrees, fill_mode=fill_mode, fill=fill, order=order, seed=seed)


class RandomShift(RandomAffine):
    """Move to the side by up to `width` and up or down by up to `height`.

    Args:
        width: to the side; a float is a part of the picture's width, an integer whole pixels.
        height: up and down, the same of the height.
        fill_mode, fill, order, seed: as in RandomAffine.
    """

    def __init__(
        self,
        width: Any = 0.0,
        height: Any = 0.0,
        *,
        fill_mode: str = "nearest",
        fill: Any = 0.0,
        order: int = 1,
        seed: Any = None,
    ) -> None:
        shift = (width, height)
        super().__init__(shift=shift, fill_mode=fill_mode, fill=fill, order=order, seed=seed)


RandomTranslation = RandomShift


class RandomShear(RandomAffine):
    """Lean upright lines to the right by an angle in degrees; the middle row stays in place.

    Args:
        shear: a number d draws from -d to d, a pair from low to high; less than 90.
        fill_mode, fill, order, seed: as in RandomAffine.
    """

    def __init__(
        self,
        shear: Any,
        *,
        fill_mode: str = "nearest",
        fill: Any = 0.0,
        order: int = 1,
        seed: Any = None,
    ) -> None:
        super().__init__(shear=shear, fill_mode=fill_mode, fill=fill, order=order, seed=seed)


class RandomZoom(RandomAffine):
    """Enlarge or shrink about the centre; the picture keeps its size.

    Args:
        zoom: a number z draws the factor from 1 - z to 1 + z, a pair from low to high.
        keep_aspect: one factor for both sides, not one for each.
        fill_mode, fill, order, seed: as in RandomAffine.
    """

    def __init__(
        self,
        zoom: Any,
        *,
        keep_aspect: bool = True,
        fill_mode: str = "nearest",
        fill: Any = 0.0,
        order: int = 1,
        seed: Any = None,
    ) -> None:
        options = {"fill_mode": fill_mode, "fill": fill, "order": order, "seed": seed}
        super().__init__(zoom=zoom, keep_aspect=keep_aspect, **options)


def check_probability(name: str, p: Any) -> float:
    """Return p if it is a number from 0 to 1."""
    if not is_number(p) or not 0 <= p <= 1:
        raise ValueError(f"{name}: expected p from 0 to 1, got {p!r}. Give a probability.")
    return float(p)


def _sides(name: str, shift: Any) -> tuple[Any, Any]:
    sides = (shift, shift) if np.ndim(shift) == 0 else tuple(shift)
    if len(sides) != 2 or not all(map(is_number, sides)):
        raise TypeError(
            f"{name}: expected shift to be a number or two (width, height), got {shift!r}. "
            "A float is a part of the side, an integer a number of pixels."
        )
    if not np.isfinite(sides).all():
        raise ValueError(f"{name}: expected a finite shift, got {shift!r}. Give a smaller one.")
    return sides


def _spread(bounds: tuple[float, float], u: np.ndarray) -> np.ndarray:
    return bounds[0] + (bounds[1] - bounds[0]) * u


def _pixels(shift: Any, side: int, u: np.ndarray) -> np.ndarray:
    """Return shifts in pixels: whole ones for an integer, parts of the side for a float."""
    if isinstance(shift, int | np.integer):
        most = abs(int(shift))
        return np.floor(u * (2 * most + 1)) - most
    return (2 * u - 1) * abs(shift) * side

"""Three interleaved spiral arms in the plane: the book's smallest task that no line can solve."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.datasets.base import Dataset

__all__ = ["Spiral", "get_spiral"]

CLASSES = 3
POINTS = 100


def get_spiral(train: bool = True, seed: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return 300 points of three spiral arms, shuffled.

    Args:
        train: the training or the test points.
        seed: start of the generator; None takes the book's 1984 (training) or 2020 (test).
    Returns:
        x float32 (300, 2) with |x| < 1, and t int64 (300,) in 0..2.
    Note: the points are the book's, but NumPy's global generator is left alone.
    """
    if seed is None:
        seed = 1984 if train else 2020
    rng = np.random.RandomState(seed)  # noqa: TID251 - for the points that everybody knows
    t = np.repeat(np.arange(CLASSES), POINTS)
    radius = np.tile(np.arange(POINTS) / POINTS, CLASSES)
    angle = 4.0 * t + 4.0 * radius + 0.2 * rng.randn(CLASSES * POINTS)
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1).astype(np.float32)
    order = rng.permutation(len(x))
    return x[order], t[order]


class Spiral(Dataset):
    """The points of `get_spiral` as a data set: x float32 (2,), t in 0..2.

    Args:
        train: the training or the test points.
        transform: callable on one point.
        target_transform: callable on one label.
        seed: as in get_spiral.
    """

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        self.seed = seed
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        self.data, self.label = get_spiral(self.train, self.seed)

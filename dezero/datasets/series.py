"""A noisy sine curve, each value to be told from the one before: the book's task for RNNs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.datasets.base import Dataset

__all__ = ["SinCurve"]

POINTS = 1000
NOISE = 0.05


class SinCurve(Dataset):
    """One period in 1000 points: x is a value, t the next one, both float64 (1,).

    Args:
        train: a sine with noise in [-0.05, 0.05), or for the test a cosine without.
        transform: callable on one value.
        target_transform: callable on one next value.
        seed: start of the noise's own generator; the same seed gives the same curve.
    """

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        seed: int = 1984,
    ) -> None:
        self.seed = seed
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        x = np.linspace(0, 2 * np.pi, POINTS)
        if self.train:
            y = np.sin(x) + np.random.default_rng(self.seed).uniform(-NOISE, NOISE, POINTS)
        else:
            y = np.cos(x)
        self.data, self.label = y[:-1, None], y[1:, None]

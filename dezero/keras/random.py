"""`keras.random`: random arrays, from a seed, a `SeedGenerator` or the library's generator."""

from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend.philox import source_of
from dezero.backend.random import default_rng
from dezero.core import Config, Variable, as_array, using_config
from dezero.functions.noise import drawn_keep

__all__ = [
    "SeedGenerator", "categorical", "dropout", "normal", "randint", "shuffle", "truncated_normal",
    "uniform",
]  # fmt: skip


class SeedGenerator:
    """What the functions take as `seed` so that each call draws anew.

    Args:
        seed: where to begin; by chance if None.
        name: accepted.
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **ignored: Any) -> None:
        if seed is None:
            seed = int(default_rng().integers(2**31))
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    def next(self, ordered: bool = True) -> int:
        """Return the next seed."""
        return int(self.rng.integers(2**31))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's argument."""
        return {"seed": self.seed}


def _rng(seed: Any) -> np.random.Generator:
    if isinstance(seed, SeedGenerator):
        return seed.rng
    return default_rng() if seed is None else np.random.default_rng(seed)


def _drawn(values: Any, dtype: Any) -> Variable:
    return Variable.constant(np.asarray(values).astype(dtype or Config.dtype))


def normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return normally distributed numbers."""
    return _drawn(_rng(seed).normal(mean, stddev, shape), dtype)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return normally distributed numbers, drawn again where beyond two deviations."""
    rng = _rng(seed)
    values = rng.standard_normal(shape)
    while (far := abs(values) > 2).any():
        values = np.where(far, rng.standard_normal(shape), values)
    return _drawn(mean + stddev * values, dtype)


def uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return numbers from minval to below maxval, all alike; whole ones for an integer dtype."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        return randint(shape, int(minval), int(maxval), dtype, seed)
    return _drawn(_rng(seed).uniform(minval, maxval, shape), dtype)


def randint(
    shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None
) -> Variable:
    """Return whole numbers from minval to below maxval."""
    return _drawn(_rng(seed).integers(minval, maxval, shape), dtype or "int32")


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Variable:
    """Return classes (N, num_samples), drawn by the logits (N, classes) of each row."""
    logits = as_array(logits)
    noise = _rng(seed).gumbel(size=(logits.shape[0], num_samples, logits.shape[1]))
    return _drawn((logits[:, None] + noise).argmax(-1), dtype or "int32")


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Variable:
    """Return x with the places of an axis in another order."""
    order = _rng(seed).permutation(as_array(x).shape[axis])
    return F.take(Variable.wrap(x), order, axis)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Variable:
    """Return inputs with this part of them 0, and the others larger to make up for it."""
    x = Variable.wrap(inputs)
    rng = seed.rng if isinstance(seed, SeedGenerator) else None if seed is None else source_of(seed)
    keep = drawn_keep(x.data, noise_shape or x.shape, rate, rng)
    with using_config("train", True):
        return F.dropout(x, rate, mask=keep)

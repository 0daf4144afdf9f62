"""Arrays made ready for training: one-hot rows, unit norms, and the seed."""

import random
from typing import Any

import numpy as np

from dezero.backend.random import seed as seed_library
from dezero.core import as_array
from dezero.core.errors import describe

__all__ = ["normalize", "set_random_seed", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None, dtype: Any = None) -> np.ndarray:
    """Return class numbers as one-hot rows, `(N,)` or `(N, 1)` as `(N, num_classes)`.

    Args:
        x: class numbers of any shape; a last axis of size 1 is dropped.
        num_classes: the largest number and one more if None.
        dtype: float64 if None, as in Keras 3; "float32" in Keras 2.
    Raises:
        ValueError: a class is negative, no whole number, or not below num_classes.
    """
    given = np.asarray(as_array(x) if hasattr(x, "data") else x)
    numbers = given.astype(np.int64)
    if not np.array_equal(numbers, given):
        raise ValueError(f"to_categorical: expected whole numbers, got {describe(given)}. Round.")
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    numbers = numbers.reshape(-1)
    classes = int(numbers.max(initial=-1)) + 1 if num_classes is None else int(num_classes)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes:
        raise ValueError(
            f"to_categorical: expected classes from 0 to {classes - 1}, got {numbers.min()} to "
            f"{numbers.max()}. Give num_classes, or count classes from 0."
        )
    rows = np.zeros((numbers.size, classes), dtype)
    rows[np.arange(numbers.size), numbers] = 1
    return rows.reshape(*shape, classes)


def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray:
    """Return an array divided by its norm of that order over an axis; zeros stay zeros."""
    array = np.asarray(as_array(x) if hasattr(x, "data") else x)
    norm = np.atleast_1d(np.linalg.norm(array, order, axis))
    norm[norm == 0] = 1
    return array / np.expand_dims(norm, axis)


def set_random_seed(seed: int) -> None:
    """Seed Python's, NumPy's and the library's generators.

    Raises:
        ValueError: seed is no integer from 0 to 2**32 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(
            f"set_random_seed: expected an integer from 0 to 2**32 - 1, got {seed!r}. Take 42."
        )
    random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: TID251 - scripts draw from it
    seed_library(int(seed))

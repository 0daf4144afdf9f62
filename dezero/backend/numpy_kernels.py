"""The few routines NumPy lacks, in plain NumPy: the reference every other backend is tested by."""

import numpy as np

__all__ = ["index_add", "sum_to"]


def sum_to(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum `x` over the axes that broadcasting from `shape` added or stretched."""
    lead = x.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, size in enumerate(shape) if size == 1 and x.shape[i + lead] != 1
    )
    return x.sum(axis=axes, keepdims=True).reshape(shape)


def index_add(y: np.ndarray, index: object, values: np.ndarray) -> None:
    """Add `values` into `y[index]` in place, counting repeated indices as often as they occur."""
    np.add.at(y, index, values)

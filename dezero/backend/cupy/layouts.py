"""How arrays in rows, as ours, are matrices in columns, as BLAS's: pure arithmetic on strides.

An array in rows, read in columns, is its transpose. So y = a @ b is asked for as y' = b' @ a',
and an array that is a transposed view already needs no copy: it is read with the other sign.
"""

import functools
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

__all__ = ["Operand", "Plan", "collapsed", "operand", "plan"]


class Operand(NamedTuple):
    """A matrix in memory: whether its columns lie together, the step from one row (or column) to
    the next, and that from one matrix to the next; in elements."""

    by_columns: bool
    step: int
    batch: int = 0


class Plan(NamedTuple):
    """A product: y (count, m, n) of a (count, m, k) and b (count, k, n).

    An operand of None cannot be read where it is: it has to be broadcast to `lead` and copied.
    """

    m: int
    n: int
    k: int
    count: int
    a: Operand | None
    b: Operand | None
    shape: tuple[int, ...]
    lead: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to multiply: y is empty, or all zeros."""
        return not (self.m and self.n and self.k and self.count)


def collapsed(shape: Sequence[int], strides: Sequence[int]) -> int | None:
    """Return the one stride that walks through all axes as through one; None if there is none."""
    size, step = 1, 0
    for n, stride in zip(reversed(shape), reversed(strides), strict=True):
        if n == 1:
            continue
        if size == 1:
            step = stride
        elif stride != step * size:
            return None
        size *= n
    return step


def operand(shape: Sequence[int], strides: Sequence[int], batch: int = 0) -> Operand | None:
    """Return how BLAS reads a matrix of two axes; None if neither axis lies together."""
    (rows, cols), (down, along) = shape, strides
    if (along == 1 or cols == 1) and (rows == 1 or down >= max(cols, 1)):
        return Operand(False, max(cols, 1) if rows == 1 else down, batch)
    if (down == 1 or rows == 1) and (cols == 1 or along >= max(rows, 1)):
        return Operand(True, max(rows, 1) if cols == 1 else along, batch)
    return None


@functools.lru_cache(4096)
def plan(
    a_shape: tuple[int, ...],
    a_strides: tuple[int, ...],
    b_shape: tuple[int, ...],
    b_strides: tuple[int, ...],
    itemsize: int,
) -> Plan:
    """Return how the product of two arrays is one call of BLAS; strides are in bytes.

    Raises:
        ValueError: the shapes do not fit.
    """
    if not a_shape or not b_shape:
        raise ValueError(f"matmul: expected arrays with axes, got {a_shape} and {b_shape}.")
    a_row, b_column = len(a_shape) == 1, len(b_shape) == 1
    if a_row:
        a_shape, a_strides = (1, *a_shape), (a_shape[0] * a_strides[0], *a_strides)
    if b_column:
        b_shape, b_strides = (*b_shape, 1), (*b_strides, itemsize)
    if a_shape[-1] != b_shape[-2]:
        raise ValueError(f"matmul: expected sizes that fit, got {a_shape} and {b_shape}.")
    lead = np.broadcast_shapes(a_shape[:-2], b_shape[:-2])
    m, k, n = *a_shape[-2:], b_shape[-1]
    shape = (*lead, *(() if a_row else (m,)), *(() if b_column else (n,)))
    steps_a, steps_b = _elements(a_strides, itemsize), _elements(b_strides, itemsize)
    if len(b_shape) == 2 and len(a_shape) > 2 and steps_a is not None:
        # Many rows by one matrix, in place of many products.
        rows, step = prod(a_shape[:-1]), collapsed(a_shape[:-1], steps_a[:-1])
        if step is not None:
            whole = operand((rows, k), (step, steps_a[-1]))
            of_b = None if steps_b is None else operand(b_shape, steps_b)
            return Plan(rows, n, k, 1, whole, of_b, shape, () if whole and of_b else lead)
    return Plan(
        m, n, k, prod(lead), _batched(a_shape, steps_a, lead),
        _batched(b_shape, steps_b, lead), shape, lead,
    )  # fmt: skip


def _elements(strides: tuple[int, ...], itemsize: int) -> tuple[int, ...] | None:
    if any(stride % itemsize for stride in strides):
        return None
    return tuple(stride // itemsize for stride in strides)


def _batched(
    shape: tuple[int, ...], steps: tuple[int, ...] | None, lead: tuple[int, ...]
) -> Operand | None:
    """Return how a batch of matrices is read, each `step` after the last, stretched to `lead`."""
    if steps is None:
        return None
    missing = len(lead) - (len(shape) - 2)
    stretched = [0] * missing
    for size, step in zip(shape[:-2], steps[:-2], strict=True):
        stretched.append(0 if size == 1 else step)
    batch = collapsed(lead, stretched)
    return None if batch is None or batch < 0 else operand(shape[-2:], steps[-2:], batch)

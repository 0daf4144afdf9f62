"""Which arrays BLAS reads where they are, and how."""

import numpy as np
import pytest

from dezero.backend.cupy.layouts import Operand, collapsed, operand, plan


@pytest.mark.parametrize(
    ("shape", "strides", "expected"),
    [
        ((2, 3), (3, 1), Operand(False, 3)),
        ((2, 3), (7, 1), Operand(False, 7)),
        ((2, 3), (1, 2), Operand(True, 2)),
        ((2, 3), (1, 9), Operand(True, 9)),
        ((1, 3), (99, 1), Operand(False, 3)),
        ((3, 1), (5, 99), Operand(False, 5)),
        ((1, 3), (0, 4), Operand(True, 4)),
        ((1, 1), (0, 0), Operand(False, 1)),
        ((2, 3), (0, 1), None),
        ((2, 3), (-3, 1), None),
        ((2, 3), (6, 2), None),
        ((3, 3), (1, 1), None),
    ],
)
def test_operand(shape, strides, expected):
    assert operand(shape, strides) == expected


@pytest.mark.parametrize(
    ("shape", "strides", "expected"),
    [((2, 3), (30, 10), 10), ((2, 3), (10, 20), None), ((2, 3), (0, 0), 0), ((2, 1), (5, 7), 5),
     ((), (), 0), ((2, 3), (0, 5), None)],
)  # fmt: skip
def test_collapsed(shape, strides, expected):
    assert collapsed(shape, strides) == expected


def made(a, b):
    return plan(a.shape, a.strides, b.shape, b.strides, a.itemsize)


def test_many_rows_by_one_matrix_are_one_product():
    found = made(np.empty((4, 5, 6)), np.empty((6, 7)))
    assert (found.m, found.n, found.k, found.count, found.shape) == (20, 7, 6, 1, (4, 5, 7))


def test_transposed_batches_are_read_where_they_are():
    a, b = np.empty((4, 5, 6)).swapaxes(1, 2), np.empty((4, 7, 5)).swapaxes(1, 2)
    found = made(a, b)
    assert (found.a, found.b) == (Operand(True, 6, 30), Operand(True, 5, 35))


def test_one_matrix_by_a_batch():
    found = made(np.empty((5, 6)), np.empty((3, 6, 7)))
    assert found.a == Operand(False, 6, 0) and found.b == Operand(False, 7, 42)


def test_a_batch_that_is_walked_backwards_is_copied():
    found = made(np.empty((3, 4, 6))[::-1], np.empty((3, 6, 7)))
    assert found.a is None and found.b == Operand(False, 7, 42) and found.lead == (3,)


def test_misfits():
    with pytest.raises(ValueError, match="matmul: expected sizes that fit"):
        made(np.empty((2, 3)), np.empty((2, 3)))
    with pytest.raises(ValueError, match="matmul: expected arrays with axes"):
        made(np.empty(()), np.empty((2, 3)))

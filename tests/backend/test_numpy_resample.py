"""The warp kernel: into arrays of any strides and dtype; its values are tested with `resample`."""

import numpy as np
import pytest

from dezero.backend import numpy_resample

HALF = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.5]]])
FILL = np.zeros((1, 1, 1))


def warped(xs, ys, *, matrices=HALF, order=1, fill_mode="nearest", fill=FILL):
    numpy_resample.warp(xs, matrices, ys, order=order, fill_mode=fill_mode, fill=fill)
    return ys


@pytest.mark.parametrize(
    ("fill_mode", "expected"),
    [
        ("nearest", [0.5, 2, 3]),
        ("reflect", [0.5, 2, 3]),
        ("wrap", [0.5, 2, 1.5]),
        ("constant", [0.5, 2, 6]),
    ],
)
def test_what_lies_outside(fill_mode, expected):
    xs = np.array([0.0, 1.0, 3.0]).reshape(1, 1, 1, 3)
    ys = warped(xs, np.empty_like(xs), fill_mode=fill_mode, fill=FILL + 9)
    assert ys.ravel().tolist() == expected


def test_strides_and_kinds():
    xs = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3).transpose(0, 3, 1, 2)  # (1, 3, 2, 4)
    floats = warped(xs, np.empty((1, 2, 4, 3), np.float32).transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(floats[..., :3], xs[..., :3] + 1.5)
    whole = warped(xs, np.empty((1, 3, 2, 4), np.int16))
    np.testing.assert_array_equal(whole, np.rint(floats))
    nearest = warped(xs, np.empty((1, 3, 2, 4)), order=0)
    np.testing.assert_array_equal(nearest[..., :3], xs[..., 1:])


def test_the_working_type_is_the_wider_one():
    small, large = np.empty(0, np.uint8), np.empty(0, np.float64)
    assert numpy_resample.working(small, small) is np.float32
    assert numpy_resample.working(small, large) is np.float64
    assert numpy_resample.working(large, small) is np.float64

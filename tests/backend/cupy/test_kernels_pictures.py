"""The warp of the GPU, its text run on the host: arrays of any type and memory."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_pictures
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.backend.cupy.table.test_pictures import both

HALF = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.5]]])
FILL = np.zeros((1, 1, 1))


@needs_compiler
@pytest.mark.parametrize(
    ("read", "write"), [("u1", "i2"), ("i4", "i8"), ("f2", "f2"), ("?", "?"), ("i1", "f4")]
)
@pytest.mark.parametrize("order", [0, 1])
def test_types(read, write, order, rng):
    xs = rng.integers(-50, 50, (1, 4, 3, 2)).astype(read).transpose(0, 3, 1, 2)
    ys = np.zeros((1, 4, 3, 2), write).transpose(0, 3, 1, 2)
    ours, twin = both(xs, ys, HALF, order=order, fill_mode="reflect", fill=FILL)
    np.testing.assert_array_equal(ours, twin)


@needs_compiler
@pytest.mark.parametrize("fill_mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize("shift", [-1e-17, -0.5, -1.0, 2.5, 3.0, 30.0])
def test_edges(fill_mode, shift):
    xs = np.array([0.0, 1.0, 3.0]).reshape(1, 1, 1, 3)
    matrices = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, shift]]])
    for order in (0, 1):
        options = {"order": order, "fill_mode": fill_mode, "fill": FILL + 9}
        ours, twin = both(xs, np.zeros_like(xs), matrices, **options)
        np.testing.assert_array_equal(ours, twin)


def test_nothing_to_show():
    xs = np.ones((0, 1, 2, 2))
    with hosted():
        kernels_pictures.warp(xs, HALF[:0], xs.copy(), order=1, fill_mode="nearest", fill=FILL)

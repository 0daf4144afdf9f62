"""The compiled warp against its NumPy twin. Skipped without numba."""

import inspect

import numpy as np
import pytest

from dezero.backend import numpy_resample
from dezero.transforms import affine_matrix

MODES = ("nearest", "constant", "reflect", "wrap")


@pytest.fixture
def fast():
    pytest.importorskip("numba")
    from dezero.backend import numba_resample

    return numba_resample


def both(fast, xs, matrices, shape, dtype, **options):
    options = {"order": 1, "fill_mode": "nearest", "fill": np.zeros((1, 1, 1)), **options}
    results = []
    for module in (fast, numpy_resample):
        ys = np.empty(shape, dtype)
        module.warp(xs, matrices, ys.transpose(0, 3, 1, 2), **options)
        results.append(ys)
    return results


def test_the_signature_is_that_of_its_twin(fast):
    assert inspect.signature(fast.warp) == inspect.signature(numpy_resample.warp)


@pytest.mark.parametrize("fill_mode", MODES)
@pytest.mark.parametrize(("source", "dtype"), [
    (np.uint8, np.float32), (np.float32, np.float32), (np.float64, np.float64),
    (np.uint8, np.uint8), (bool, np.float32),
])  # fmt: skip
def test_values(fast, rng, source, dtype, fill_mode):
    xs = rng.integers(0, 2 if source is bool else 256, (5, 11, 7, 3)).astype(source)
    matrices = affine_matrix(
        (11, 7), rotation=rng.uniform(-180, 180, 5), zoom=rng.uniform(0.2, 2, 5),
        shift=(rng.uniform(-30, 30, 5), rng.uniform(-30, 30, 5)),
    )  # fmt: skip
    fill = rng.uniform(0, 255, (3, 1, 1)).round()
    ours, twin = both(
        fast, xs.transpose(0, 3, 1, 2), matrices, (5, 9, 8, 3), dtype, fill_mode=fill_mode,
        fill=fill,
    )  # fmt: skip
    np.testing.assert_allclose(ours, twin, rtol=1e-5, atol=1e-4 if dtype != np.float64 else 1e-9)


@pytest.mark.parametrize("fill_mode", MODES)
def test_places_at_edges_and_far_away_are_within(fast, rng, fill_mode):
    xs = rng.random((4, 1, 3, 2))
    far = np.zeros((4, 2, 3))
    far[:, 0, 0] = far[:, 1, 1] = 1
    far[0, :, 2] = -1e-18
    far[1, :, 2] = 1e300
    far[2, :, :2] = 1e308
    far[3, :, 2] = -1e19
    ys = np.empty((4, 1, 5, 5))
    options = {"order": 1, "fill_mode": fill_mode, "fill": np.full((1, 1, 1), 0.5)}
    fast.warp(xs, far, ys, **options)
    assert ((ys >= 0) & (ys <= 1)).all()


def test_nothing_to_do(fast):
    for shape in ((0, 1, 3, 3), (1, 0, 3, 3), (1, 1, 0, 3)):
        xs = np.ones((shape[0], shape[1], 3, 3))
        matrices = np.tile(np.eye(3)[:2], (shape[0], 1, 1))
        fast.warp(
            xs, matrices, np.empty(shape), order=1, fill_mode="wrap", fill=np.zeros((1, 1, 1))
        )

"""Linear maps along an axis, against the matrices they stand for."""

import numpy as np
import pytest

from dezero.functions.taps import Taps

MAPS = {
    "repeat": ((6, 3), [0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 1, 1]),
    "unordered": ((3, 4), [2, 0, 2, 1], [0, 3, 1, 2], [0.5, 2, 3, 1]),
    "holes": ((4, 3), [1, 3], [2, 0], [1, -1]),
    "weightless": ((2, 2), [0, 0, 1], [0, 1, 1], [1, 0, 1]),
    "reversed": ((3, 3), [0, 1, 2], [2, 1, 0], [1, 1, 1]),
    "nothing": ((2, 3), [], [], []),
}


@pytest.fixture(params=MAPS)
def taps(request):
    shape, outs, ins, weights = MAPS[request.param]
    return Taps(shape, np.array(outs, int), np.array(ins, int), np.array(weights, float))


def matrix(taps):
    M = np.zeros(taps.shape)
    M[taps.outs, taps.ins] = taps.weights
    return M


@pytest.mark.parametrize("axis", [1, 2])
def test_a_map_is_its_matrix(rng, taps, axis):
    M = matrix(taps)
    for this, one in ((taps, M), (taps.adjoint, M.T)):
        shape = [2, 4, 5, 3]
        shape[axis] = this.shape[1]
        x = rng.standard_normal(shape)
        before = x.copy()
        y = this.apply(x, axis)
        np.testing.assert_allclose(y, np.moveaxis(np.tensordot(one, x, (1, axis)), 0, axis))
        np.testing.assert_array_equal(x, before)
        assert not np.shares_memory(x, y)


def test_adjoints_are_made_once(taps):
    assert taps.adjoint is taps.adjoint


def test_nothing_but_its_triplets_counts():
    _, outs, ins, weights = MAPS["weightless"]
    taps = Taps((2, 2), np.array(outs), np.array(ins), np.array(weights, float))
    y = taps.apply(np.array([[[[1.0]], [[np.inf]]]]), 1)
    np.testing.assert_array_equal(y.ravel(), [1, np.inf])


def test_the_dtype_stays():
    taps = Taps((2, 1), np.array([0, 1]), np.array([0, 0]), np.array([0.5, 1.5]))
    assert taps.apply(np.ones((1, 1, 1, 1), np.float32), 1).dtype == np.float32

"""The scale of a loss: gradients taken back, and the scale as torch's GradScaler adjusts it."""

import numpy as np
import pytest

from dezero.backend import numpy_scaling as kernels


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_unscale(rng, dtype):
    g, found = rng.standard_normal((5, 2)).astype(dtype), np.zeros(1)
    before = g.copy()
    y = kernels.unscale(g, np.array(0.25), found)
    np.testing.assert_array_equal(y, before / 4)
    np.testing.assert_array_equal(g, before)
    assert y.dtype == dtype and found[0] == 0
    for bad in (np.inf, -np.inf, np.nan):
        found[0] = 0
        kernels.unscale(np.array([1.0, bad]), 0.25, found)
        assert found[0] == 1
    kernels.unscale(np.ones(1), 0.25, found)
    assert found[0] == 1


def test_the_scale_grows_and_shrinks_between_its_bounds():
    state = np.array([8.0, 1 / 8, 0, 0, 0, 0])
    seen = []
    for found in (0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1):
        state[4] = found
        kernels.adjust_scale(state, growth=2.0, backoff=0.5, every=2, lowest=2.0, highest=16.0)
        assert state[1] == 1 / state[0] and state[4] == 0 and state[5] == found
        seen.append((*state[[0, 2, 3]],))
    scales = [scale for scale, _, _ in seen]
    assert scales == [8, 16, 8, 8, 16, 16, 16, 16, 16, 8, 4, 2, 2, 2]
    assert [good for _, good, _ in seen] == [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    assert seen[-1][2] == 6


def test_a_row_by_what_was_skipped():
    rows, state = np.arange(6.0), np.zeros(6)
    for missed, expected in ((0, [0, 1]), (2, [4, 5])):
        state[3] = missed
        assert kernels.pick_row(rows, state, 2).tolist() == expected

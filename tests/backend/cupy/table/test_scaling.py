"""The text of the kernels of a loss's scale against their twins."""

import numpy as np
import pytest

from dezero.backend.cupy.table import scaling
from tests.backend.cupy.host_kernels import HostKernel, needs_compiler, pairs

pytestmark = needs_compiler


def unscale(run, letters, rng):
    g, found = rng.standard_normal(9).astype(letters), np.zeros(1)
    y = np.empty_like(g)
    run(g, 0.5, y, found)
    np.testing.assert_array_equal(y, g * g.dtype.type(0.5))
    assert found[0] == 0
    g[4] = np.inf
    run(g, 0.5, y, found)
    assert found[0] == 1


def adjust_scale(run, letters, rng):
    state = np.array([4.0, 0.25, 1, 2, 1, 0])
    run(2.0, 0.5, 2.0, 1.0, 64.0, state, size=1)
    assert state.tolist() == [2, 0.5, 0, 3, 0, 1]
    run(2.0, 0.5, 1.0, 1.0, 64.0, state, size=1)
    assert state.tolist() == [4, 0.25, 0, 3, 0, 0]


def pick_row(run, letters, rng):
    y = np.empty(2)
    run(np.arange(6.0), np.array([0, 0, 0, 1.0]), 2, y)
    assert y.tolist() == [2, 3]
    with pytest.raises(IndexError):
        run(np.arange(2.0), np.array([0, 0, 0, 1.0]), 2, y)


@pytest.mark.parametrize(("spec", "letters"), pairs(scaling.SPECS))
def test_text(spec, letters, rng):
    globals()[spec.name](HostKernel(spec, letters), letters, rng)

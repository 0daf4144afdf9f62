"""The text of the warp against its NumPy twin."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_pictures
from dezero.backend.cupy.table import pictures
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler, pairs

pytestmark = needs_compiler


def both(xs, ys, matrices, **options):
    """Return ys as the kernel and as its twin leaves it."""
    twin = ys.copy()
    with hosted():
        kernels_pictures.warp(xs, matrices, ys, **options)
    HOST_KERNELS.warp(xs, matrices, twin, **options)
    return ys, twin


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize(("spec", "letters"), pairs(pictures.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, fill_mode, order, rng):
    assert spec.name == "warp"
    xs = rng.integers(0, 200, (2, 3, 5, 6)).astype(letters[0])
    ys = np.zeros((2, 3, 7, 8), letters[1])
    matrices = rng.standard_normal((2, 2, 3))
    fill = rng.integers(0, 200, (3, 1, 1)).astype(letters[0])
    ours, twin = both(xs, ys, matrices, order=order, fill_mode=fill_mode, fill=fill)
    if letters[1] == "B":
        assert np.abs(ours.astype(int) - twin).max() <= 1
        assert (ours != twin).mean() < 0.01
    else:
        eps = 1e-4 if letters != "dd" else 1e-10
        np.testing.assert_allclose(ours, twin, eps, eps)

"""The GPU's kernels of a loss's scale, their text run on the host: bit by bit the host's."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_scaling
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.skipping import skipping
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_unscale(dtype, rng):
    g = rng.standard_normal((3, 4)).astype(dtype)
    for bad in (1.0, np.inf, np.nan):
        g[1, 2] = bad
        found, same = np.zeros(1), np.zeros(1)
        with hosted():
            y = kernels_scaling.unscale(g[::2], np.array(1 / 3), found)
            z = kernels_scaling.unscale(g, 0.25, found)
        np.testing.assert_array_equal(y, HOST_KERNELS.unscale(g[::2], 1 / 3, same))
        np.testing.assert_array_equal(z, HOST_KERNELS.unscale(g, 0.25, same))
        assert found == same


def test_the_scale_after_many_updates(rng):
    ours = np.array([2.0**15, 2.0**-15, 0, 0, 0, 0])
    twin = ours.copy()
    rates = {"growth": 1.7, "backoff": 0.45, "every": 5, "lowest": 1.0, "highest": 1e5}
    with hosted():
        for found in rng.random(300) < 0.1:
            ours[4] = twin[4] = found
            kernels_scaling.adjust_scale(ours, **rates)
            HOST_KERNELS.adjust_scale(twin, **rates)
            np.testing.assert_array_equal(ours, twin)
        ours[3] = 2
        rows = rng.standard_normal(12)
        row = kernels_scaling.pick_row(rows, ours, 3)
    assert row.tolist() == rows[6:9].tolist()


def test_what_is_skipped_changes_nothing(rng):
    from dezero.backend.cupy import kernels_steps
    from tests.backend.cupy.test_kernels_steps import CASES, plain

    for name in CASES:
        arrays = plain.drawn(name, np.float32)
        before = [array.copy() for array in arrays]
        arrays[1][:] = np.nan
        for flag in (np.array(1.0), np.array([1.0])):
            with hosted(), skipping(flag):
                getattr(kernels_steps, name)(*arrays, **CASES[name][1])
        for i, (array, old) in enumerate(zip(arrays, before, strict=True)):
            if i != 1:
                np.testing.assert_array_equal(array, old, name)
    x, average = before[0].copy(), before[0] * 2
    with hosted(), skipping(np.array(1.0)):
        kernels_steps.average_step(x, average, share=0.5, take=1.0)
    np.testing.assert_array_equal(average, before[0] * 2)
    np.testing.assert_array_equal(x, before[0])

"""Optimizer updates of the GPU, their text run on the host: the host's results and signatures."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_steps
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.skipping import skipping
from tests.backend import test_numpy_steps as plain
from tests.backend import test_numpy_steps_more as more
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler
CASES = {**plain.CASES, **more.CASES}


def test_every_step_of_the_host_is_there():
    host = {name for name in vars(HOST_KERNELS) if name.endswith("_step")}
    assert set(kernels_steps.__all__) == host == {*CASES, "average_step"}


@pytest.mark.parametrize("take", [0.0, 1.0])
def test_average(rng, take):
    ours, twins = rng.standard_normal((2, 2, 50))
    twins[:] = ours
    with hosted():
        kernels_steps.average_step(*ours, share=0.9, take=take)
    HOST_KERNELS.average_step(*twins, share=0.9, take=take)
    np.testing.assert_allclose(ours, twins)


@pytest.mark.parametrize("other", [{}, {"keep": 0.9}, {"adaptive": 0.0}, {"lr": 0.0}])
@pytest.mark.parametrize("rate", [float, lambda rate: np.array([rate])], ids=["float", "array"])
@pytest.mark.parametrize("name", CASES)
def test_one_launch_does_what_the_host_does(name, rate, other):
    known = CASES[name][1]
    rates = {**known, **{key: value for key, value in other.items() if key in {*known, "keep"}}}
    ours, twins = plain.drawn(name, np.float32), plain.drawn(name, np.float32)
    with hosted():
        getattr(kernels_steps, name)(*ours, **{key: rate(value) for key, value in rates.items()})
    getattr(HOST_KERNELS, name)(*twins, **rates)
    for own, twin in zip(ours, twins, strict=True):
        # Ftrl's difference of two powers loses three bits, and powf is not NumPy's power.
        np.testing.assert_allclose(own, twin, 4e-6, 4e-6)


@pytest.mark.parametrize("flag", [1.0, np.array(2.0)], ids=["number", "array"])
@pytest.mark.parametrize("name", [*CASES, "average_step"])
def test_an_update_that_is_skipped_changes_nothing(name, flag, rng):
    if name == "average_step":
        ours, rates = list(rng.standard_normal((2, 40))), {"share": 0.9, "take": 1.0}
    else:
        ours, rates = plain.drawn(name, np.float32, 40), CASES[name][1]
    before = [np.copy(x) for x in ours]
    with hosted():
        with skipping(flag):
            getattr(kernels_steps, name)(*ours, **rates)
        for own, old in zip(ours, before, strict=True):
            np.testing.assert_array_equal(own, old)
        getattr(kernels_steps, name)(*ours, **rates)
    assert (ours[0] != before[0]).any()


@pytest.mark.parametrize("name", CASES)
def test_nan_and_infinity_stay_visible(name):
    ours, twins = plain.drawn(name, np.float32, 40), plain.drawn(name, np.float32, 40)
    for arrays in (ours, twins):
        arrays[1][[3, 17]] = np.nan, np.inf
    with hosted(), np.errstate(all="ignore"):
        getattr(kernels_steps, name)(*ours, **CASES[name][1])
        getattr(HOST_KERNELS, name)(*twins, **CASES[name][1])
    for own, twin in zip(ours, twins, strict=True):
        np.testing.assert_array_equal(np.isnan(own), np.isnan(twin))

"""Optimizer updates of the GPU, their text run on the host: the host's results and signatures."""

import numpy as np
import pytest

from dezero.backend import numpy_steps
from dezero.backend.cupy import kernels_steps
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.backend.test_numpy_steps import CASES, drawn

pytestmark = needs_compiler


@pytest.mark.parametrize("keep", [1.0, 0.9])
@pytest.mark.parametrize("rate", [float, lambda rate: np.array([rate])])
@pytest.mark.parametrize("name", kernels_steps.__all__)
def test_one_launch_does_what_the_host_does(name, rate, keep):
    rates = {**CASES[name][1], "keep": keep}
    ours, twins = drawn(name, np.float32), drawn(name, np.float32)
    with hosted():
        getattr(kernels_steps, name)(*ours, **{key: rate(value) for key, value in rates.items()})
    getattr(numpy_steps, name)(*twins, **rates)
    for own, twin in zip(ours, twins, strict=True):
        np.testing.assert_allclose(own, twin, 1e-6, 1e-6)

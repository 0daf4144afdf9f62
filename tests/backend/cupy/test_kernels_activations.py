"""Activations of the GPU, their text run on the host: arrays in any order of memory."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels, kernels_activations
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_result_lies_in_memory_as_what_came_in(order, rng):
    inverse = np.argsort(order)
    x, gy = (v.transpose(order) for v in rng.standard_normal((2, 2, 3, 4)).astype("f4"))
    with hosted():
        y = kernels_activations.activate("silu", x)
        gx = kernels_activations.activate_gradient("silu", gy, x)
        masked = kernels.relu_gradient(gy, np.ascontiguousarray(x))
    assert all(v.transpose(inverse).flags.c_contiguous for v in (y, gx, masked))
    np.testing.assert_allclose(y, HOST_KERNELS.activate("silu", x), 1e-5, 1e-6)
    np.testing.assert_allclose(gx, HOST_KERNELS.activate_gradient("silu", gy, x), 1e-5, 1e-6)
    np.testing.assert_array_equal(masked, HOST_KERNELS.relu_gradient(gy, x))


def test_gaps_and_numbers(rng):
    x = rng.standard_normal((4, 6))[:, ::2]
    with hosted():
        np.testing.assert_allclose(
            kernels_activations.activate("elu", x, 0.5), HOST_KERNELS.activate("elu", x, 0.5)
        )
        assert kernels_activations.activate("relu", np.array(-2.0)).shape == ()
        wide = kernels_activations.activate_gradient("tanh", x, x.astype("f4"))
    assert wide.dtype == "f8"

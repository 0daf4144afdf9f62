"""Gates of the GPU, their text run on the host: outputs that are inputs too."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_recurrent
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.backend.cupy.table.test_recurrent import arguments


@needs_compiler
@pytest.mark.parametrize(
    ("name", "new", "old"), [("lstm_backward", "gc_old", "gc"), ("gru_backward", "gh_old", "gh")]
)
def test_a_gradient_may_be_written_over_another(name, new, old, rng):
    given, _ = arguments(name, rng, "f8")
    ours, twins = ({key: array.copy() for key, array in given.items()} for _ in range(2))
    ours[new], twins[new] = ours[old], twins[old]
    with hosted():
        getattr(kernels_recurrent, name)(**ours)
    getattr(HOST_KERNELS, name)(**twins)
    for key in ours:
        np.testing.assert_allclose(ours[key], twins[key], 1e-13, 1e-13, err_msg=key)

"""The text of changes of precision against what the host does."""

import numpy as np
import pytest

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table import precision
from dezero.backend.precision import autocast, rounded
from tests.backend.cupy.host_kernels import hosted, needs_compiler, pairs

pytestmark = needs_compiler


@pytest.mark.parametrize(("spec", "letters"), pairs(precision.SPECS))
def test_to_bfloat16(spec, letters, rng):
    x = rng.standard_normal(999) * 10.0 ** rng.integers(-38, 38, 999)
    x = np.append(x, [0, np.inf, 3.4e38]).astype(letters)
    with hosted(), autocast("bfloat16"):
        bits = kernel(spec)(x)
        np.testing.assert_array_equal((bits.astype("u4") << 16).view("f4"), rounded(x))
        no_number = kernel(spec)(np.full(1, np.nan, "f4")).astype("u4") << 16
    assert np.isnan(no_number.view("f4"))

"""Every function of the tables on the GPU, to second order, beside NumPy."""

import pytest

from tests import spec_checks as checks
from tests.specs import SPECS


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in SPECS])
def test_value_and_both_orders(spec, dtype, gpu):
    if dtype not in spec.dtypes:
        pytest.skip(f"not for {dtype}")
    checks.check_device(spec, gpu, dtype)

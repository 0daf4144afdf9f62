"""Every optimizer of the tables on the GPU: 20 steps are those of its recurrence."""

import numpy as np
import pytest

from tests.specs.optimizers import SPECS
from tests.test_optimizer_specs import Model, assert_same_path, draw, expected, train


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 2e-4)])
@pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in SPECS])
def test_trajectory(spec, dtype, rtol, rng, gpu):
    start, steps = draw(rng, dtype)
    model = Model(start)
    model.to_gpu()
    got = train(spec.make().setup(model), model, steps, gpu.from_host)
    assert all(type(p.data) is gpu.array_types[0] and p.dtype == dtype for p in model.params())
    assert_same_path(got, expected(spec, start, steps), rtol)

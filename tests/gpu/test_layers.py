"""Every layer of the tables on the GPU: result and gradients are the host's."""

import numpy as np
import pytest

from dezero.backend import backend_of, to_host, transfers
from dezero.core import Variable, test_mode
from tests.specs.layers import SPECS
from tests.test_layer_specs import draw, everything

test_mode.__test__ = False


@pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in SPECS])
def test_result_and_gradients(spec, rng, gpu):
    layer, x = spec.make(), Variable(draw(spec, rng))
    with test_mode():
        expected = everything(layer, x)
        layer.to_gpu()
        x.to_gpu()
        with transfers() as moved:
            got = everything(layer, x)
    assert moved.to_host == 0
    for one, other in zip(got, expected, strict=True):
        assert backend_of(one) is gpu
        np.testing.assert_allclose(to_host(one), other, rtol=2e-4, atol=2e-5)
    layer.to_cpu()
    assert all(type(p.data) is np.ndarray for p in layer.params())

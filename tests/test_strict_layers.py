"""Every layer on the double of a GPU: moved before it knows its shapes, and not one copy later."""

import pytest

import dezero.functions as F
from dezero.backend import no_sync, transfers
from dezero.core import Variable, test_mode
from tests.specs.layers import SPECS
from tests.strict_device import StrictArray, strict_gpu
from tests.test_layer_specs import draw

test_mode.__test__ = False
pytestmark = pytest.mark.usefixtures("seeded")
CONSTANTS = 6  # that a layer sends once, such as the places of a resampling


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_layers(spec, rng):
    with strict_gpu() as device:
        x, layer = device.from_host(draw(spec, rng)), spec.make()
        layer.to_gpu()
        with transfers() as counter:
            layer(x)  # parameters are made now: on the host, from where they are sent once
        held = len(list(layer.params())) + len(list(layer.named_buffers()))
        assert counter.to_host == 0 and counter.from_host <= held + CONSTANTS
        assert all(type(p.data) is StrictArray for p in layer.params())
        with test_mode(), no_sync():
            layer(x)
        for given in (x, Variable(x) if spec.high is None else x):
            step(layer, given)
            with no_sync(sending=False):
                step(layer, given)
                if hasattr(layer, "reset_state"):
                    layer.reset_state()
                with test_mode():
                    layer(given)


def step(layer, x):
    with no_sync():
        y = layer(x)
        y = y[0] if isinstance(y, list | tuple) else y
        layer.cleargrads()
        if y.requires_grad:
            F.sum(y * y).backward()
    assert all(p.grad is None or type(p.grad.data) is StrictArray for p in layer.params())


def test_operators_leave_a_variable_what_is_the_variables():
    with strict_gpu() as device:
        x = device.from_host([[1.0, 2.0], [3.0, 4.0]])
        y = Variable(x)
        for found in (x + y, x @ y, x - y, x > y, x**y):
            assert isinstance(found, Variable) and type(found.data) is StrictArray

"""Every line of `tests/specs/layers` through every check."""

import dataclasses
import pickle  # noqa: TID251 - layers may travel to worker processes

import numpy as np
import pytest

from dezero.autograd import grad
from dezero.backend import backend_of, backends, no_sync, register, to_host, unregister
from dezero.core import Variable, test_mode
from dezero.testing import check_layer
from tests.specs.layers import SPECS
from tests.strict_device import STRICT, StrictArray

test_mode.__test__ = False


def each():
    return pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in SPECS])


def draw(spec, rng):
    if spec.high is None:
        return rng.standard_normal(spec.shape).astype(np.float32)
    return rng.integers(0, spec.high, spec.shape)


@each()
def test_value(spec, rng):
    layer, x = spec.make(), draw(spec, rng)
    with test_mode():
        y = layer(x)
    weights = {path: p.data.astype(np.float64) for path, p in layer.named_params()}
    wide = x.astype(np.float64) if spec.high is None else x
    np.testing.assert_allclose(y.data, spec.oracle(wide, weights), rtol=2e-4, atol=1e-5)


@each()
def test_check_layer(spec):
    check_layer(spec.make, spec.shape, integers_below=spec.high)


@each()
def test_pickle(spec, rng):
    layer, x = spec.make(), draw(spec, rng)
    with test_mode():
        y = layer(x)
        twin = pickle.loads(pickle.dumps(layer))  # noqa: S301
        np.testing.assert_array_equal(twin(x).data, y.data)


@pytest.fixture
def gpu():
    """The name of the GPU's backend: the real one, or the strict device in its place."""
    if any(backend.name == "cuda" for backend in backends()):
        yield "cuda"
        return
    stand_in = dataclasses.replace(STRICT, name="cuda")
    register(stand_in)
    yield "cuda"
    unregister(stand_in)


def everything(layer, x):
    """Return the arrays of the result and of its gradients by parameters and floating input."""
    y = layer(x)
    inputs = [*layer.params(), *([x] if x.dtype.kind == "f" else [])]
    return [v.data for v in (y, *grad(y, inputs))]


@each()
def test_device_move(spec, rng, gpu):
    layer, x = spec.make(), Variable(draw(spec, rng))
    with test_mode():
        expected = everything(layer, x)
        layer.to_gpu()
        x.to_gpu()
        got = everything(layer, x)
        with no_sync(sending=False):  # what it had to send is there by now
            everything(layer, x)
    # A real GPU adds up in an order of its own.
    near = 1e-6 if type(x.data) is StrictArray else 1e-3
    for one, other in zip(got, expected, strict=True):
        assert backend_of(one).name == gpu
        np.testing.assert_allclose(to_host(one), other, rtol=10 * near, atol=near)
    layer.to_cpu()
    assert all(type(p.data) is np.ndarray for p in layer.params())

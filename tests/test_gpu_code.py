"""Everything by the GPU's own code on the double: its wrappers, kernels by g++, own products."""

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import optimizers
from dezero.backend import backends, to_host
from dezero.core import Parameter, Variable
from tests import spec_checks as checks
from tests.backend.cupy.host_kernels import needs_compiler
from tests.backend.cupy.launches import counted_gpu
from tests.specs import SPECS
from tests.specs.layers import SPECS as LAYERS
from tests.test_layer_specs import draw, everything

pytestmark = needs_compiler
EACH = [optimizers.OPTIMIZERS[name] for name in sorted(optimizers.OPTIMIZERS)]
# Sums of thousands of numbers in float32, by two ways of adding them up.
DEEP = "ResNet", "VGG", "SqueezeNet", "Transformer"


def device():
    return next(backend for backend in backends() if backend.name == "cuda")


@pytest.mark.slow
def test_every_function():
    with counted_gpu():
        for spec in SPECS:
            checks.check_device(spec, device())


@pytest.mark.slow
def test_every_layer(rng):
    for spec in LAYERS:
        layer, x = spec.make(), Variable(draw(spec, rng))
        near = 1e-3 if spec.id.startswith(DEEP) else 1e-5
        with dezero.test_mode():
            expected = everything(layer, x)
            with counted_gpu():
                layer.to_gpu()
                x.to_gpu()
                found = [to_host(v) for v in everything(layer, x)]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=near, atol=near, err_msg=spec.id)


def updated(make, move, dtypes, shape=(3, 2), names="W"):
    rng, model = np.random.default_rng(0), dezero.Model()
    for name in names:
        setattr(model, name, Parameter(move(rng.standard_normal(shape).astype(dtypes[0]))))
    optimizer = make().setup(model)
    for _ in range(3):
        for param in model.params():
            param.grad = Variable(move(rng.standard_normal(shape).astype(dtypes[1])))
        optimizer.update()
    assert all(param.dtype == dtypes[0] for param in model.params())
    return np.stack([to_host(param.data) for param in model.params()])


@pytest.mark.parametrize("dtypes", [("f4", "f4"), ("f4", "f8"), ("f8", "f4"), ("f2", "f2")])
@pytest.mark.parametrize("names", ["W", "Wb"])  # alone, or gathered with another
def test_a_gradient_of_another_dtype(dtypes, names):
    with counted_gpu():
        for make in EACH:
            moves = device().from_host, np.copy
            found, expected = (updated(make, move, dtypes, names=names) for move in moves)
            near = 2e-3 if "f2" in dtypes else 1e-5
            np.testing.assert_allclose(found, expected, near, near, err_msg=make.__name__)


EMPTY = [(0,), (0, 3), (3, 0), (2, 0, 3), (0, 3, 4, 4), (2, 3, 0, 4), (), (1,)]
NAMES = (
    "softmax log_softmax relu gelu tanh sigmoid dropout layer_norm rms_norm batch_norm group_norm "
    "sum mean max logsumexp silu mish cumsum sort var local_response_norm instance_norm"
).split()


def tried(name, x):
    """Return value and gradient, or what was raised."""
    dezero.seed(0)
    try:
        x = Variable(x)
        y = getattr(F, name)(x)
        F.sum(y).backward()
    except Exception as error:
        return [type(error), str(error)]
    return [to_host(y.data), to_host(x.grad.data)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_arrays_of_nothing_and_of_one(name, seeded):
    with counted_gpu():
        for shape in EMPTY:
            for dtype in ("f4", "f2"):
                x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
                found, expected = tried(name, device().from_host(x)), tried(name, x)
                for one, other in zip(found, expected, strict=True):
                    if isinstance(other, np.ndarray):
                        assert one.shape == other.shape and one.dtype == other.dtype
                        np.testing.assert_allclose(one, other, 1e-2, 1e-3, err_msg=f"{x.shape}")
                    else:
                        assert one == other

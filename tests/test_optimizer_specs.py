"""Every line of `tests/specs/optimizers`: 20 steps, in pieces, on a device, saved, beside torch."""

import dataclasses

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import backends, register, to_host, unregister
from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import build
from tests.specs.optimizers import SPECS
from tests.strict_device import STRICT

STEPS = 20
SHAPES = {"W": (3, 4), "b": (4,), "s": ()}


def each(specs=SPECS):
    return pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in specs])


class Model(Layer):
    """Three parameters, and a loss whose gradients are handed in."""

    def __init__(self, start):
        for name, value in start.items():
            setattr(self, name, Parameter(value.copy()))

    def forward(self, gradients):
        total = 0.0
        for name, g in gradients.items():
            total = F.sum(getattr(self, name) * g) + total
        return total


def draw(rng, dtype=np.float64):
    start = {name: np.asarray(rng.standard_normal(shape), dtype) for name, shape in SHAPES.items()}
    steps = [
        {name: np.asarray(rng.standard_normal(shape), dtype) for name, shape in SHAPES.items()}
        for _ in range(STEPS)
    ]
    return start, steps


def train(optimizer, model, steps, move=lambda x: x):
    path = []
    for gradients in steps:
        model.cleargrads()
        model({name: Variable.constant(move(g)) for name, g in gradients.items()}).backward()
        optimizer.update()
        path.append({name: to_host(getattr(model, name).data).copy() for name in gradients})
    return path


def expected(spec, start, steps):
    """Return the path of every element, run one by one through the recurrence."""
    path = [{name: np.empty_like(value) for name, value in start.items()} for _ in steps]
    for name, value in start.items():
        for index in np.ndindex(value.shape):
            numbers = spec.recurrence(float(value[index]), [float(g[name][index]) for g in steps])
            for step, number in zip(path, numbers, strict=True):
                step[name][index] = number
    return path


def assert_same_path(got, wanted, rtol):
    for t, (one, other) in enumerate(zip(got, wanted, strict=True), 1):
        for name, value in other.items():
            np.testing.assert_allclose(one[name], value, rtol, rtol, err_msg=f"{name}, step {t}")


@each()
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 2e-4)])
def test_trajectory_is_the_recurrences(spec, rng, dtype, rtol):
    start, steps = draw(rng, dtype)
    model = Model(start)
    got = train(spec.make().setup(model), model, steps)
    assert all(p.dtype == dtype for p in model.params())
    assert_same_path(got, expected(spec, start, steps), rtol)


@each()
def test_parameters_without_a_gradient_stand_still(spec, rng):
    start, steps = draw(rng)
    model = Model(start)
    optimizer = spec.make().setup(model)
    got = train(optimizer, model, [{"W": g["W"]} for g in steps])
    np.testing.assert_array_equal(model.b.data, start["b"])
    alone = expected(spec, {"W": start["W"]}, steps)
    assert_same_path(got, alone, 1e-10)


@each()
def test_state_continues_in_a_new_optimizer(spec, rng):
    start, steps = draw(rng)
    model = Model(start)
    whole = train(spec.make().setup(model), model, steps)
    model = Model(start)
    first = spec.make().setup(model)
    train(first, model, steps[:7])
    state = first.state_dict()
    second = spec.make().setup(model)
    second.load_state_dict(state)
    assert_same_path(train(second, model, steps[7:]), whole[7:], 1e-12)


@each()
def test_gradients_are_only_read(spec, rng):
    start, steps = draw(rng)
    model = Model(start)
    optimizer = spec.make().setup(model)
    model.cleargrads()
    model({name: Variable.constant(g) for name, g in steps[0].items()}).backward()
    before = {name: p.grad.data.copy() for name, p in model.named_params()}
    optimizer.update()
    for name, p in model.named_params():
        np.testing.assert_array_equal(p.grad.data, before[name])


@each()
def test_config_makes_the_same_optimizer(spec, rng):
    start, steps = draw(rng)
    one, other = Model(start), Model(start)
    twin = build(spec.make().config())
    path = train(spec.make().setup(one), one, steps[:3])
    assert_same_path(train(twin.setup(other), other, steps[:3]), path, 0)


@pytest.fixture
def gpu():
    """The GPU's backend, or the strict device in its place."""
    real = [backend for backend in backends() if backend.name == "cuda"]
    if real:
        yield real[0]
        return
    stand_in = dataclasses.replace(STRICT, name="cuda")
    register(stand_in)
    yield stand_in
    unregister(stand_in)


@each()
def test_trajectory_on_a_device(spec, rng, gpu):
    start, steps = draw(rng)
    model = Model(start)
    model.to_gpu()
    got = train(spec.make().setup(model), model, steps, gpu.from_host)
    assert all(type(p.data) is gpu.array_types[0] for p in model.params())
    assert_same_path(got, expected(spec, start, steps), 1e-10)


@pytest.mark.oracle
@each([s for s in SPECS if s.torch])
def test_trajectory_is_torchs(spec, rng):
    torch = pytest.importorskip("torch")
    start, steps = draw(rng)
    model = Model(start)
    got = train(spec.make().setup(model), model, steps)
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in start.items()}
    name, options = spec.torch
    optimizer = getattr(torch.optim, name)(list(tensors.values()), **options)
    wanted = []
    for gradients in steps:
        for key, tensor in tensors.items():
            tensor.grad = torch.tensor(gradients[key])
        optimizer.step()
        wanted.append({key: tensor.detach().numpy().copy() for key, tensor in tensors.items()})
    assert_same_path(got, wanted, 1e-7)


def test_what_torch_does_otherwise_is_explained():
    assert all(spec.torch or spec.because for spec in SPECS)

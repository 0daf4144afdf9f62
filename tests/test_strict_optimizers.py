"""Optimizers, their hooks and their state on the double: no copy, no wait, and back again."""

import numpy as np
import pytest

from dezero import DataLoader, optimizers
from dezero.backend import no_sync, to_host, transfers
from dezero.core import Variable
from dezero.layers import Linear
from tests.specs.optimizers import SPECS
from tests.strict_device import StrictArray, strict_gpu
from tests.test_optimizer_specs import Model, draw, each


def updated(model, optimizer, gradients):
    model.cleargrads()
    model({name: Variable.constant(g) for name, g in gradients.items()}).backward()
    optimizer.update()
    return {name: to_host(getattr(model, name).data).copy() for name in gradients}


@each()
def test_updates_copy_nothing_and_never_wait(spec, rng):
    start, steps = draw(rng)
    with strict_gpu() as device:
        model = Model(start)
        model.to_gpu()
        optimizer = spec.make().setup(model)
        there = [{name: device.from_host(g) for name, g in s.items()} for s in steps[:3]]
        updated(model, optimizer, there[0])
        for gradients in there[1:]:
            model.cleargrads()
            model({n: Variable.constant(g) for n, g in gradients.items()}).backward()
            with no_sync(sending=False):
                optimizer.update()


@each()
def test_state_follows_its_parameters_and_is_saved_where_it_is(spec, rng):
    start, steps = draw(rng)
    one, other = Model(start), Model(start)
    here, there = spec.make().setup(one), spec.make().setup(other)
    with strict_gpu() as device:
        for i, gradients in enumerate(steps[:6]):
            expected = updated(one, here, gradients)
            if i == 2:
                other.to_gpu()
            if i == 4:
                state = there.state_dict()
                other.to_cpu()
                there = spec.make().setup(other)
                there.load_state_dict(state)  # arrays of the device, for parameters of the host
            on_device = 2 <= i < 4
            moved = {n: device.from_host(g) if on_device else g for n, g in gradients.items()}
            found = updated(other, there, moved)
            assert all(type(p.data) is StrictArray for p in other.params()) == on_device
            for name in expected:
                np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-12)


HOOKS = {
    "norm": lambda: optimizers.ClipGrad(1.0),
    "norm of each": lambda: optimizers.ClipGrad(0.5, each=True),
    "value": lambda: optimizers.ClipGrad(value=0.5),
    "loose": lambda: optimizers.ClipGrad(1e6),
    "decay": lambda: optimizers.WeightDecay(0.1),
}


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("name", HOOKS)
def test_hooks_do_the_same_without_a_wait(name, dtype, rng):
    start, steps = draw(rng, dtype)
    found = []
    with strict_gpu() as device:
        for move in (None, device):
            model = Model(start)
            if move:
                model.to_gpu()
            optimizer = optimizers.SGD(0.1).setup(model)
            optimizer.add_hook(HOOKS[name]())
            gradients = steps[0]
            if move:
                gradients = {n: device.from_host(g) for n, g in gradients.items()}
            model({n: Variable.constant(g) for n, g in gradients.items()}).backward()
            with no_sync():
                optimizer.update()
            assert {p.grad.dtype.char for p in model.params()} == {np.dtype(dtype).char}
            found.append([to_host(p.data) for p in model.params()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol={"f2": 2e-3, "f4": 1e-6, "f8": 1e-12}[dtype])


def test_a_norm_that_is_not_finite_shows_in_the_parameters():
    with strict_gpu() as device:
        model = Model({"W": np.ones((2, 2))})
        model.to_gpu()
        optimizer = optimizers.SGD(0.1).setup(model)
        optimizer.add_hook(optimizers.ClipGrad(1.0))
        model(
            {"W": Variable.constant(device.from_host(np.array([[np.nan, 1], [1, 1]])))}
        ).backward()
        optimizer.update()
        assert np.isnan(to_host(model.W.data)[0, 0])


def test_a_gradient_of_the_host_is_refused_by_name():
    with strict_gpu():
        model = Model({"W": np.ones((2, 2))})
        model.to_gpu()
        optimizer = optimizers.Adam().setup(model)
        model.W.grad = Variable.constant(np.ones((2, 2)))
        with pytest.raises(TypeError, match="gradient of 'W' on the device .* cuda, got it on num"):
            optimizer.update()


def test_saving_leaves_a_model_on_the_device(tmp_path):
    with strict_gpu():
        layer = Linear(3, in_size=2)
        layer.to_gpu()
        for name in ("w.npz", "w.safetensors"):
            with transfers() as moved:
                layer.save_weights(tmp_path / name)
            assert (moved.to_host, moved.from_host) == (2, 0)
            layer.load_weights(tmp_path / name)
            assert all(type(p.data) is StrictArray for p in layer.params())


def test_a_loader_moves_its_batches_once():
    with strict_gpu():
        loader = DataLoader([(np.ones(2, "f4"), 1)] * 4, 2)
        loader.to_gpu()
        with transfers() as moved:
            batches = list(loader)
        assert all(type(part) is StrictArray for batch in batches for part in batch)
        assert (moved.from_host, moved.to_host) == (4, 0)
        loader.to_cpu()
        assert type(next(iter(loader))[0]) is np.ndarray


def test_there_are_optimizers_to_test():
    assert len(SPECS) > 20

"""What a step works on is watched for change."""

import numpy as np
import pytest

import dezero
from dezero import optimizers
from dezero.backend.capture import GraphCaptureError
from dezero.models import MLP
from dezero.training.world import World


def made():
    dezero.seed(0)
    model = MLP((3, 2))
    model.build(4)
    world = World()
    world.find(lambda: model)
    return model, world


def test_state_is_the_same_until_something_is_replaced(seeded):
    model, world = made()
    first = world.state()
    model(np.ones((2, 4), "f4")).sum().backward()
    second = world.state()
    assert len(first) == len(second) and all(a is b for a, b in zip(first, second, strict=True))
    param = next(model.params())
    param.data = param.data.copy()
    assert any(a is not b for a, b in zip(first, world.state(), strict=True))


def test_a_snapshot_sets_back(seeded):
    model, world = made()
    optimizer = optimizers.Adam().setup(model)
    world.find(optimizer)
    model(np.ones((2, 4), "f4")).sum().backward()
    optimizer.update()
    params = [(p.data, p.grad) for p in model.params()]
    back, age = world.snapshot(), optimizer._storage.blocks[0][1].age
    model.note, optimizer.t = "x", 7
    optimizer._storage.release()
    for p in model.params():
        p.data, p.grad = p.data * 2, None
    dezero.backend.random.default_rng().random(3)
    state = dezero.backend.random.get_state()
    back()
    assert not hasattr(model, "note") and optimizer.t == 1
    assert optimizer._storage.blocks[0][1].age == age
    assert dezero.backend.random.get_state() != state
    assert all(
        p.data is d and p.grad is g for p, (d, g) in zip(model.params(), params, strict=True)
    )


def replace_param(model):
    param = next(model.params())
    param.data = param.data.copy()


def change_setting(model):
    model.l0.in_size = 99


def replace_buffer(model):
    model.kept = model.kept + 1


def draw(model):
    dezero.backend.random.default_rng().random()


def seed(model):
    dezero.seed(3)


FAULTS = {
    replace_param: "W is given another array by each call. Write into it instead",
    change_setting: "Linear.in_size is changed on the host by each call",
    replace_buffer: "buffers or optimizers are changed by each call",
    draw: "draws random numbers on the host",
    seed: "starts random numbers anew",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_replay_cannot_do_is_named(fault, seeded):
    model, world = made()
    model.add_buffer("kept", np.ones(2))
    world.guard()
    fault(model)
    with pytest.raises(GraphCaptureError, match=FAULTS[fault]):
        world.check()


def test_gradients_from_before_cannot_be_read_while_guarded(seeded):
    model, world = made()
    model(np.ones((2, 4), "f4")).sum().backward()
    grads = [p.grad for p in model.params()]
    world.guard()
    with pytest.raises(GraphCaptureError, match="is added to that of an earlier call"):
        model(np.ones((2, 4), "f4")).sum().backward()
    world.check()
    assert all(p.grad is g for p, g in zip(model.params(), grads, strict=True))

"""Captured steps against the same steps as they are: losses, weights and state to the last bit."""

import gc
from contextlib import nullcontext

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import optimizers
from dezero.backend.cupy import graph as driver
from dezero.backend.cupy.graph import graph_bytes
from dezero.backend.random import get_state
from dezero.core import FunctionHook, Variable, test_mode
from dezero.core.config import using_config
from dezero.cuda import graph
from dezero.optimizers import SGD, Adam, ClipGrad, FreezeParam, WeightDecay, schedules
from dezero.training.graph import GraphedStep
from tests.backend.cupy import fake_stream as room
from tests.training.captured import (  # noqa: F401
    Run,
    X,
    device_of_tests,
    dropped,
    falling,
    moved,
    net,
    on_device,
    pair,
)

SCHEDULED = [
    lambda: SGD(0.1),
    lambda: SGD(falling),
    lambda: Adam(0.01),
    lambda: Adam(schedules.StepDecay(0.05, 7)),
]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", SCHEDULED)
def test_200_steps_agree_to_the_last_bit(gpu, optimizer):
    run = pair(200, optimizer=optimizer)
    assert run.step.captured == 1 and gpu.launches == 197
    assert not run.step.reason


EVERY = sorted({made.__name__ for made in optimizers.OPTIMIZERS.values()})


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_every_optimizer_agrees_over_200_steps(name):
    run = pair(200, optimizer=lambda: getattr(optimizers, name)())
    assert run.step.captured == 1


@pytest.mark.parametrize("name", EVERY)
def test_every_optimizer_agrees(name):
    run = pair(10, optimizer=lambda: getattr(optimizers, name)())
    assert run.step.captured == 1


@pytest.mark.parametrize("model", [net, lambda: dropped()])
def test_kernels_are_met_before_the_capture(monkeypatch, model):
    monkeypatch.setattr(driver, "while_rehearsing", lambda rehearsed: nullcontext())
    run = Run(True, Adam, model=model(), required=False)
    with pytest.warns(UserWarning, match=r"kernel (adam_step|dropout) is compiled for "):
        run.go(5)
    assert not run.step.captured


def test_there_may_be_more_numbers_than_room_to_rehearse(monkeypatch):
    monkeypatch.setattr(driver, "NUMBERS", 1)
    run = Run(True, Adam, required=False)
    with pytest.warns(UserWarning, match="at most 1 numbers that change from step to step"):
        assert run.go(5).all() == Run(False, Adam).go(5).all()


def test_a_ragged_last_batch_runs_as_it_is_until_it_is_old(gpu):
    run = pair(40, size=lambda i: 2 if i % 8 == 7 else 4)
    assert run.step.captured == 2
    assert gpu.launches == 35 - 3 + 2


def test_up_to_four_signatures(gpu):
    run = pair(60, size=lambda i: 1 + i % 6)
    assert run.step.captured == 4
    assert not run.step.reason


def test_running_statistics_and_no_grad(gpu):
    run = pair(12, model=lambda: net(norm=True))
    assert run.step.captured == 1
    predict = graph(lambda x: run.model(x), 1, required=True)
    x = on_device(np.ones((4, 5), "f4"))
    with dezero.no_grad(), test_mode():
        expected = run.model(x).data.get()
        for _ in range(4):
            assert (predict(x).data.get() == expected).all()
    assert predict.captured == 1
    predict(x)  # of another mode: not the same graph
    assert predict.captured == 1


@pytest.mark.parametrize("seed", [None, 7])
def test_dropout_draws_anew_in_each_replay(gpu, seed):
    places = []
    for captured in (False, True):
        run = Run(captured, model=dropped(seed)).go(34, lambda i: 2 if i % 8 == 7 else 4)
        places.append((run.all(), get_state()["masks"]))
    assert places[0] == places[1] and run.step.captured == 2


def test_a_seed_between_calls_is_followed(gpu):
    def train(captured):
        run = Run(captured, model=dropped()).go(8)
        dezero.seed(11)
        return run.go(8)

    plain, captured = train(False), train(True)
    assert plain.all() == captured.all() and captured.step.captured == 1


def test_a_setting_of_a_layer_is_followed(gpu):
    def train(captured):
        run = Run(captured, model=dropped()).go(8)
        run.model.drop.dropout_ratio = 0.875
        return run.go(8)

    plain, captured = train(False), train(True)
    assert plain.all() == captured.all() and captured.step.captured == 1


def change_lr(run):
    run.optimizer.lr = 0.02


def load(run):
    for param in run.model.params():
        param.data = on_device(param.data.get() * 0.5)


def freeze(run):
    next(iter(run.model.params())).requires_grad = False


def settings(run):
    run.optimizer.set_for("*/b", lr=0.5)


def own_state(run):
    run.optimizer.load_state_dict(run.optimizer.state_dict())


def hook(run):
    run.optimizer.add_hook(WeightDecay(0.1))


def hook_setting(run):
    run.optimizer.hooks[0].rate = 0.3


def grow(run):
    dezero.seed(5)
    run.model.l_more = moved(_built(L.Linear(2)))


def _built(layer):
    layer.build(3)
    return layer


def write(run):
    for param in run.model.params():
        param.data[...] = param.data * 0.5


CHANGES = {
    change_lr: 1, load: 2, freeze: 2, settings: 2, own_state: 2, hook: 2, hook_setting: 2, grow: 2,
    write: 1,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_calls_is_seen(monkeypatch, change):
    taken = []
    real = room.Stream.end_capture
    monkeypatch.setattr(room.Stream, "end_capture", lambda s: taken.append(s) or real(s))
    run = pair(8, change, optimizer=Adam, hooks=[lambda: WeightDecay(0.01)])
    assert run.step.captured == 1 and len(taken) == CHANGES[change]


def test_hooks_that_stay_on_the_device(gpu):
    frozen = Run(True)
    model = frozen.model
    run = pair(8, hooks=[lambda: WeightDecay(0.01)])
    assert run.step.captured == 1
    frozen.optimizer.add_hook(FreezeParam(next(iter(model.params()))))
    frozen.go(8)
    assert frozen.step.captured == 1 and next(iter(model.params())).grad is None


@pytest.mark.parametrize("limits", [{"value": 0.01}, {"max_norm": 0.1}])
def test_clipping_is_captured(limits):
    assert pair(8, hooks=[lambda: ClipGrad(**limits)]).step.captured == 1


def test_results_are_overwritten_and_copies_are_not():
    step = graph(lambda x: {"twice": x * 2, "list": [x + 1, (3, None)]}, 1)
    step(on_device(X))
    first = step(on_device(X * 2))
    kept = first["twice"].copy()
    result = step(on_device(X * 3))
    assert (first["twice"].get() == X * 6).all() and (kept.get() == X * 4).all()
    assert result["list"][1] == (3, None) and (result["list"][0].get() == X * 3 + 1).all()


def test_gradients_reach_variables_among_the_arguments():
    def slope(v):
        y = (v**3).sum()
        y.backward()
        return y

    step = graph(slope, 1, required=True)
    for i in range(4):
        v = Variable(on_device(X * i), name="v")
        y = step(v)
        assert np.allclose(v.grad.data.get(), 3 * (X * i) ** 2) and y.creator is None or i == 0
    v.grad = Variable.constant(on_device(X))
    step(v)
    assert np.allclose(v.grad.data.get(), X + 3 * (X * 3) ** 2)
    assert step.captured == 1


def test_numbers_among_the_arguments_are_part_of_the_graph():
    step = graph(lambda x, scale, how: x * scale if how == "mul" else x + scale, 1)
    for _ in range(3):
        assert (step(on_device(X), 2, "mul").get() == X * 2).all()
        assert (step(on_device(X), 3, how="add").get() == X + 3).all()
    assert step.captured == 2


def test_function_hooks_see_every_operation():
    class Seen(FunctionHook):
        count = 0

        def forward_pre(self, function, xs):
            Seen.count += 1

    step = graph(lambda x: F.exp(x), 1)
    with Seen():
        for _ in range(4):
            step(on_device(X))
    assert Seen.count == 4 and step.captured == 0


def test_memory_is_the_graphs_own_and_goes_with_it(gpu):
    run = pair(8)
    gc.collect()
    held = graph_bytes()
    assert held > 4096 * 8
    for p in run.model.params():
        p.data = p.data.copy()  # the old memory is let go, and nobody else may write there
    run.go(1)
    gc.collect()
    assert graph_bytes() == 0
    run.go(4)
    assert run.step.captured == 1 and graph_bytes() == held
    run.step.reset()
    gc.collect()
    assert graph_bytes() == 0 and run.step.captured == 0
    run.go(6)
    assert run.step.captured == 1


def test_no_garbage_is_collected_while_capturing():
    seen = []

    def step(x):
        seen.append(gc.isenabled())
        return x * 2

    captured = graph(step, 2, required=True)
    for _ in range(5):
        captured(on_device(X))
    assert seen == [True, True, False] and gc.isenabled()


def test_as_a_decorator_of_functions_and_methods():
    @graph(warmup=1)
    def twice(x):
        """Double it."""
        return x * 2

    class Trainer:
        scale = 3

        @graph(warmup=1)
        def times(self, x):
            return x * self.scale

    assert isinstance(twice, GraphedStep) and twice.__doc__ == "Double it."
    trainer = Trainer()
    for _ in range(3):
        assert (twice(on_device(X)).get() == X * 2).all()
        assert (trainer.times(on_device(X)).get() == X * 3).all()
    assert twice.captured == 1 and Trainer.times.captured == 1


def test_bad_arguments():
    with pytest.raises(TypeError, match="graph: expected a function, got"):
        graph(3)
    with pytest.raises(TypeError, match="graph: expected an integer as warmup, got"):
        graph(len, warmup=1.5)
    with pytest.raises(ValueError, match="graph: expected warmup >= 1, got 0"):
        graph(len, warmup=0)


def test_a_dtype_of_another_mode_is_another_graph():
    step = graph(lambda x: F.exp(x), 1, required=True)
    x = on_device(np.arange(3))
    for dtype in (np.float32, np.float64, np.float32, np.float64):
        with using_config("dtype", dtype):
            assert step(x).dtype == dtype and step(x).dtype == dtype
    assert step.captured == 2

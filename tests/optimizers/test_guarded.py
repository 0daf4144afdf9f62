"""Skipped updates on a device, as they are and captured: what the host does, bit for bit."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import optimizers
from dezero.backend import no_sync, to_host, transfers
from dezero.backend.capture import GraphCaptureError, Recording, Restructured, while_recording
from dezero.core import Parameter
from dezero.cuda import graph
from dezero.layers import Layer
from dezero.optimizers import SGD, Adam, AdamW, ClipGrad, LossScale, MomentumSGD, Optimizer, storage
from tests.strict_device import strict_gpu
from tests.training.captured import device_of_tests, falling, moved, on_device  # noqa: F401

OVERFLOWS = {0, 1, 5, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 40, 90}


class Two(Layer):
    def __init__(self, size=3):
        self.W = Parameter(np.linspace(-1, 1, size).astype("f4"))
        self.b = Parameter(np.array([0.5], "f4"))

    def forward(self, x):
        return F.sum(F.tanh(self.W) * x) + F.sum(self.b * self.b)


class Run:
    """A training whose gradients overflow at times, on the host, a device, or captured there."""

    def __init__(self, kind, where, scale=None, hooks=(), size=3):
        self.model, self.where, self.count = Two(size), where, 0
        self.optimizer = kind().setup(self.model)
        self.optimizer.loss_scale = scale() if scale else LossScale(2.0**14, growth_steps=4)
        for hook in hooks:
            self.optimizer.add_hook(hook())
        self.put = np.asarray
        if where != "host":
            moved(self.model)
            self.put = on_device
        self.run = graph(self.step, required=True) if where == "captured" else self.step
        self.draw = np.random.default_rng(0)

    def step(self, x):
        loss = self.model(x)
        self.model.cleargrads()
        self.optimizer.scale(loss).backward()
        self.optimizer.update()
        return loss

    def go(self, steps):
        for _ in range(steps):
            x = self.draw.standard_normal(self.model.W.shape).astype("f4")
            if self.count in OVERFLOWS and self.optimizer.loss_scale is not None:
                x[1] = np.inf
            self.count += 1
            with np.errstate(invalid="ignore"):
                self.run(self.put(x))
        return self

    def all(self):
        state = self.optimizer.state_dict()
        slots = {
            name: {k: v if k == "age" else to_host(v).tobytes() for k, v in slot.items()}
            for name, slot in state["slots"].items()
        }
        params = [to_host(p.data).tobytes() for p in self.model.params()]
        return params, state["t"], state.get("loss_scale"), slots


def same(kind, steps=60, places=("host", "there", "captured"), change=None, **options):
    runs = [Run(kind, where, **options) for where in places]
    for run in runs:
        run.go(steps)
        if change is not None:
            change(run)
            run.go(steps)
    for run in runs[1:]:
        assert run.all() == runs[0].all()
    return runs[-1]


KINDS = [optimizers.OPTIMIZERS[name] for name in sorted(optimizers.OPTIMIZERS)]


@pytest.mark.parametrize("kind", [Adam, MomentumSGD])
def test_host_device_and_replays_agree(kind, gpu):
    run = same(lambda: kind(lr=falling), steps=40)
    assert run.optimizer.loss_scale.skipped == 13 and run.optimizer.t == 27
    assert gpu.launches > 30


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_optimizer_agrees_over_200_steps(kind, gpu):
    run = same(lambda: kind(lr=falling), steps=200)
    assert run.optimizer.t == 200 - len(OVERFLOWS)


def test_settings_hooks_and_changes_between(gpu):
    def made():
        return AdamW(0.05).set_for("b", lr=0.01, weight_decay=0.1)

    def change(run):
        run.optimizer.lr = 0.2

    same(made, 30, change=change)
    clipped = [lambda: ClipGrad(0.5, each=True)]  # in other arithmetic on the host
    same(made, 20, ("there", "captured"), hooks=clipped)
    with pytest.warns(UserWarning, match="lowest scale, 2;"):
        same(SGD, 20, scale=lambda: LossScale.fixed(2.0))


def test_large_parameters_have_blocks_of_their_own(gpu, monkeypatch):
    for name in ("SMALL", "SMALL_THERE"):
        monkeypatch.setattr(storage, name, 2)
    run = same(Adam, 12)
    assert len(run.optimizer._storage.blocks) == 2


@pytest.mark.filterwarnings("ignore:LossScale")
def test_some_parameters_without_gradients(gpu):
    def change(run):
        run.model.b.requires_grad = not run.model.b.requires_grad
        run.model.cleargrads()
        run.optimizer.update()  # without a gradient it only counts

    same(Adam, 7, change=change)


def test_the_host_reads_every_eighth_time(gpu):
    with strict_gpu() as device:
        model = Two()
        model.to_gpu()
        optimizer = Adam().setup(model)
        optimizer.loss_scale = LossScale(2.0**10, lowest=2.0**-9)
        x = device.from_host(np.array([1.0, np.inf, 2.0], "f4"))
        with transfers() as seen, np.errstate(invalid="ignore"):
            for i in range(20):
                model.cleargrads()
                optimizer.scale(model(x)).backward()
                if i % 8:
                    with no_sync():
                        optimizer.update()
                else:
                    optimizer.update()
        assert seen.to_host == 2
        assert optimizer.t == 4  # not all is known
        with pytest.warns(UserWarning, match="lowest scale, 0.00195312; 20 updates"):
            optimizer.settle()
        assert optimizer.t == 0


def test_what_is_loaded_counts_from_there(gpu):
    run = Run(Adam, "there").go(6)
    state = run.optimizer.state_dict()
    del state["loss_scale"]  # it was saved before there was one
    run.count = 17
    run.go(3)  # all skipped, which the host does not know yet
    run.optimizer.load_state_dict(state)
    run.optimizer.settle()
    assert run.optimizer.t == state["t"] == 3
    run.count = 27
    run.go(1).optimizer.settle()
    assert run.optimizer.t == 4


def test_a_model_that_moves_takes_its_scale_along(gpu):
    run = Run(Adam, "there").go(6)
    twin = Run(Adam, "host").go(6)
    for p in run.model.params():
        p.data = to_host(p.data)
    run.put = np.asarray
    run.go(6)
    twin.go(6)
    assert run.all() == twin.all()
    moved(run.model)
    run.put = on_device
    assert run.go(6).all() == twin.go(6).all()


class Own(SGD):
    def step(self, x, g):
        x -= self.lr * g


class Book(Optimizer):
    def update_one(self, param):
        param.data = param.data - param.grad.data * self.lr


@pytest.mark.parametrize("kind", [Own, Book])
def test_steps_of_ones_own_wait_for_the_device(kind, gpu):
    run = same(kind, 20, places=("host", "there"))
    assert run.optimizer.t == 20 - 6
    taken = Run(kind, "there").go(3)
    with while_recording(Recording(np.zeros(900))), pytest.raises(GraphCaptureError):
        taken.go(1)


def test_what_cannot_be_captured_is_said(gpu):
    run = Run(Adam, "there").go(8)
    recording = Recording(on_device(np.zeros(900)))
    with while_recording(recording):
        run.go(1)
        run.optimizer._storage.blocks.append(run.optimizer._storage.blocks[0])
        with pytest.raises(GraphCaptureError, match="updates other parameters the second time"):
            run.go(1)
    del run.optimizer._storage.blocks[-1]


def test_what_raises_before_a_replay_counts_nothing(gpu):
    run = Run(Adam, "captured").go(6)
    before = run.all()
    run.optimizer.lr = lambda t: 1 / 0
    with pytest.raises(ZeroDivisionError):
        run.go(1)
    run.optimizer.lr = 0.1
    assert run.all() == before


@pytest.mark.parametrize(
    "options",
    [{"use_ema": True, "ema_overwrite_frequency": 3}, {"decay": 0.1, "weight_decay": 0.1}],
)
@pytest.mark.parametrize("scale", [None, lambda: None], ids=["scaled", "plain"])
def test_options_of_keras_optimizers_in_replays(options, scale, gpu):
    from dezero.keras.optimizers import Adam as KerasAdam

    run = same(lambda: KerasAdam(0.05, **options), 14, scale=scale)
    assert (run.optimizer.loss_scale is None) == (scale is not None)


def test_gathered_gradients_are_not_captured(gpu):
    from dezero.keras.optimizers import SGD as KerasSGD

    def made():
        return KerasSGD(0.1, gradient_accumulation_steps=3)

    run = same(made, 30, places=("host", "there"))
    assert run.optimizer.t == 12 and run.optimizer.iterations == 4  # of 10
    run = Run(made, "captured")
    with pytest.raises(GraphCaptureError, match="gradient_accumulation_steps works on the host"):
        run.go(8)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LossScale")
@pytest.mark.parametrize("scale", [None, lambda: None], ids=["scaled", "plain"])
def test_several_updates_in_a_launch(scale, gpu):
    plain, run = Run(Adam, "there", scale), Run(Adam, "captured", scale)
    run.run = graph(lambda *xs: [run.step(x) for x in xs], required=True)
    draw = np.random.default_rng(1)
    for i in range(20):
        xs = draw.standard_normal((5, 3)).astype("f4")
        if scale is None:
            xs[draw.random(5) < 0.3] *= np.inf
        with np.errstate(invalid="ignore"):
            run.run(*map(on_device, xs))
            for x in xs:
                plain.step(on_device(x))
        if i % 7 == 5:
            assert run.all() == plain.all()
    assert run.all() == plain.all() and run.run.captured == 1


def test_numbers_that_come_or_go_make_another_graph(gpu):
    from dezero.keras.optimizers import Adam as KerasAdam

    def change(run):
        run.optimizer.weight_decay = None

    run = same(lambda: KerasAdam(0.05, weight_decay=0.1), 8, change=change)
    assert run.run.captured == 1


def test_numbers_that_come_or_go_are_said(gpu):
    from dezero.keras.optimizers import Adam as KerasAdam

    run = Run(lambda: KerasAdam(0.05, weight_decay=0.1), "captured").go(6)
    (driver,) = run.run._drivers.values()
    (captured,) = driver.graphs.values()
    run.optimizer.weight_decay = None
    with pytest.raises(Restructured, match="Capture it anew"):
        captured.recording.repeat()


def test_a_scale_that_comes_goes_and_is_loaded_in_mid_training(gpu):
    runs = [Run(Adam, where) for where in ("host", "there", "captured")]
    for run in runs:
        run.go(9)
        state = run.optimizer.state_dict()
        run.optimizer.loss_scale, run.count = None, 500
        run.go(7)
        run.optimizer.loss_scale, run.count = LossScale(2.0**14), 0
        run.optimizer.load_state_dict(state)
        run.go(12)
    assert runs[0].all() == runs[1].all() == runs[2].all()


def test_float16_parameters_on_a_device(gpu):
    runs = [Run(Adam, where) for where in ("host", "there", "captured")]
    for run in runs:
        for p in run.model.params():
            p.data = p.data.astype("f2")
        run.go(12)
    assert runs[0].all() == runs[1].all() == runs[2].all()

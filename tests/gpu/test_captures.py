"""Captured steps agree with steps as they are, and captures leave no memory behind.

With the double, the device is that of the stream of tests, which refuses what CuPy's refuses.
"""

import gc
from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda, models, optimizers
from dezero.backend.cupy.graph import graph_bytes
from dezero.optimizers import Adam, ClipGrad, MomentumSGD, WeightDecay, schedules
from dezero.training import graph as captures
from tests.backend.cupy import fake_stream as room

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture(autouse=True)
def device(capturing, monkeypatch):
    fakes = str(Path(room.__file__).with_name("fake_"))
    monkeypatch.setattr(captures, "LIBRARIES", [*captures.LIBRARIES, fakes])
    return capturing


class Dense(dezero.Model):
    """With dropout, and batch normalisation if it is asked for."""

    def __init__(self, normed=False):
        self.l1, self.l2, self.drop = L.Linear(64), L.Linear(10), L.Dropout(0.5)
        self.norm = L.BatchNorm() if normed else None

    def forward(self, x):
        y = self.l1(x)
        y = F.relu(y if self.norm is None else self.norm(y))
        return self.l2(self.drop(y))


def convolutional():
    return models.Sequential(
        L.Conv2d(4, 3, pad=1), L.BatchNorm(), F.relu, L.MaxPool2d(2), L.Dropout(0.3),
        L.Flatten(), L.Linear(10),
    )  # fmt: skip


NETS = {
    "mlp": (lambda: models.MLP((32, 10)), (20,)),
    "dropout": (Dense, (20,)),
    "batch normalisation": (lambda: Dense(True), (20,)),
    "convolutions": (convolutional, (3, 8, 8)),
}


def train(captured, optimizer, net="dropout", steps=200, hooks=(lambda: ClipGrad(1.0),)):
    """Return losses, weights and running statistics; each eighth batch is a smaller one."""
    make, shape = NETS[net]
    dezero.seed(0)
    model = make()
    with dezero.no_grad(), dezero.test_mode():
        model(np.zeros((2, *shape), "f4"))
    model.to_gpu()
    rule = optimizer().setup(model)
    for hook in hooks:
        rule.add_hook(hook())
    step = step_of(model, rule)
    if captured:
        step = cuda.graph(step, required=True)
    draw, losses = np.random.default_rng(1), []
    for i in range(steps):
        n = 16 if i % 8 == 7 else 32
        x = cuda.as_cupy(draw.standard_normal((n, *shape)).astype("f4"))
        losses.append(float(step(x, cuda.as_cupy(draw.integers(0, 10, n)))))
    assert not captured or step.captured == 2
    kept = [cuda.as_numpy(b) for _, b in model.named_buffers()]
    return losses, [cuda.as_numpy(p.data) for p in model.params()] + kept


def assert_alike(**options):
    with cuda.deterministic():
        plain, same = (train(captured, **options) for captured in (False, True))
    assert plain[0] == same[0] and np.isfinite(plain[0]).all()
    for ours, theirs in zip(plain[1], same[1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("net", NETS)
def test_networks_agree_to_the_last_bit(net):
    assert_alike(optimizer=Adam, net=net)


@pytest.mark.parametrize("name", sorted({o.__name__ for o in optimizers.OPTIMIZERS.values()}))
def test_optimizers_agree_to_the_last_bit(name):
    assert_alike(optimizer=getattr(optimizers, name))


SCHEDULES = {
    "function": lambda: MomentumSGD(lambda t: 0.1 / (1 + t)),
    "steps": lambda: Adam(schedules.StepDecay(0.05, 7)),
    "exponential": lambda: Adam(schedules.ExponentialDecay(0.05, 0.5, 20)),
    "cosine": lambda: Adam(schedules.CosineDecay(0.05, 100)),
    "restarts": lambda: Adam(schedules.CosineRestarts(0.05, 30)),
    "polynomial": lambda: Adam(schedules.PolynomialDecay(0.05, 100)),
    "one cycle": lambda: Adam(schedules.OneCycle(0.05, 150)),
    "warm-up": lambda: Adam(schedules.WarmUp(0.05, 20)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_agree_to_the_last_bit(name):
    assert_alike(optimizer=SCHEDULES[name], net="mlp", hooks=[lambda: WeightDecay(1e-3)])


@pytest.mark.parametrize("net", ["dropout", "convolutions"])
def test_several_steps_of_a_launch_agree_to_the_last_bit(net):
    make, shape = NETS[net]
    draw = np.random.default_rng(1)
    x = draw.standard_normal((160, 32, *shape)).astype("f4")
    t = draw.integers(0, 10, (160, 32))
    runs = []
    with cuda.deterministic():
        for unroll in (1, 16):
            dezero.seed(0)
            model = make()
            with dezero.no_grad(), dezero.test_mode():
                model(np.zeros((2, *shape), "f4"))
            model.to_gpu()
            step = cuda.graph(step_of(model, Adam().setup(model)), unroll=unroll, required=True)
            losses = []
            for i in range(0, 160, unroll):
                cut = i if unroll == 1 else slice(i, i + unroll)
                found = step(cuda.as_cupy(x[cut]), cuda.as_cupy(t[cut]))
                losses += [float(y) for y in (found if unroll > 1 else [found])]
            assert step.captured == 1
            runs.append((losses, [cuda.as_numpy(p.data) for p in model.params()]))
    assert runs[0][0] == runs[1][0]
    for ours, theirs in zip(runs[0][1], runs[1][1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def step_of(model, rule):
    def step(x, t):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        rule.update()
        return loss

    return step


def test_1000_captures_leave_nothing(is_double, record_property):
    model = Dense()
    model.build(20)
    model.to_gpu()
    x = cuda.as_cupy(np.ones((4, 20), "f4"))

    def capture():
        step = cuda.graph(lambda x: model(x), 1, required=True)
        with dezero.no_grad():
            for _ in range(3):
                step(x)
        assert step.captured == 1

    def stats():
        gc.collect()
        cuda.empty_cache()
        return {} if is_double else cuda.memory_stats()

    for _ in range(20):
        capture()
    before = stats()
    for _ in range(100 if is_double else 1000):
        capture()
    after = stats()
    record_property("before", before)
    record_property("after", after)
    assert graph_bytes() == 0
    if not is_double:
        assert after["used"] - before["used"] < 1 << 20
        assert after["total"] - after["free"] - (before["total"] - before["free"]) < 16 << 20


def test_what_synchronises_is_named():
    step = cuda.graph(lambda x: x * float(x.sum()), 1)
    x = cuda.as_cupy(np.ones(3, "f4"))
    with pytest.warns(UserWarning, match="graph: .* runs as it is"):
        for _ in range(3):
            step(x)
    assert "test_captures.py" in step.reason
    assert cuda.as_numpy(step(x)).tolist() == [3, 3, 3]  # the stream is well again


def test_a_replay_is_one_launch(record_property):
    """The time is for the report; no test depends on it."""
    make, shape = NETS["mlp"]
    model = make()
    model.build(*shape)
    model.to_gpu()
    plain = step_of(model, Adam().setup(model))
    step = cuda.graph(plain, required=True)
    x = cuda.as_cupy(np.ones((32, *shape), "f4"))
    t = cuda.as_cupy(np.zeros(32, "i8"))
    for _ in range(5):
        step(x, t)
    record_property("replayed_us", microseconds(lambda: step(x, t)))
    record_property("eager_us", microseconds(lambda: plain(x, t)))
    assert step.captured == 1


def microseconds(run, count=200):
    import time

    float(run())
    start = time.perf_counter()
    for _ in range(count):
        loss = run()
    float(loss)  # waits for all of them
    return 1e6 * (time.perf_counter() - start) / count

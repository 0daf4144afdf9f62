"""A small training on a device that is not there, captured or not; both must agree."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero.cuda import graph
from dezero.models import MLP
from dezero.optimizers import SGD
from dezero.training import graph as captures
from dezero.training import reached
from tests.backend.cupy import fake_stream as room
from tests.backend.cupy.fake_stream import FAKE, fake_stream
from tests.training.toys import blobs

FAKES = str(Path(room.__file__).with_name("fake_"))


@pytest.fixture(autouse=True, name="gpu")
def device_of_tests(monkeypatch, seeded):
    for part in (captures, reached):
        monkeypatch.setattr(part, "LIBRARIES", [*part.LIBRARIES, FAKES])
    with fake_stream(monkeypatch) as device:
        yield device


def on_device(x):
    return FAKE.from_host(np.asarray(x))


def moved(model):
    """Move a built model to the device."""
    for param in model.params():
        param.data = on_device(param.data)
    for layer in (model, *(layer for _, layer in model.named_layers())):
        for name in layer._buffers:
            getattr(layer, name).data = on_device(getattr(layer, name).data)
    return model


def net(norm=False):
    dezero.seed(3)
    model = MLP((6, 3), activation=F.tanh) if not norm else Normed()
    model.build(5)
    return moved(model)


class Normed(dezero.Model):
    def __init__(self):
        self.l1, self.norm, self.l2 = L.Linear(6), L.BatchNorm(), L.Linear(3)

    def forward(self, x):
        return self.l2(F.relu(self.norm(self.l1(x))))


class Dropped(dezero.Model):
    def __init__(self, seed=None):
        self.l1, self.drop, self.l2 = L.Linear(8), L.Dropout(0.5, seed=seed), L.Linear(3)

    def forward(self, x):
        return self.l2(F.dropout(self.drop(F.relu(self.l1(x))), 0.25))


def dropped(seed=None):
    dezero.seed(3)
    model = Dropped(seed)
    model.build(5)
    return moved(model)


class Run:
    """A small training on the device, captured or not, fed by numbers of its own."""

    def __init__(self, captured, optimizer=SGD, *, model=None, hooks=(), required=True):
        self.model = model or net()
        self.optimizer = optimizer().setup(self.model)
        for hook in hooks:
            self.optimizer.add_hook(hook())
        self.draw, self.losses = np.random.default_rng(0), []
        self.step = self.train
        if captured:
            self.step = graph(self.train, required=required)

    def train(self, x, t):
        loss = F.softmax_cross_entropy(self.model(x), t)
        self.model.cleargrads()
        loss.backward()
        self.optimizer.update()
        return loss

    def go(self, steps, size=4):
        for i in range(steps):
            n = size(i) if callable(size) else size
            x = self.draw.standard_normal((n, 5)).astype("f4")
            loss = self.step(on_device(x), on_device(self.draw.integers(0, 3, n)))
            self.losses.append(float(loss))
        return self

    def all(self):
        params = [p.data.get().tobytes() for p in self.model.params()]
        grads = [None if p.grad is None else p.grad.data.get().tobytes() for p in self.params()]
        buffers = [b.get().tobytes() for _, b in self.model.named_buffers()]
        state = self.optimizer.state_dict()
        slots = {
            name: {k: v if k == "age" else v.get().tobytes() for k, v in slot.items()}
            for name, slot in state["slots"].items()
        }
        return self.losses, params, grads, buffers, state["t"], slots

    def params(self):
        return self.model.params()


def pair(steps=12, change=None, size=4, **options):
    """Run both, changed in the middle, and return the captured one; they must agree."""
    runs = [Run(captured, **{**options, **_made(options)}) for captured in (False, True)]
    for run in runs:
        run.go(steps, size)
        if change is not None:
            change(run)
            run.go(steps, size)
    assert runs[0].all() == runs[1].all()
    return runs[1]


def _made(options):
    model = options.get("model")
    return {} if model is None else {"model": model()}


def falling(t):
    return 0.5 / (1 + 0.1 * t)


def refused(step, *args, runs=5):
    """Return why a step cannot be captured; it runs as it is, and says so once."""
    seen = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = [step(*args) for _ in range(runs)]
        seen += [str(w.message) for w in caught]
    assert len(seen) == 1 and step.reason in seen[0], seen
    assert not step.captured
    return step.reason, results


X = np.arange(6, dtype="f4").reshape(2, 3)


BLOBS, LABELS = blobs(22)


def fitted(model=None, optimizer=SGD, *, x=BLOBS, t=LABELS, steps=1, **options):
    model = model or net()
    model.compile(optimizer(0.05), "softmax_cross_entropy", "accuracy", steps_per_execution=steps)
    dezero.seed(5)
    model.fit(x, t, **{"batch_size": 4, "epochs": 3, "verbose": 0, **options})
    return model


def state(model):
    params = [p.data.get().tobytes() for p in model.params()]
    return model.history.history, params


def five(x=BLOBS):
    return np.concatenate([x, x[:, :1]], axis=1)

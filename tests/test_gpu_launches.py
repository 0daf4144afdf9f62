"""How many launches a training step is on a GPU, by its own code on the double: nobody adds unseen.

A launch costs as much as reading some megabytes, and small networks are made of little else. The
numbers are those of steps as they are; a replayed step is one launch.
"""

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import optimizers
from dezero.backend import as_cupy
from dezero.optimizers import ClipGrad, WeightDecay
from tests.backend.cupy.host_kernels import needs_compiler
from tests.backend.cupy.launches import counted_gpu

pytestmark = needs_compiler


def dense(*sizes):
    hidden = [L.Linear(n, activation="relu") for n in sizes[:-1]]
    return dezero.Sequential(*hidden, L.Linear(sizes[-1]))


def lenet():
    return dezero.Sequential(
        L.Conv2d(6, 5, pad=2, activation="relu"), L.MaxPool2d(2, 2),
        L.Conv2d(16, 5, activation="relu"), L.MaxPool2d(2, 2),
        L.Flatten(), *dense(120, 84, 10).layers,
    )  # fmt: skip


def convnet():
    parts = [(L.Conv2d(n, 3, activation="relu"), L.MaxPool2d(2, 2)) for n in (4, 8, 16, 16)]
    flat = [part for pair in parts for part in pair]
    return dezero.Sequential(*flat, L.Flatten(), L.Dropout(0.5), *dense(32, 1).layers)


def normed():
    return dezero.Sequential(
        L.Conv2d(8, 3, nobias=True), L.BatchNorm(), F.relu, L.Flatten(),
        L.Linear(32, activation="gelu"), L.LayerNorm(), L.Linear(10),
    )  # fmt: skip


def grouped():
    return dezero.Sequential(
        L.Conv2d(16, 3), L.GroupNorm(4), F.relu, L.Flatten(), L.Linear(16)
    )  # fmt: skip


def recurrent():
    return dezero.Sequential(L.LSTM(16), L.Linear(16))


def embedding():
    return dezero.Sequential(L.EmbedID(50, 16), lambda x: x.mean(axis=1), L.Linear(16))


class Attending(dezero.Model):
    """A block of a transformer, and the mean over time."""

    def __init__(self):
        self.norms = [L.LayerNorm(), L.LayerNorm()]
        self.attention = L.MultiHeadAttention(32, 4)
        self.layers = [L.Linear(64, activation="gelu"), L.Linear(32), L.Linear(16)]

    def forward(self, x):
        x = dezero.as_variable(x)
        h = self.norms[0](x)
        x = x + self.attention(h, h)
        x = x + self.layers[1](self.layers[0](self.norms[1](x)))
        return self.layers[2](x.mean(axis=1))


# network: (how to make it, shape of a sample, launches of a step with Adam)
STEPS = {
    "784-128-10": (lambda: dense(128, 10), (784,), 11),
    "784-300-100-10": (lambda: dense(300, 100, 10), (784,), 15),
    "lenet": (lenet, (1, 28, 28), 36),
    "convnet": (convnet, (3, 64, 64), 58),
    "embedding": (embedding, (7,), 14),
    "grouped": (grouped, (3, 8, 8), 21),
    "recurrent": (recurrent, (5, 3), 69),
    "attending": (Attending, (6, 32), 61),
    "normed": (normed, (1, 12, 12), 31),
}


def step_of(name, optimizer="Adam", hooks=()):
    """Return the launches of a training step, the second, when all is laid out."""
    make, shape, _ = STEPS[name]
    draw = np.random.default_rng(0)
    x, t = draw.standard_normal((4, *shape)).astype("f4"), draw.integers(0, 10, 4)
    x = draw.integers(0, 50, x.shape) if name == "embedding" else x
    loss = F.softmax_cross_entropy
    if name == "convnet":
        t, loss = np.ones((4, 1), "f4"), F.sigmoid_cross_entropy
    with counted_gpu() as taken:
        model = make()
        model(x)
        model.to_gpu()
        rule = getattr(optimizers, optimizer)().setup(model)
        for hook in hooks:
            rule.add_hook(hook)
        x, t = as_cupy(x), as_cupy(t)
        for _ in range(2):
            taken.clear()
            y = loss(model(x), t)
            model.cleargrads()
            y.backward()
            rule.update()
    return taken


# What a hook adds to a step: the gradients side by side, and one launch or two on all of them.
HOOKS = {
    "norm": (ClipGrad(1.0), 4),
    "value": (ClipGrad(value=0.1), 2),
    "decay": (WeightDecay(1e-3), 3),
    "each": (ClipGrad(1.0, each=True), 1 + 2 * 4 + 1),
}


def show():
    """Print the launches of each step: python -m tests.test_gpu_launches."""
    for name in STEPS:
        taken = step_of(name)
        print(f"{name}: {len(taken)} launches, {taken.bytes} bytes at batch 4")
        for launch in taken:
            print(f"    {launch.bytes:>12} {launch.name}")


@pytest.mark.parametrize("name", HOOKS)
def test_launches_of_a_hook(name, seeded):
    hook, count = HOOKS[name]
    taken = step_of("784-128-10", hooks=[hook])
    assert len(taken) == STEPS["784-128-10"][2] + count, taken.names()


@pytest.mark.parametrize("name", STEPS)
def test_launches_of_a_step(name, seeded):
    taken = step_of(name)
    assert len(taken) == STEPS[name][2], taken.names()
    assert taken.bytes > 0


def test_launches_of_frozen_batch_norm():
    with counted_gpu() as taken:
        layer = L.BatchNorm()
        layer(np.ones((2, 3, 4, 4), "f4"))
        layer.to_gpu()
        x = as_cupy(np.ones((2, 3, 4, 4), "f4"))
        taken.clear()
        with dezero.test_mode():
            layer(x)
    assert sorted(taken.names()) == ["channel_affine", "channel_frozen"]


def test_gradients_of_one_backward_do_not_share_memory():
    with counted_gpu():
        a, b = (dezero.Variable(as_cupy(np.ones(shape, "f4"))) for shape in ((2, 3), (3, 2)))
        y = F.reshape(a, (3, 2)) + b
        for _ in range(2):  # the seed of a sum is the same array each time
            y.sum().backward(retain_graph=True)
        assert not np.may_share_memory(a.grad.data._host, b.grad.data._host)
        a.grad.data[...] = 7
        np.testing.assert_array_equal(b.grad.data.get(), 2)
        x, t = (dezero.Variable(as_cupy(v)) for v in (np.ones((2, 3), "f4"), np.array([0, 2])))
        loss = F.softmax_cross_entropy(x, t)
        loss.backward(retain_graph=True)
        first = x.grad.data.get()
        x.grad.data[...] = 7
        x.cleargrad()
        loss.backward()
        np.testing.assert_array_equal(x.grad.data.get(), first)
        c = dezero.Variable(as_cupy(np.array(2.0, "f4")))
        F.identity(c * 1).backward()
        c.grad.data[...] = 5
        c.cleargrad()
        F.identity(c * 1).backward()
        assert c.grad.data.get() == 1


if __name__ == "__main__":
    show()

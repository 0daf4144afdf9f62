"""On a GPU: captured steps agree with steps as they are, and captures leave no memory behind."""

import gc

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda, optimizers
from dezero.optimizers import ClipGrad

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not cuda.available(), reason=f"no GPU: {cuda.why_unavailable()}"),
]


class Net(dezero.Model):
    def __init__(self, normed):
        self.l1, self.l2, self.drop = L.Linear(64), L.Linear(10), L.Dropout(0.5)
        self.norm = L.BatchNorm() if normed else None

    def forward(self, x):
        y = self.l1(x)
        y = F.relu(y if self.norm is None else self.norm(y))
        return self.l2(self.drop(y))


def train(captured, optimizer, normed, steps=200):
    """Return losses, weights and running statistics; each eighth batch is a smaller one."""
    dezero.seed(0)
    model = Net(normed)
    model.build(20)
    model.to_gpu()
    rule = optimizer().setup(model)
    rule.add_hook(ClipGrad(1.0))

    def step(x, t):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        rule.update()
        return loss

    if captured:
        step = cuda.graph(step, required=True)
    draw, losses = np.random.default_rng(1), []
    for i in range(steps):
        n = 16 if i % 8 == 7 else 32
        x = cuda.as_cupy(draw.standard_normal((n, 20)).astype("f4"))
        losses.append(float(step(x, cuda.as_cupy(draw.integers(0, 10, n)))))
    kept = [cuda.as_numpy(b) for _, b in model.named_buffers()]
    return losses, [cuda.as_numpy(p.data) for p in model.params()] + kept


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("name", sorted({o.__name__ for o in optimizers.OPTIMIZERS.values()}))
def test_200_steps_agree_to_the_last_bit(name, normed, seeded):
    plain, same = (train(captured, getattr(optimizers, name), normed) for captured in (False, True))
    assert plain[0] == same[0]
    for ours, theirs in zip(plain[1], same[1], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_1000_captures_leave_nothing(seeded):
    model = Net(False)
    model.build(20)
    model.to_gpu()
    x = cuda.as_cupy(np.ones((4, 20), "f4"))

    def capture():
        step = cuda.graph(lambda x: model(x), 1, required=True)
        with dezero.no_grad():
            for _ in range(3):
                step(x)
        assert step.captured == 1

    def used():
        gc.collect()
        cuda.empty_cache()
        stats = cuda.memory_stats()
        return stats["total"] - stats["free"]

    for _ in range(20):
        capture()
    before = used()
    for _ in range(1000):
        capture()
    assert used() - before < 16 << 20 and cuda.memory_stats()["graphs"] == 0


def test_what_synchronises_is_named():
    step = cuda.graph(lambda x: x * float(x.sum()), 1)
    x = cuda.as_cupy(np.ones(3, "f4"))
    with pytest.warns(UserWarning, match="graph: .* runs as it is"):
        for _ in range(3):
            step(x)
    assert "test_gpu_captures.py" in step.reason
    assert cuda.as_numpy(step(x)).tolist() == [3, 3, 3]  # the stream is well again

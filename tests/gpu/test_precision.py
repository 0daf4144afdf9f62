"""Half precision in training, and sums that keep their order."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import cuda, layers, models, optimizers, seed
from dezero.backend import to_host

pytestmark = pytest.mark.usefixtures("seeded")
DRAW = np.random.default_rng(0)
IDS = DRAW.integers(0, 7, (64, 12))
PICTURES = DRAW.standard_normal((64, 3, 12, 12)).astype("f4")
LABELS = DRAW.integers(0, 5, 64)
NETS = {
    "embedding": (
        lambda: models.Sequential(
            layers.EmbedID(7, 16), lambda x: x.sum(axis=1), layers.Linear(5)
        ),
        IDS,
    ),
    "convolutions": (
        lambda: models.Sequential(
            layers.Conv2d(8, 3), F.relu, layers.MaxPool2d(2), layers.Conv2d(8, 3, stride=2),
            layers.Flatten(), layers.Linear(5),
        ),
        PICTURES,
    ),
}  # fmt: skip


def losses(name, gpu, steps=20):
    make, x = NETS[name]
    seed(3)
    model = make()
    model(x[:2])
    model.to_gpu()
    rule = optimizers.Adam(0.01).setup(model)
    x, t = gpu.from_host(x), gpu.from_host(LABELS)
    found = []
    for _ in range(steps):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        rule.update()
        found.append(float(loss))
    return found, [to_host(p.data) for p in model.params()]


@pytest.mark.parametrize("name", NETS)
def test_deterministic_trainings_are_equal(name, gpu):
    with cuda.deterministic():
        first, again = (losses(name, gpu) for _ in range(2))
    assert first[0] == again[0]
    for one, other in zip(first[1], again[1], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_learns_as_float32_does(half, gpu, record_property):
    expected, _ = losses("convolutions", gpu)
    with cuda.autocast(half):
        found, weights = losses("convolutions", gpu)
    record_property("losses", {"float32": expected, half: found})
    assert all(w.dtype == "f4" for w in weights)
    np.testing.assert_allclose(found, expected, rtol=0.1)
    assert found[-1] < 0.6 * found[0] and found != expected

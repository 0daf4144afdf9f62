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


def overflowing(captured, half, optimizer=optimizers.Adam):
    """Train with a loss scale; the batches 9, 10 and 21 have an infinity.

    Return losses, parameters after each step, scale, updates that were skipped, and their count.
    """
    seed(3)
    model = models.MLP((16, 5))
    model.build(12)
    model.to_gpu()
    rule = optimizer(0.01).setup(model)
    rule.loss_scale = optimizers.LossScale(2.0**12, growth_steps=4, highest=2.0**14)

    def step(x, t):
        with cuda.autocast(half):
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            rule.scale(loss).backward()
        rule.update()
        return loss

    if captured:
        step = cuda.graph(step, required=True)
    draw, losses, weights = np.random.default_rng(0), [], []
    for i in range(60):
        x = draw.standard_normal((32, 12)).astype("f4")
        x[3, 4] = np.inf if i in BAD else x[3, 4]
        losses.append(float(step(cuda.as_cupy(x), cuda.as_cupy(draw.integers(0, 5, 32)))))
        weights.append([cuda.as_numpy(p.data) for p in model.params()])
    assert not captured or step.captured == 1
    rule.settle()
    return losses, weights, rule.loss_scale.state_dict(), rule.t


BAD = (9, 10, 21)


@pytest.mark.parametrize("half", ["float16", None])
@pytest.mark.parametrize("captured", [False, True])
def test_an_overflow_changes_nothing_but_the_scale(captured, half, capturing, record_property):
    with np.errstate(all="ignore"):
        losses, weights, state, t = overflowing(captured, half)
    record_property("state", state)
    for i in range(1, 60):
        same = all((a == b).all() for a, b in zip(weights[i], weights[i - 1], strict=True))
        assert same == (i in BAD), i
    # Doubled up to its bound, halved three times, doubled again.
    assert (state["scale"], state["skipped"], t) == (2.0**14, 3, 57)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("half", ["float16", None])
def test_a_captured_overflow_is_that_of_eager_steps(half, capturing):
    with np.errstate(all="ignore"), cuda.deterministic():
        plain, same = (overflowing(captured, half) for captured in (False, True))
    np.testing.assert_array_equal(plain[0], same[0])
    for ours, theirs in zip(plain[1], same[1], strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)
    assert plain[2:] == same[2:]

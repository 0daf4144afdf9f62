"""CTC beside torch, long sequences, and what is far from likely."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable


def batch(rng, n=5, steps=40, classes=7, labels=12):
    t = rng.integers(1, classes, (n, labels))
    lengths = rng.integers(0, labels + 1, n)
    return rng.normal(size=(n, steps, classes)) * 3, t, rng.integers(25, steps + 1, n), lengths


@pytest.mark.oracle
def test_values_and_gradients_are_those_of_torch(rng):
    torch = pytest.importorskip("torch")
    x, t, steps, lengths = batch(rng)
    theirs = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.ctc_loss(
        theirs.log_softmax(-1).transpose(0, 1), torch.tensor(t), torch.tensor(steps),
        torch.tensor(lengths), reduction="none",
    )  # fmt: skip
    weights = np.arange(1.0, 6.0)
    (expected * torch.tensor(weights)).sum().backward()
    x = Variable(x)
    values = F.ctc_loss(x, t, steps, lengths, reduction="none")
    np.testing.assert_allclose(values.data, expected.detach().numpy(), rtol=1e-10)
    (values * weights).sum().backward()
    np.testing.assert_allclose(x.grad.data, theirs.grad.numpy(), atol=1e-10)


def test_steps_and_labels_that_do_not_count_have_no_say(rng):
    x, t, steps, lengths = batch(rng)
    expected = F.ctc_loss(x, t, steps, lengths, reduction="none").data
    for i, (step, length) in enumerate(zip(steps, lengths, strict=True)):
        x[i, step:], t[i, length:] = 99.0, -1
    np.testing.assert_allclose(F.ctc_loss(x, t, steps, lengths, reduction="none").data, expected)


def test_the_most_unlikely_is_finite():
    x = Variable(np.full((1, 6, 3), 0.0, np.float32))
    x.data[:, :, 0] = 1e4
    loss = F.ctc_loss(x, [[1, 1, 2]])
    loss.backward()
    assert loss.data == pytest.approx(3e4, rel=1e-3) and np.isfinite(x.grad.data).all()


def test_nothing_to_say_is_blank_all_the_time(rng):
    x = rng.normal(size=(1, 4, 3))
    log_p = F.log_softmax(x, axis=-1).data[0, :, 0].sum()
    assert float(F.ctc_loss(x, [[0, 0]]).data) == pytest.approx(-log_p)

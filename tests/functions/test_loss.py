"""What specs cannot say of `dezero/functions/loss.py`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable


def test_constant_float64_targets_leave_float32_alone_on_either_side():
    x, t = Variable(np.ones((4, 3), np.float32)), np.zeros((4, 3))
    for f in (F.mean_squared_error, F.mean_absolute_error, F.huber):
        for loss in (f(x, t), f(t, x)):
            x.cleargrad()
            loss.backward()
            assert loss.dtype == np.float32 and x.grad.dtype == np.float32


def test_squares_of_float16_are_added_in_float32():
    x = np.full((10, 100), 25.0, np.float16)
    assert F.mean_squared_error(x, x - x).data == np.float16(62500)
    assert F.mean_squared_error(x, x - x, reduction="mean").data == 625


def test_mean_squared_error_in_integers():
    x = Variable(np.array([1, 2]))
    loss = F.mean_squared_error(x, np.array([3, 5]))
    loss.backward()
    assert loss.data == 6.5 and x.grad.data.tolist() == [-2.0, -3.0]


def test_mean_absolute_error_has_no_gradient_where_both_agree():
    x = Variable(np.array([1.0, 2.0]))
    F.mean_absolute_error(x, np.array([1.0, 0.0])).backward()
    assert x.grad.data.tolist() == [0.0, 0.5]


def test_kl_divergence_of_zero_probabilities():
    p = Variable(np.array([[0.5, 0.5, 0.0]], np.float32))
    assert F.kl_divergence(p, p.data).data == 0
    loss = F.kl_divergence(p, np.array([[0.0, 0.5, 0.5]]))
    loss.backward()
    assert np.isfinite(loss.data) and p.grad.data[0, 2] < -1e6


@pytest.mark.oracle
def test_agreement_with_torch(rng):
    torch = pytest.importorskip("torch")
    x, t = 2 * rng.standard_normal((2, 5, 3))
    p, q = rng.dirichlet(np.ones(3), (2, 5))
    xt, tt, pt, qt = (torch.tensor(a) for a in (x, t, p, q))
    f = torch.nn.functional
    for got, expected in [
        (F.mean_squared_error(x, t, "mean"), f.mse_loss(xt, tt)),
        (F.mean_absolute_error(x, t), f.l1_loss(xt, tt)),
        (F.huber(x, t, delta=0.7), f.huber_loss(xt, tt, delta=0.7)),
        (F.kl_divergence(p, q), f.kl_div(pt.log(), qt, reduction="batchmean")),
    ]:
        np.testing.assert_allclose(got.data, expected.numpy(), rtol=1e-9)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (F.mean_squared_error, 6.5),
        (F.mean_squared_error_simple, 6.5),
        (F.mean_absolute_error, 2.5),
        (F.huber, 2.0),
    ],
)
def test_differences_of_small_integers_do_not_wrap_around(loss, expected):
    x, t = np.array([1, 2], np.uint8), np.array([3, 5], np.uint8)
    y = loss(Variable(x), t)
    y.backward()
    assert (y.item(), y.dtype) == (expected, np.float32)
    assert loss(t, x).item() == expected
    assert loss(np.array([True]), np.array([False])).item() > 0


def test_batch_reduction_of_float16_overflows_in_its_result_alone():
    x = Variable(np.full((1000, 1), 100, np.float16))
    y = F.mean_absolute_error(x, np.zeros((1000, 1)), "batch")
    y.backward()
    assert (y.item(), y.dtype) == (100, np.float16)
    np.testing.assert_allclose(x.grad.data, 1e-3, rtol=1e-3)


@pytest.mark.parametrize("f", [F.mean_squared_error, F.mean_absolute_error, F.huber])
def test_axes_of_length_one_in_front_cannot_be_mistaken(f):
    x, t = np.arange(4.0), np.array([1.0, 1.0, 5.0, 2.0])
    rows = Variable(x[None])
    assert f(rows, t).data == f(rows, t[None]).data
    assert f(x, t[None]).data == f(x, t).data
    for wrong in (x[:, None], x[:, None, None]):
        with pytest.raises(ValueError, match="expected both arguments of one shape"):
            f(wrong, t)

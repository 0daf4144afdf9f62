"""What specs cannot say of `dezero/functions/cross_entropy.py`: extremes, and torch."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable

LABELS = np.array([0, 2, 1, 2])


def float32(values):
    return Variable(np.array(values, np.float32))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_softmax_cross_entropy_keeps_dtype_and_is_exact_far_out(dtype):
    x = Variable(np.array([[1000.0, 0.0, -1000.0], [-1000.0, 0.0, 1000.0]], dtype))
    loss = F.softmax_cross_entropy(x, np.array([1, 2]))
    loss.backward()
    assert loss.dtype == dtype and x.grad.dtype == dtype
    assert loss.data == 500.0
    assert x.grad.data.tolist() == [[0.5, -0.5, 0.0], [0.0, 0.0, 0.0]]


def test_softmax_cross_entropy_takes_masked_logits():
    x = float32([[-np.inf, 0.0, 0.0]])
    F.softmax_cross_entropy(x, np.array([1])).backward()
    assert x.grad.data.tolist() == [[0.0, -0.5, 0.5]]


def test_softmax_cross_entropy_of_a_large_float16_batch_does_not_overflow():
    x = Variable(np.full((4000, 2), [100.0, 0.0], np.float16))
    assert F.softmax_cross_entropy(x, np.ones(4000, int)).data == 100.0


def test_softmax_cross_entropy_can_go_back_twice():
    x = Variable(np.eye(3)[[0, 1, 2, 0]])
    loss = F.softmax_cross_entropy(x, LABELS)
    loss.backward(retain_graph=True)
    first = x.grad.data.copy()
    loss.backward()
    np.testing.assert_array_equal(x.grad.data, 2 * first)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", ">i4", "u8"])
def test_labels_of_every_integer_type(dtype, rng):
    x = rng.standard_normal((300, 200))
    t = rng.integers(0, 127, 300)
    expected = F.softmax_cross_entropy(x, t)
    assert F.softmax_cross_entropy(x, t.astype(dtype)).data == expected.data
    t = t.astype(dtype)
    t[7] = 200 if dtype[0] == "u" else -1
    with pytest.raises(ValueError, match=r"labels from 0 to 199, got (200|-1) at t\[7\]"):
        F.softmax_cross_entropy(x, t)


def test_labels_may_be_a_list_or_a_variable():
    x = Variable(np.eye(3)[[0, 1, 2, 0]])
    expected = F.softmax_cross_entropy(x, LABELS).data
    assert F.softmax_cross_entropy(x, [0, 2, 1, 2]).data == expected
    t = Variable(LABELS)
    loss = F.softmax_cross_entropy(x, t)
    loss.backward()
    assert loss.data == expected and t.grad is None


def test_float64_targets_leave_float32_alone():
    x = float32(np.full((4, 3), 0.3))
    soft = np.eye(3)[LABELS]
    for loss in (
        F.softmax_cross_entropy(x, soft),
        F.softmax_cross_entropy(x, LABELS, class_weight=np.ones(3), label_smoothing=0.1),
        F.sigmoid_cross_entropy(x, soft),
        F.binary_cross_entropy(x, soft),
        F.categorical_cross_entropy(x, soft),
    ):
        assert loss.dtype == np.float32


def test_sigmoid_cross_entropy_is_finite_at_a_thousand():
    x = float32([1000.0, -1000.0, 1000.0, -1000.0])
    loss = F.sigmoid_cross_entropy(x, np.array([1, 0, 0, 1]), reduction="none")
    assert loss.data.tolist() == [0.0, 0.0, 1000.0, 1000.0]
    loss.backward()
    np.testing.assert_allclose(x.grad.data, [0.0, 0.0, 1.0, -1.0], atol=1e-30)


def test_binary_cross_entropy_learns_beyond_its_clip():
    p = float32([0.9995, 0.9999, 1.0, 0.0, 1.0, 0.0])
    loss = F.binary_cross_entropy(p, np.array([1, 0, 0, 1, 1, 0]), reduction="none")
    assert np.isfinite(loss.data).all()
    loss.backward()
    # Towards the label, and steep where the answer is wrong.
    assert (np.sign(p.grad.data) == [-1, 1, 1, -1, -1, 1]).all()
    assert np.isfinite(p.grad.data).all()
    np.testing.assert_allclose(np.abs(p.grad.data[2:4]), 1e7, rtol=1e-3)
    np.testing.assert_allclose(np.abs(p.grad.data[4:]), 1, rtol=1e-3)


def test_probability_losses_are_finite_in_float16():
    p = Variable(np.array([[1.0, 0.0], [0.0, 1.0]], np.float16))
    for loss in (
        F.binary_cross_entropy(p, 1 - p.data),
        F.categorical_cross_entropy(p, np.array([1, 0])),
        F.kl_divergence(p, 1 - p.data),
    ):
        p.cleargrad()
        loss.backward()
        assert np.isfinite(loss.data) and np.isfinite(p.grad.data).all()


def test_nan_goes_through_probability_checks():
    p = np.array([0.5, np.nan])
    assert np.isnan(F.binary_cross_entropy(p, np.ones(2)).data)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 2, 3)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ignore_label": 1},
        {"class_weight": [1.0, 2.0, 0.5, 0.0]},
        {"label_smoothing": 0.2},
        {"ignore_label": 1, "class_weight": [1.0, 2.0, 0.5, 3.0], "label_smoothing": 0.2},
    ],
    ids=str,
)
def test_softmax_cross_entropy_agrees_with_torch(shape, reduction, options, rng):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal(shape)
    t = rng.integers(0, 4, shape[:1] + shape[2:])
    names = {"ignore_label": "ignore_index", "class_weight": "weight"}
    theirs = {names.get(k, k): v for k, v in options.items()}
    if "weight" in theirs:
        theirs["weight"] = torch.tensor(theirs["weight"], dtype=torch.float64)
    xt = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(xt, torch.tensor(t), reduction=reduction, **theirs)
    expected.sum().backward()
    xd = Variable(x)
    got = F.softmax_cross_entropy(xd, t, reduction=reduction, **options)
    got.backward()
    np.testing.assert_allclose(got.data, expected.detach().numpy(), rtol=1e-9)
    np.testing.assert_allclose(xd.grad.data, xt.grad.numpy(), rtol=1e-7, atol=1e-12)


@pytest.mark.oracle
def test_soft_labels_agree_with_torch(rng):
    torch = pytest.importorskip("torch")
    x, t = rng.standard_normal((6, 4)), rng.dirichlet(np.ones(4), 6)
    weight = np.array([1.0, 2.0, 0.5, 3.0])
    expected = torch.nn.functional.cross_entropy(
        torch.tensor(x), torch.tensor(t), weight=torch.tensor(weight), label_smoothing=0.2
    )
    got = F.softmax_cross_entropy(x, t, class_weight=weight, label_smoothing=0.2)
    np.testing.assert_allclose(got.data, expected.numpy(), rtol=1e-9)

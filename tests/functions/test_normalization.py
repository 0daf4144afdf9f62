"""What specs cannot say of `dezero/functions/norm.py`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.core import Parameter, Variable


def test_float16_is_normalised_in_float32():
    x = np.array([[1000.0, 2000.0, 3000.0]], np.float16)
    y = F.layer_norm(x)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.data, [[-1.2247, 0.0, 1.2247]], atol=1e-3)


@pytest.mark.parametrize("d", [3, 100, 257])
def test_equal_elements_give_beta(d):
    y = F.layer_norm(np.full((2, d), 1000.0, np.float32), np.ones(d), np.full(d, 0.5))
    assert (y.data == 0.5).all()


def test_constants_get_no_gradient(rng):
    x = rng.standard_normal((4, 3)).astype(np.float32)
    gamma, beta = Parameter(np.ones(3, np.float32)), Parameter(np.zeros(3, np.float32))
    F.layer_norm(x, gamma, beta).sum().backward()
    assert beta.grad.data.tolist() == [4.0, 4.0, 4.0] and gamma.grad.shape == (3,)
    x = Variable(x)
    F.layer_norm(x, gamma.data, beta.data).sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_allclose(x.grad.data, 0, atol=1e-6)


@pytest.mark.oracle
def test_agreement_with_torch(rng):
    torch = pytest.importorskip("torch")
    x, gamma, beta, gy = (rng.standard_normal(s) for s in ((4, 2, 5), (2, 5), (2, 5), (4, 2, 5)))
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
    expected = torch.nn.functional.layer_norm(theirs[0], (2, 5), *theirs[1:])
    expected.backward(torch.tensor(gy))
    ours = [Variable(a) for a in (x, gamma, beta)]
    y = F.layer_norm(*ours, axis=[1, 2])
    y.grad = Variable(gy)
    y.backward()
    np.testing.assert_allclose(y.data, expected.detach().numpy(), rtol=1e-9)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.data, b.grad.numpy(), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_of_float16_come_from_float32(create_graph):
    x = Variable(np.array([[0.0, 1000.0, 3000.0]], np.float16))
    wide = Variable(x.data.astype(np.float64))
    for v in (x, wide):
        (F.layer_norm(v, eps=1e5) * np.array([1.0, 0.0, 0.0])).sum().backward(
            create_graph=create_graph
        )
    assert x.grad.dtype == np.float16
    np.testing.assert_allclose(x.grad.data, wide.grad.data, rtol=0.01)


@pytest.mark.oracle
@pytest.mark.parametrize("sizes", [(5,), (2, 5)])
def test_rms_norm_agrees_with_torch_to_second_order(rng, sizes):
    torch = pytest.importorskip("torch")
    arrays = [rng.standard_normal(shape) for shape in ((4, 2, 5), sizes, (4, 2, 5))]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y_t = torch.nn.functional.rms_norm(theirs[0], sizes, theirs[1], 1e-6)
    first_t = torch.autograd.grad(y_t, theirs[:2], theirs[2], create_graph=True)
    second_t = torch.autograd.grad(sum((g * g).sum() for g in first_t), theirs)
    ours = [Variable(a) for a in arrays]
    y = F.rms_norm(*ours[:2], axis=tuple(range(3 - len(sizes), 3)))
    first = grad(y, ours[:2], ours[2], create_graph=True)
    second = grad(sum((g * g).sum() for g in first), ours)
    for a, b in zip((y, *first, *second), (y_t, *first_t, *second_t), strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-7, atol=1e-12)


def test_rms_norm_keeps_the_direction(rng):
    x = rng.standard_normal((4, 100))
    y = F.rms_norm(x).data
    np.testing.assert_allclose((y * y).mean(1), 1, rtol=1e-5)
    np.testing.assert_allclose(y / x, np.broadcast_to((y / x)[:, :1], x.shape))


@pytest.mark.parametrize("create_graph", [False, True])
def test_rms_norm_of_float16_is_summed_in_float32(create_graph):
    x = Variable(np.array([[300.0, 400.0]], np.float16))
    wide = Variable(x.data.astype(np.float64))
    for v in (x, wide):
        y = F.rms_norm(v)
        np.testing.assert_allclose(y.data, [[0.8485, 1.1314]], rtol=1e-3)
        (y * np.array([1.0, 0.0])).sum().backward(create_graph=create_graph)
    assert x.grad.dtype == np.float16
    np.testing.assert_allclose(x.grad.data, wide.grad.data, rtol=0.01)

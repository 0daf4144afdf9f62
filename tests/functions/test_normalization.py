"""What specs cannot say of `dezero/functions/norm.py`."""

import numpy as np
import pytest

import dezero.functions as F
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

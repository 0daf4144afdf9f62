"""Derivatives of whole functions beside torch.autograd.functional, to second and third order."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from dezero.core import Variable

pytestmark = pytest.mark.oracle

# id: (function here, the same in torch, arrays)
FUNCTIONS = {
    "layer": (
        lambda x, w, b: F.softmax(F.tanh(x @ w + b)),
        lambda x, w, b: (x @ w + b).tanh().softmax(1),
        [(3, 4), (4, 2), (2,)],
    ),
    "broadcast": (
        lambda x, y: F.exp(x * y) / (1 + y**2),
        lambda x, y: (x * y).exp() / (1 + y**2),
        [(2, 1), (3,)],
    ),
    "reduction": (
        lambda x: F.sum(F.log(1 + x**2), axis=0) * F.max(x),
        lambda x: (1 + x**2).log().sum(0) * x.max(),
        [(3, 2)],
    ),
    "number": (lambda x: F.sin(x) * x, lambda x: x.sin() * x, [()]),
    "indexing": (
        lambda x, y: x[[0, 2, 0]] * y.reshape(3, 2).T[1],
        lambda x, y: x[[0, 2, 0]] * y.reshape(3, 2).T[1],
        [(3,), (6,)],
    ),
    "two uses": (lambda x: x * F.sum(x) - x @ x, lambda x: x * x.sum() - x @ x, [(4,)]),
}
each = pytest.mark.parametrize("name", FUNCTIONS)


@pytest.fixture
def torch():
    """The oracle, where it is installed."""
    return pytest.importorskip("torch")


def case(name):
    ours, theirs, shapes = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    arrays = tuple(rng.standard_normal(shape) for shape in shapes)
    along = tuple(rng.standard_normal(shape) for shape in shapes)
    return ours, theirs, arrays, along


def tensors(torch, arrays):
    return tuple(torch.tensor(a) for a in arrays)


def assert_same(got, wanted):
    if isinstance(got, tuple):
        for one, other in zip(got, wanted, strict=True):
            assert_same(one, other)
        return
    assert got.shape == tuple(wanted.shape)
    np.testing.assert_allclose(got.data, wanted.detach().numpy(), rtol=1e-9, atol=1e-11)


def scalar(func):
    """Return `func` summed with weights that are no ones."""
    return lambda *args: (func(*args) ** 2).sum()


@each
def test_vjp(torch, rng, name):
    ours, theirs, arrays, _ = case(name)
    u = rng.standard_normal(ours(*map(Variable, arrays)).shape)
    got = vjp(ours, arrays, u)
    assert_same(got, torch.autograd.functional.vjp(theirs, tensors(torch, arrays), torch.tensor(u)))


@each
def test_jvp(torch, name):
    ours, theirs, arrays, along = case(name)
    args = tensors(torch, arrays), tensors(torch, along)
    assert_same(jvp(ours, arrays, along), torch.autograd.functional.jvp(theirs, *args))


@each
def test_jacobian(torch, name):
    ours, theirs, arrays, _ = case(name)
    wanted = torch.autograd.functional.jacobian(theirs, tensors(torch, arrays))
    assert_same(jacobian(ours, arrays), wanted)


@each
def test_hessian_and_hvp(torch, name):
    ours, theirs, arrays, along = case(name)
    args = tensors(torch, arrays), tensors(torch, along)
    wanted = torch.autograd.functional.hessian(scalar(theirs), args[0])
    assert_same(hessian(scalar(ours), arrays), wanted)
    wanted = torch.autograd.functional.hvp(scalar(theirs), *args)
    assert_same(hvp(scalar(ours), arrays, along), wanted)


@each
def test_third_order(torch, name):
    """The gradient of a Hessian-vector product."""
    ours, theirs, arrays, along = case(name)
    xs, ts = tuple(map(Variable, arrays)), tensors(torch, arrays)
    for t in ts:
        t.requires_grad_()
    _, got = hvp(scalar(ours), xs, along, create_graph=True)
    _, wanted = torch.autograd.functional.hvp(
        scalar(theirs), ts, tensors(torch, along), create_graph=True
    )
    gs = grad(sum((g**2).sum() for g in got), list(xs))
    ws = torch.autograd.grad(sum((w**2).sum() for w in wanted), ts)
    assert_same(tuple(gs), ws)


@each
def test_value_and_grad(torch, name):
    ours, theirs, arrays, _ = case(name)
    value, gs = value_and_grad(scalar(ours), tuple(range(len(arrays))))(*arrays)
    ts = tensors(torch, arrays)
    for t in ts:
        t.requires_grad_()
    loss = scalar(theirs)(*ts)
    assert_same(value, loss)
    assert_same(gs, torch.autograd.grad(loss, ts))

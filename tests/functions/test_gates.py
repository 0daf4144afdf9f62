"""Joined weights: refreshed, transposed once, called twice."""

import numpy as np

import dezero.functions as F
from dezero.core import Variable, using_config


def parts(value, gates=3):
    rng = np.random.default_rng(value)
    shapes = [(2, 4), (4,), (4, 4), (4,)] * gates
    return [Variable(rng.standard_normal(shape)) for shape in shapes]


def gradient_of_h(W):
    h = Variable(np.ones((5, 4)))
    F.sum(F.gru_step(np.ones((5, 2)), h, W)).backward()
    return h.grad.data


@using_config("guard", None)
def test_what_is_transposed_follows_the_weights():
    """Steps share the transposed array of their joined weights; after a refresh it is another."""
    first, second = parts(1), parts(2)
    W = F.JoinGates(3)(*first)
    join = W.creator
    F.sum(F.gru_step(np.ones((5, 2)), np.ones((5, 4)), W)).backward(retain_graph=True)
    wanted = gradient_of_h(Variable.constant(F.JoinGates(3)(*second).data))
    for old, new in zip(first, second, strict=True):
        old.data[...] = new.data
    join.refresh(W)
    np.testing.assert_allclose(gradient_of_h(W), wanted, rtol=1e-12)


def test_one_function_called_twice():
    join = F.JoinGates(3)
    first, second = join(*parts(1)), join(*parts(2))
    for W in (first, second):
        wanted = gradient_of_h(Variable.constant(W.data))
        np.testing.assert_allclose(gradient_of_h(W), wanted, rtol=1e-12)


def test_the_gradient_of_a_part_is_its_piece():
    values = parts(1, gates=1)
    W = F.JoinGates(1)(*values)
    rows = np.arange(W.size, dtype=float).reshape(W.shape)
    F.sum(W * rows).backward()
    for value, piece in zip(
        values, (rows[0, :2], rows[0, 2], rows[0, 3:7], rows[0, 7]), strict=True
    ):
        np.testing.assert_array_equal(value.grad.data, piece)

"""`dezero.regularizers`: values, derivatives, names, configurations."""

import json

import numpy as np
import pytest

from dezero import regularizers
from dezero.core import Parameter, Variable
from dezero.regularizers import L1, L1L2, L2, Orthogonal, Regularizer
from dezero.testing import check_grads

W = np.array([[1.0, -2.0], [0.5, 3.0]])
CASES = [
    (L1(0.1), 0.65),
    (L2(0.1), 1.425),
    (L1L2(0.1, 0.1), 2.075),
    (L1L2(l2=0.1), 1.425),
    (L1(), 0.065),
    (L2(), 0.1425),
    (L1L2(), 0.0),
    (Orthogonal(0.5), 0.404372),
    (Orthogonal(mode="columns"), 0.00124035),
]


@pytest.mark.parametrize("penalty, expected", CASES, ids=repr)
def test_value_gradient_and_configuration(penalty, expected):
    for dtype in (np.float16, np.float32, np.float64):
        x = Parameter(W.astype(dtype))
        y = penalty(x)
        assert y.shape == () and y.dtype == dtype
        np.testing.assert_allclose(y.data, expected, rtol=1e-3)
        y.backward()
        assert x.grad.dtype == dtype
    check_grads(penalty.penalty, W, order=2)
    again = regularizers.get(json.loads(json.dumps(penalty.config())))
    assert type(again) is type(penalty) and again.config() == penalty.config()


def test_every_regularizer_has_a_case():
    assert {type(penalty) for penalty, _ in CASES} == set(regularizers.REGULARIZERS.values())


def test_gradient_of_l1_at_zero_is_zero():
    x = Variable(np.array([0.0, -1.0]))
    L1(0.5)(x).backward()
    assert x.grad.data.tolist() == [0.0, -0.5]


def test_arrays_are_constants():
    assert not L2(0.1)(W).requires_grad


def test_get():
    assert regularizers.get(None) is None
    penalty = L2(0.3)
    assert regularizers.get(penalty) is penalty
    assert regularizers.get("l2", l2=0.5).l2 == 0.5
    assert regularizers.get("l2", l2=np.float32(0.5)).l2 == 0.5
    assert repr(regularizers.get("L1L2", l1=1)) == "L1L2(l1=1.0, l2=0.0)"
    assert regularizers.get({"name": "l1", "l1": 0.2}).l1 == 0.2
    assert regularizers.get(abs) is abs


def test_bad_arguments():
    with pytest.raises(ValueError, match="regularizer: unknown name 'l3'. Known: l1, l1l2, l2."):
        regularizers.get("l3")
    with pytest.raises(TypeError, match="regularizer: expected a name, a Regularizer or a func"):
        regularizers.get(0.01)
    with pytest.raises(TypeError, match="regularizer: .* got dict {'name': None}"):
        regularizers.get({"name": None})
    with pytest.raises(TypeError, match="regularizer: expected a name"):
        regularizers.get(L2)
    for make in (L1, L2, L1L2):
        with pytest.raises(ValueError, match=f"{make.__name__}: expected a strength of at least 0"):
            make(-1)
    with pytest.raises(ValueError, match="L2: expected a strength of at least 0, got bool True"):
        L2(True)
    with pytest.raises(NotImplementedError, match="Half.penalty: expected the subclass to define"):
        type("Half", (Regularizer,), {})().penalty(W)


def test_what_cannot_be_orthogonal():
    with pytest.raises(ValueError, match="Orthogonal: expected a matrix"):
        Orthogonal()(np.ones(3))
    with pytest.raises(ValueError, match="mode: unknown name 'row'. Did you mean 'rows'"):
        Orthogonal(mode="row")

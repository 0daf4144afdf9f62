"""`MLP`: the book's signature."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import test_mode
from dezero.models import MLP

X = np.linspace(-1, 1, 8, dtype="f4").reshape(2, 4)


def test_sigmoid_by_default_but_not_after_the_last():
    model = MLP((3, 2))
    expected = model.l1(F.sigmoid(model.l0(X)))
    np.testing.assert_array_equal(model(X).data, expected.data)


@pytest.mark.parametrize("activation", ["relu", F.relu])
def test_activation_by_name_or_function(activation):
    model = MLP((3, 2), activation)
    assert model.activation is F.relu
    np.testing.assert_array_equal(model(X).data, model.l1(F.relu(model.l0(X))).data)


def test_no_activation_is_linear():
    model = MLP((3, 2), None)
    np.testing.assert_allclose(model(X).data, model.l1(model.l0(X)).data)


def test_one_size():
    assert len(MLP(3).layers) == len(MLP([3]).layers) == len(MLP(np.int64(3)).layers) == 1


def test_dropout_after_each_activation():
    model = MLP((500, 400, 2), F.relu, dropout=0.5)
    model.build(4)
    seen = []
    model.dropout.register_forward_hook(lambda layer, xs, y: seen.append(y.shape))
    first, second = model(X).data, model(X).data
    assert seen == [(2, 500), (2, 400)] * 2 and (first != second).any()
    with test_mode():
        np.testing.assert_array_equal(model(X).data, model(X).data)


def test_no_size():
    with pytest.raises(ValueError, match="MLP: expected at least one size, got none"):
        MLP([])


@pytest.mark.parametrize("sizes", [3.0, None, "10"])
def test_what_is_no_sequence_of_sizes(sizes):
    with pytest.raises(TypeError, match=r"MLP: expected sizes such as \(128, 10\), got"):
        MLP(sizes)


def test_sizes_are_checked():
    with pytest.raises(TypeError, match="out_size, an integer, got str 'x'"):
        MLP((3, "x"))

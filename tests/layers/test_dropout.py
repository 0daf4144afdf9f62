"""`Dropout`: what is dropped, by whose chance."""

import copy

import numpy as np
import pytest

from dezero.backend import random
from dezero.core import Variable, test_mode
from dezero.layers import Dropout

X = np.ones((100, 100), "f4")


def test_share_and_scale():
    y = Dropout(0.3)(X).data
    assert abs((y == 0).mean() - 0.3) < 0.03
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-4)


def test_off_in_test_mode():
    x = Variable(X)
    with test_mode():
        assert Dropout(0.9)(x) is x


def test_gradient_passes_where_the_value_did():
    x = Variable(X)
    y = Dropout(0.5)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, y.data)


def test_seed_of_its_own():
    state = random.get_state()
    a, b = Dropout(0.5, seed=1), Dropout(0.5, seed=1)
    first = a(X).data
    np.testing.assert_array_equal(first, b(X).data)
    assert (first != a(X).data).any() and random.get_state() == state
    np.testing.assert_array_equal(copy.deepcopy(a)(X).data, a(X).data)


def test_the_librarys_generator_by_default():
    state = random.get_state()
    Dropout(0.5)(X)
    assert random.get_state() != state


@pytest.mark.parametrize("ratio", [-0.1, 1, 1.5, float("nan")])
def test_ratio_out_of_range(ratio):
    with pytest.raises(ValueError, match="Dropout: expected 0 <= dropout_ratio < 1"):
        Dropout(ratio)


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), ("a", TypeError), ([1], TypeError), (True, TypeError)]
)
def test_seed(seed, error):
    with pytest.raises(error, match="Dropout: expected .*seed"):
        Dropout(0.5, seed=seed)


@pytest.mark.parametrize("ratio", ["0.5", None, True])
def test_ratio_that_is_no_number(ratio):
    with pytest.raises(TypeError, match="Dropout: expected a number as dropout_ratio"):
        Dropout(ratio)

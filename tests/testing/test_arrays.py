"""Same arrays, whatever wraps them and wherever they live."""

import numpy as np
import pytest

from dezero import core_simple
from dezero.core import Variable
from dezero.testing import array_allclose, array_equal
from tests.strict_device import strict_device

WRAPS = [
    np.array,
    Variable,
    core_simple.Variable,
    list,
    lambda x: memoryview(np.asarray(x)),
    lambda x: np.asarray(x).data,
]


@pytest.mark.parametrize("one", WRAPS)
@pytest.mark.parametrize("other", WRAPS)
def test_any_wrapping(one, other):
    a, b, c = [1.0, 2.0], [1.0, 2.000001], [1.0, 2.1]
    assert array_equal(one(a), other(a)) is True
    assert array_equal(one(a), other(b)) is False
    assert array_allclose(one(a), other(b)) is True
    assert array_allclose(one(a), other(c)) is False


def test_tolerances_are_positional_and_those_of_the_book():
    assert array_allclose(100.0, 100.009)
    assert not array_allclose(100.0, 100.02)
    assert array_allclose(0.0, 0.9e-5)
    assert array_allclose(1.0, 1.4, 0.5, 0.0)
    assert not array_allclose(1.0, 1.4, 0.0, 0.3)


def test_shapes():
    assert not array_equal(np.ones(2), np.ones((1, 2)))
    assert not array_equal(np.ones(2), np.ones(3))
    assert array_allclose(np.ones(3), 1)
    assert not array_allclose(np.ones(2), np.ones(3))


def test_nan_and_inf():
    assert not array_allclose(np.nan, np.nan)
    assert array_allclose(np.inf, np.inf)


def test_other_devices():
    with strict_device() as device:
        there = device.from_host(np.arange(3.0))
        assert array_equal(there, [0, 1, 2])
        assert array_allclose(Variable(there), there)

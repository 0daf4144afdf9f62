"""The dtype rule: floats stay, scalars are weak, integers become the default float on demand."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, Variable, floating, promote, using_config

FLOATS = [np.float16, np.float32, np.float64]
OPERATORS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: b - a,
    lambda a, b: b / a,
    lambda a, b: a % b,
    lambda a, b: F.maximum(a, b),
]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("scalar", [2, 2.5, True, np.float64(2.5), np.float16(2.5), np.int64(2)])
@pytest.mark.parametrize("op", OPERATORS)
def test_scalars_are_weak(dtype, scalar, op):
    x = Variable(np.ones(3, dtype))
    y = op(x, scalar)
    assert y.dtype == dtype
    y.backward()
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("dtype", FLOATS)
def test_powers_keep_the_float(dtype):
    x = Variable(np.full(3, 2, dtype))
    for y in (x**2, x**-1, x**0.5, 2**x, 2.5**x, np.float64(2) ** x):
        assert y.dtype == dtype


@pytest.mark.parametrize("dtype", FLOATS)
def test_zero_dimensional_data_keeps_its_float(dtype):
    x = Variable(np.array(2, dtype))
    for y in (x + 1, x * 2.5, F.exp(x), F.sum(x), x / 3):
        assert y.dtype == dtype
        assert isinstance(y.data, np.ndarray)


def test_two_floats_widen():
    for one, other, both in (
        (np.float16, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.float16, np.float64, np.float64),
    ):
        assert (Variable(np.ones(2, one)) * Variable(np.ones(2, other))).dtype == both


@pytest.mark.parametrize("integer", [np.int8, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("dtype", FLOATS)
def test_integers_take_the_float_beside_them(dtype, integer):
    x, n = Variable(np.ones(3, dtype)), np.ones(3, integer)
    for y in (x + n, n + x, x * n, x / n, n / x, x - n):
        assert y.dtype == dtype


@pytest.mark.parametrize("number", [300, np.int64(300), np.int32(-200)])
def test_numbers_that_small_integers_cannot_hold_raise(number):
    n = Variable(np.ones(2, np.int8))
    for func in (F.add, F.mul, F.maximum):
        with pytest.raises(OverflowError, match="Python integer .* out of bounds for int8"):
            func(n, number)


def test_integers_alone_stay_integers_in_arithmetic():
    n = Variable(np.arange(1, 4))
    for y in (n + n, n * 2, n - 1, -n, n**2, n % 2, n // 2):
        assert y.dtype == np.int64
    np.testing.assert_array_equal((n**3).data, [1, 8, 27])


def test_integers_become_the_default_float_where_a_derivative_is_meant():
    n = Variable(np.arange(1, 4))
    for y in (n / 2, n / n, F.exp(n), F.log(n), n**-1, n**0.5, n * 0.5, F.mean(n)):
        assert y.dtype == np.float32
    with using_config("dtype", np.float64):
        assert F.exp(n).dtype == np.float64


def test_booleans_count_as_integers():
    b = np.array([True, False])
    assert (Variable(np.ones(2, np.float32)) * b).dtype == np.float32
    assert F.exp(Variable(b)).dtype == np.float32
    assert (Variable(b) + 1).dtype == np.int64
    assert (Variable(b) * True).dtype == np.bool_


def test_floating():
    x = np.ones(2, np.float16)
    assert floating(x) is x
    assert floating(np.arange(2)).dtype == Config.dtype
    with pytest.raises(TypeError, match="floating: expected real numbers, got complex128"):
        floating(np.ones(2) * 1j)


def test_promote():
    f, n = np.ones(2, np.float16), np.arange(2)
    assert promote(f, f)[1] is f
    assert [a.dtype for a in promote(f, n)] == [np.float16, np.float16]
    assert [a.dtype for a in promote(n, f)] == [np.float16, np.float16]
    wide = promote(f, np.ones(2))
    assert [a.dtype for a in wide] == [np.float16, np.float64]


def test_python_numbers_alone():
    assert F.exp(1.0).dtype == np.float64
    assert F.exp(1).dtype == np.float32
    assert F.add(1, 2).item() == 3

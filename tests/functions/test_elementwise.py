"""What specs cannot say of `dezero/functions/elementwise.py`: ties, kinks, edges, NumPy's names."""

import math

import numpy as np
import pytest

from dezero.backend import kernels
from dezero.core import Variable
from dezero.functions import elementwise as F


def gradient(func, *xs):
    variables = [Variable(np.asarray(x)) for x in xs]
    func(*variables).backward()
    return [x.grad.data.tolist() for x in variables]


@pytest.mark.parametrize("func", [F.maximum, F.minimum])
def test_a_tie_shares_the_gradient(func):
    x = [1.0, 2.0, 3.0]
    ahead = [1.0, 0.5, 0.0] if func is F.maximum else [0.0, 0.5, 1.0]
    assert gradient(func, [2.0, 2.0, 2.0], x) == [ahead, ahead[::-1]]


def test_maximum_passes_nan_on():
    y = F.maximum(Variable(np.array([np.nan, 1.0])), np.array([0.0, np.nan]))
    assert np.isnan(y.data).all()


def test_clip_passes_the_gradient_at_its_bounds():
    x = [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert gradient(lambda x: F.clip(x, -1, 1), x) == [[0, 1, 1, 1, 0]]
    assert gradient(lambda x: F.clip(x, x_max=-1), x) == [[1, 1, 0, 0, 0]]
    assert gradient(lambda x: F.clip(x, -1), x) == [[0, 1, 1, 1, 1]]


def test_clip_of_integers_is_floating_only_between_floats():
    x = np.arange(4)
    assert F.clip(x, 1, 2).dtype == x.dtype
    assert F.clip(x, 0.5).data.tolist() == [0.5, 1.0, 2.0, 3.0]
    assert F.clip(x, 0.5).dtype == np.float32


def test_a_numpy_scalar_as_bound_does_not_widen():
    x = np.ones(2, np.float32)
    assert F.clip(x, np.float64(0), np.int64(3)).dtype == np.float32


def test_abs_has_gradient_0_at_0_and_sqrt_inf():
    assert gradient(F.abs, [-2.0, 0.0, 2.0]) == [[-1.0, 0.0, 1.0]]
    with np.errstate(divide="ignore"):
        assert gradient(F.sqrt, [0.0, 4.0]) == [[np.inf, 0.25]]


def test_where_keeps_nan_of_the_other_side_out():
    y, z = gradient(lambda y, z: F.where([True, False], y, z), [1.0, np.nan], [np.inf, 2.0])
    assert (y, z) == ([1.0, 0.0], [0.0, 1.0])
    x = Variable(np.array([0.0, 4.0]))
    F.where(x.data > 0, F.sqrt(F.where(x.data > 0, x, 1.0)), 0.0).backward()
    assert x.grad.data.tolist() == [0.0, 0.25]


def test_where_takes_lists_numbers_and_variables_as_condition():
    x = np.array([1.0, 2.0, 3.0], np.float32)
    assert F.where([1, 0, -2], x, 0).data.tolist() == [1.0, 0.0, 3.0]
    assert F.where(0, x, 5.0).data.tolist() == [5.0, 5.0, 5.0]
    y = F.where(Variable(np.array([0.0, 1.0, 0.5])), x, 0.0)
    assert y.data.tolist() == [0.0, 2.0, 3.0]
    assert y.dtype == np.float32


def test_logaddexp_of_nothing_is_nothing():
    assert F.logaddexp(np.float32(-np.inf), 3.0).item() == 3.0
    assert gradient(F.logaddexp, -np.inf, 3.0) == [0.0, 1.0]


def test_erf_at_the_ends():
    x = np.array([-np.inf, -7.0, -0.0, 7.0, np.inf, np.nan], np.float32)
    y = F.erf(x).data
    np.testing.assert_array_equal(y, np.array([-1, -1, 0, 1, 1, np.nan], np.float32))
    assert np.signbit(y[2])


@pytest.mark.parametrize(
    ("dtype", "limit"), [("float16", 5e-4), ("float32", 4e-7), ("float64", 1.3e-15)]
)
def test_erf_kernel_is_exact_to_a_few_units_and_never_above_1(dtype, limit):
    x = np.concatenate([np.linspace(-7, 7, 20001), np.logspace(-300, 0, 1001)]).astype(dtype)
    y = kernels(x).erf(x)
    exact = np.array([math.erf(v) for v in x.tolist()])
    assert y.dtype == x.dtype
    assert np.max(np.abs(y)) == 1
    assert np.max(np.abs(y - exact)) <= limit
    assert np.all(np.abs(y - exact) <= 2 * limit * np.abs(exact) + np.finfo(dtype).tiny)


def test_the_gradient_of_erf_stays_finite_in_float16():
    assert gradient(F.erf, np.array([-60000.0, 300.0], np.float16)) == [[0.0, 0.0]]


def test_numpy_functions_find_ours():
    x = Variable(np.array([-1.0, 0.25, 2.0]))
    for y, name in (
        (np.absolute(x), "abs"),
        (np.clip(x, 0, 1), "clip"),
        (np.where([True, False, True], x, 0.0), "where"),
        (np.maximum(np.zeros(3), x), "maximum"),
        (np.reciprocal(x), "reciprocal"),
        (np.expm1(x), "expm1"),
    ):
        assert isinstance(y, Variable), name
        y.backward()

"""What specs cannot say of `dezero/functions/rounding.py`."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.functions import rounding as F


@pytest.mark.parametrize("func", [F.floor, F.ceil, F.round, F.sign])
def test_integers_stay_integers(func):
    x = np.array([-3, 0, 3])
    assert func(x).dtype == x.dtype


def test_halves_go_to_even_and_decimals_may_be_negative():
    assert F.round([0.5, 1.5, 2.5]).data.tolist() == [0.0, 2.0, 2.0]
    assert F.round(np.array([149.0, 151.0]), -2).data.tolist() == [100.0, 200.0]


def test_nan_and_inf_are_told_apart():
    x = Variable(np.array([np.nan, np.inf, -np.inf, 0.0], np.float32))
    assert F.isnan(x).data.tolist() == [True, False, False, False]
    assert F.isinf(x).data.tolist() == [False, True, True, False]
    assert F.isfinite(x).data.tolist() == [False, False, False, True]


def test_numpy_functions_find_ours():
    x = Variable(np.array([-1.25, 0.5]))
    for y in (np.floor(x), np.ceil(x), np.around(x, 1), np.round(x), np.sign(x), np.isnan(x)):
        assert isinstance(y, Variable)
        assert not y.requires_grad

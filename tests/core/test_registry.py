"""The table of functions, and the old names that read it."""

import pytest

import dezero.core
import dezero.functions as F
from dezero.core import Function, differentiable, find, nondifferentiable
from dezero.core.registry import DIFFERENTIABLE, FUNCTION_CLASSES, NONDIFFERENTIABLE, NUMPY_NAMES


def test_decorators_fill_the_tables():
    def planted_one(x):
        return x

    def planted_two(x):
        return x

    try:
        assert differentiable(planted_one) is planted_one
        assert nondifferentiable(planted_two) is planted_two
        assert find("planted_one") is planted_one
        assert find("planted_two") is planted_two
    finally:
        DIFFERENTIABLE.pop("planted_one", None)
        NONDIFFERENTIABLE.pop("planted_two", None)


def test_find_knows_numpys_names():
    assert find("add") is F.add
    assert find("concatenate") is F.concat
    assert find("no_such_function") is None


def test_every_numpy_name_leads_somewhere():
    lost = [name for name in NUMPY_NAMES if find(name) is None]
    assert not lost


def test_no_name_is_in_both_tables():
    assert not set(DIFFERENTIABLE) & set(NONDIFFERENTIABLE)


def test_function_classes_are_listed():
    class Planted(Function):
        pass

    assert FUNCTION_CLASSES[-1] is Planted
    FUNCTION_CLASSES.remove(Planted)
    assert F.Add in FUNCTION_CLASSES


def test_core_hands_out_functions_under_their_old_names():
    assert dezero.core.add is F.add
    assert dezero.core.Variable is F.add(1, 2).__class__
    with pytest.raises(AttributeError, match="dezero.core: expected one of its names, got 'ad'"):
        _ = dezero.core.ad

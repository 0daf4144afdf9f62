"""Hyperparameters: what is a number, and that every assignment is checked."""

from fractions import Fraction

import numpy as np
import pytest

from dezero.core import Variable
from dezero.optimizers.hyperparameter import Flag, as_number, checked_rate, fraction, positive


class Rule:
    """Something with one hyperparameter of each kind."""

    share: float = fraction(0.9)
    size: float = positive(1e-8)
    on: bool = Flag()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (0.5, 0.5),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.array(0.5), 0.5),
        (Variable(0.5), 0.5),
        (Fraction(1, 2), 0.5),
        ("0.5", None),
        (b"1", None),
        (None, None),
        ([0.5], None),
        (np.ones(2), None),
        (10**400, None),
        (1j, None),
    ],
)
def test_as_number(value, number):
    got = as_number(value)
    assert got == number and type(got) is (float if number is not None else type(None))


def test_values_are_plain_floats_in_the_instance():
    rule = Rule()
    rule.share, rule.size, rule.on = np.float64(0.5), 2, True
    assert vars(rule) == {"share": 0.5, "size": 2.0, "on": True}
    assert type(rule.share) is type(rule.size) is float
    rule.share = 0
    assert rule.share == 0.0


@pytest.mark.parametrize(
    ("name", "value", "kind", "match"),
    [
        ("share", 1, ValueError, r"Rule: expected share >= 0 and < 1, got int 1. 0.9 is usual."),
        ("share", -1e-9, ValueError, "share >= 0"),
        ("share", float("nan"), ValueError, "got float nan"),
        ("share", "0.5", TypeError, "got str '0.5'"),
        ("size", float("inf"), ValueError, "Rule: expected size >= 0 and finite, got float inf"),
        ("size", None, TypeError, "got NoneType None"),
        ("on", 1, TypeError, "Rule: expected on to be True or False, got int 1"),
    ],
)
def test_each_assignment_is_checked(name, value, kind, match):
    rule = Rule()
    with pytest.raises(kind, match=match):
        setattr(rule, name, value)
    assert not vars(rule)


def test_rates():
    assert checked_rate("SGD", np.float32(0.5)) == 0.5
    assert checked_rate("SGD", abs) is abs
    for value, kind in [(-1, ValueError), (np.nan, ValueError), (np.inf, ValueError)]:
        with pytest.raises(kind, match="SGD: expected lr to be a finite number >= 0 or a schedule"):
            checked_rate("SGD", value)
    with pytest.raises(TypeError, match="SGD: expected lr .* got str 'high'"):
        checked_rate("SGD", "high")

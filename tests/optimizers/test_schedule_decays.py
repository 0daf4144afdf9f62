"""Falling rates: lengths that are no whole numbers, stairs, cycles, shrinking restarts."""

import math

import pytest

from dezero.optimizers import schedules as S


def test_inverse_time():
    rate = S.InverseTimeDecay(0.5, 0.3, 10)
    assert [rate(0), rate(5), rate(10)] == [0.5, 0.5 / 1.15, 0.5 / 1.3]
    stairs = S.InverseTimeDecay(0.5, 0.3, 10, staircase=True)
    assert [stairs(9), stairs(10), stairs(25)] == [0.5, 0.5 / 1.3, 0.5 / 1.6]


def test_lengths_between_two_updates():
    assert S.ExponentialDecay(1.0, 0.5, 2.5)(5) == 0.25
    stairs = S.ExponentialDecay(1.0, 0.5, 2.5, staircase=True)
    assert [stairs(t) for t in range(6)] == [1, 1, 1, 0.5, 0.5, 0.25]
    assert S.CosineDecay(1.0, 2.5)(2) == pytest.approx((1 + math.cos(0.8 * math.pi)) / 2)
    assert S.CosineRestarts(1.0, 2.5)(5) == 1.0


def test_polynomial_in_cycles():
    rate = S.PolynomialDecay(1.0, 10, 0.1, cycle=True)
    assert [rate(0), rate(5), rate(10)] == [1.0, 0.55, 0.1]
    # From update 10 on the length is 20, from 20 on 30.
    assert rate(15) == pytest.approx(0.1 + 0.9 * 0.25)
    assert rate(21) == pytest.approx(0.1 + 0.9 * 0.3)


def test_restarts_that_shrink():
    rate = S.CosineRestarts(1.0, 4, 1.5, minimum=0.2, shrink=0.5)
    assert rate(0) == 1.0
    assert rate(2) == pytest.approx(0.6)
    assert rate(4) == pytest.approx(0.6)  # the second cycle, 6 long
    assert rate(7) == pytest.approx(0.4)
    assert rate(10) == pytest.approx(0.4)  # the third, 9 long


@pytest.mark.parametrize(
    "schedule",
    [
        S.InverseTimeDecay(0.1, 0.5, 2.5, True),
        S.PolynomialDecay(0.1, 2.5, cycle=True),
        S.CosineRestarts(0.1, 2.5, 1.5, shrink=0.9),
    ],
)
def test_saved_form(schedule):
    assert S.get(S.serialize(schedule)) == schedule


@pytest.mark.parametrize("bad", [0, -1, math.inf, "x"])
def test_lengths_are_checked(bad):
    with pytest.raises(ValueError, match="InverseTimeDecay: expected steps to be a finite number"):
        S.InverseTimeDecay(0.1, 0.5, bad)

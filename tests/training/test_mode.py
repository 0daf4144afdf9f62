"""Calls that train."""

import pytest

from dezero.training.mode import TRAINING, trained_call


def test_a_call_knows_that_it_trains():
    assert trained_call(lambda x, y=0: (x + y, TRAINING.get()), 1, y=2) == (3, True)
    assert not TRAINING.get()


def test_it_ends_with_an_error_too():
    with pytest.raises(ZeroDivisionError):
        trained_call(lambda: 1 / 0)
    assert not TRAINING.get()

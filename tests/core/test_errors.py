"""The words of errors."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.core.errors import describe, lookup, nearest

TABLE = {"adam": 1, "sgd": 2, "AdaGrad": 3}


def test_lookup():
    assert lookup("optimizer", "sgd", TABLE) == 2


def test_unknown_name_and_its_nearest():
    with pytest.raises(ValueError) as info:
        lookup("optimizer", "adm", TABLE)
    assert str(info.value) == (
        "optimizer: unknown name 'adm'. Did you mean 'adam'? Known: AdaGrad, adam, sgd."
    )


def test_long_name_is_clipped():
    with pytest.raises(ValueError) as info:
        lookup("optimizer", "a" * 10**6, TABLE)
    assert len(str(info.value)) < 200


def test_nearest_ignores_case():
    assert "Did you mean 'AdaGrad'?" in nearest("adagrad", TABLE)


@pytest.mark.parametrize("name", ["zebra", 3, None, ("adam",)])
def test_nothing_near(name):
    with pytest.raises(KeyError, match=r"unknown name .*Known: AdaGrad, adam, sgd\."):
        lookup("optimizer", name, TABLE, error=KeyError)
    assert "Did you mean" not in nearest("zebra", TABLE)


def test_describe():
    assert describe(np.ones((2, 3), np.float32)) == "(2, 3) float32"
    assert describe(Variable(np.ones(3))) == "(3,) float64"
    assert describe("abc") == "str 'abc'"
    assert describe("a" * 100) == "str '" + "a" * 36 + "..."

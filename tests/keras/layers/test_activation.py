"""Tests of `dezero/keras/layers/activation.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def test_leaky_relu_knows_its_old_word():
    assert layers.LeakyReLU(alpha=0.1).negative_slope == 0.1
    np.testing.assert_allclose(layers.LeakyReLU(0.5)(np.float32([-2, 2])).data, [-1, 2])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.ReLU(max_value=-1), "ReLU: expected max_value >= 0"),
        (lambda: layers.ReLU(threshold=-1), "ReLU: expected threshold >= 0"),
        (lambda: layers.LeakyReLU(-0.1), "LeakyReLU: expected negative_slope >= 0"),
        (lambda: layers.PReLU().build((None, None, 3)), "PReLU: expected sizes that are known"),
    ],
)
def test_errors(make, match):
    with pytest.raises(ValueError, match=match):
        make()

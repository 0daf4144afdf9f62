"""One-hot rows, unit norms, seeds."""

import random

import numpy as np
import pytest

from dezero.backend.random import default_rng
from dezero.keras.utils import normalize, set_random_seed, to_categorical


def test_one_hot_rows():
    np.testing.assert_array_equal(to_categorical([0, 2]), [[1, 0, 0], [0, 0, 1]])
    assert to_categorical([0, 2]).dtype == np.float64
    assert to_categorical(np.array([[1], [0]], "u1"), 4, "float32").shape == (2, 4)
    assert to_categorical([[0, 1], [1, 0]], 3).shape == (2, 2, 3)
    assert to_categorical(1, 3).tolist() == [0, 1, 0]
    assert to_categorical([], 3).shape == (0, 3)
    for bad in ([-1, 0], [3]):
        with pytest.raises(ValueError, match="from 0 to 2"):
            to_categorical(bad, 3)
    with pytest.raises(ValueError, match="whole numbers"):
        to_categorical([0.5])


def test_unit_norms():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(normalize(x), [[0.6, 0.8], [0, 0]])
    np.testing.assert_allclose(normalize(x, 1, 1), [[3 / 7, 4 / 7], [0, 0]])


@pytest.mark.usefixtures("seeded")
def test_seeds():
    drawn, before, before_numpy = [], random.getstate(), np.random.get_state()
    for _ in range(2):
        set_random_seed(7)
        drawn.append((random.random(), np.random.rand(), default_rng().random()))
    random.setstate(before)
    np.random.set_state(before_numpy)
    assert drawn[0] == drawn[1]
    with pytest.raises(ValueError, match="Take 42"):
        set_random_seed(-1)

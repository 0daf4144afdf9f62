"""`keras.random`."""

import numpy as np
import pytest

from dezero.backend.random import seed as set_seed
from dezero.keras import random


@pytest.mark.usefixtures("seeded")
def test_a_number_repeats_and_a_generator_goes_on():
    one, other = random.normal((2, 3), seed=1), random.normal((2, 3), seed=1)
    np.testing.assert_array_equal(one.data, other.data)
    generator = random.SeedGenerator(1)
    first, second = random.normal((2, 3), seed=generator), random.normal((2, 3), seed=generator)
    np.testing.assert_array_equal(first.data, one.data)
    assert not np.array_equal(first.data, second.data) and first.dtype == np.float32
    assert generator.get_config() == {"seed": 1} and generator.next() != generator.next()
    set_seed(0)
    free = random.SeedGenerator()
    set_seed(0)
    assert random.SeedGenerator().seed == free.seed


def test_ranges():
    assert abs(random.truncated_normal((500,), 1.0, 2.0, seed=0).data - 1).max() <= 4
    x = random.uniform((500,), -1, 2, seed=0).data
    assert -1 <= x.min() < -0.9 and 1.9 < x.max() < 2
    assert set(random.uniform((50,), 0, 3, "int32", seed=0).data) == {0, 1, 2}
    assert random.randint((5,), 2, 3).data.tolist() == [2] * 5


def test_draws_from_arrays():
    drawn = random.categorical(np.log([[0.9, 0.1], [0.5, 0.5]]), 2000, seed=0).data
    assert drawn.shape == (2, 2000) and drawn.dtype == np.int32
    np.testing.assert_allclose(drawn.mean(1), [0.1, 0.5], atol=0.04)
    mixed = random.shuffle(np.arange(9.0), seed=0).data
    assert sorted(mixed) == list(range(9)) and list(mixed) != list(range(9))
    y = random.dropout(np.ones((200,), "f4"), 0.25, seed=0).data
    assert set(np.unique(y)) == {0, np.float32(1 / 0.75)}

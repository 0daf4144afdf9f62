"""Tests of `dezero/keras/layers/embedding.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from dezero.keras.masks import mask_of
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("Embedding")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def test_a_mask_goes_on_with_the_rows():
    layer = layers.Embedding(5, 3, mask_zero=True)
    ids = np.array([[1, 0], [0, 4]])
    np.testing.assert_array_equal(mask_of(layer(ids)), ids != 0)
    assert mask_of(layers.Embedding(5, 3)(ids)) is None


def test_rows_that_are_known_and_the_old_length():
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    layer = layers.Embedding(3, 2, weights=[rows], input_length=4)
    assert layer.batch_input_shape == (None, 4)
    np.testing.assert_array_equal(layer(np.array([[2.0, 0.0]])).data, rows[[[2, 0]]])
    np.testing.assert_array_equal(
        layers.Embedding(3, 2, weights=rows)(np.array([1])).data, rows[1:2]
    )


@pytest.mark.parametrize("wrong", [5, -1])
def test_numbers_without_a_row(wrong):
    with pytest.raises(ValueError, match=f"embed_id: expected ids from 0 to 4, got {wrong}"):
        layers.Embedding(5, 3)(np.array([[wrong]]))

"""Keras's losses as functions: shapes that go together, and 0-d values."""

import numpy as np
import pytest

from dezero.keras import losses as L


@pytest.mark.parametrize("function", [L.mean_squared_error, L.mean_absolute_error, L.huber])
def test_a_column_and_a_row_of_targets_are_one(function):
    y = np.array([[0.5], [2.0]])
    np.testing.assert_allclose(function(y[:, 0] * 2, y).data, function(y * 2, y).data)
    assert function([1, 2], np.array([1.0, 4.0], "f4")).dtype == np.float32


def test_signs_and_bits_are_one_to_hinge():
    y = np.array([[0.3, -2.0]])
    for function in (L.hinge, L.squared_hinge):
        np.testing.assert_array_equal(function([[1, 0]], y).data, function([[1, -1]], y).data)


def test_labels_may_have_an_axis_of_one():
    y = np.array([[0.2, 0.8], [0.5, 0.5]])
    one = L.sparse_categorical_crossentropy([1, 0], y).data
    np.testing.assert_allclose(one, L.sparse_categorical_crossentropy([[1.0], [0.0]], y).data)
    np.testing.assert_allclose(one, -np.log([0.8, 0.5]))

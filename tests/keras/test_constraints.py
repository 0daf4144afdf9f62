"""Keras's limits: values and saved forms."""

import numpy as np

from dezero.keras import constraints as C

W = np.array([[3.0, 0.3], [4.0, -0.4]])  # column norms 5 and 0.5


def test_values():
    np.testing.assert_allclose(C.MaxNorm()(W), [[1.2, 0.3], [1.6, -0.4]])
    np.testing.assert_allclose(C.NonNeg()(W), [[3.0, 0.3], [4.0, 0.0]])
    np.testing.assert_allclose(C.unit_norm(axis=0)(W), [[0.6, 0.6], [0.8, -0.8]])
    np.testing.assert_allclose(C.MinMaxNorm(1.0, 2.0)(W), [[1.2, 0.6], [1.6, -0.8]])


def test_saved_forms():
    assert C.MaxNorm(3).get_config() == {"max_value": 3, "axis": 0}
    assert C.get({"class_name": "MaxNorm", "config": {"m": 3, "axis": [0, 1]}}).axis == (0, 1)

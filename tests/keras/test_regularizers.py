"""Keras's penalties: values, defaults, saved forms."""

import numpy as np
import pytest

from dezero.core import Parameter
from dezero.keras import regularizers as R

W = np.array([[1.0, -2.0], [3.0, 0.5]])


def test_values_and_defaults():
    assert float(R.L1()(W).data) == pytest.approx(0.065)
    assert float(R.l2(0.1)(Parameter(W)).data) == pytest.approx(1.425)
    assert float(R.l1_l2(l1=0.1, l2=0.1)(W).data) == pytest.approx(2.075)
    assert R.L1L2().get_config() == {"l1": 0.0, "l2": 0.0}
    assert R.get("l2").get_config() == {"l2": 0.01}


def test_rows_that_should_be_orthogonal():
    cosine = abs(W[0] @ W[1]) / np.linalg.norm(W[0]) / np.linalg.norm(W[1])
    assert float(R.OrthogonalRegularizer(0.5)(W).data) == pytest.approx(0.5 * cosine)
    assert float(R.OrthogonalRegularizer(mode="columns")(np.eye(3)).data) == 0
    with pytest.raises(ValueError, match="mode"):
        R.OrthogonalRegularizer(mode="all")
    with pytest.raises(ValueError, match="matrix"):
        R.OrthogonalRegularizer()(np.ones(3))

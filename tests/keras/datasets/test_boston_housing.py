"""Boston's houses, from a file with the same names inside."""

import numpy as np
import pytest

from dezero.io import sha256_of
from dezero.keras.datasets import boston_housing


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A file of numbers in the place and with the hash of the published one."""
    (tmp_path / "datasets").mkdir()
    path = tmp_path / "datasets" / "boston_housing.npz"
    x = np.arange(1000.0).repeat(13).reshape(1000, 13)
    np.savez(path, x=x, y=np.arange(1000.0) * 10)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(boston_housing, "SHA256", sha256_of(path))
    return path


def test_rows_are_mixed_as_keras_mixes_them(published):
    (x, y), (x_test, y_test) = boston_housing.load_data()
    assert x.shape == (800, 13) and y.shape == (800,) and len(x_test) == len(y_test) == 200
    np.testing.assert_array_equal(y, x[:, 0] * 10)
    # numpy.random.RandomState(113) puts these first.
    order = np.arange(1000)
    np.random.RandomState(113).shuffle(order)  # noqa: TID251
    np.testing.assert_array_equal(x[:, 0], order[:800])
    np.testing.assert_array_equal(x_test[:, 0], order[800:])


def test_another_part_and_errors(published):
    (x, _), (x_test, _) = boston_housing.load_data(test_split=0.0, seed=1)
    assert len(x) == 1000 and len(x_test) == 0
    with pytest.raises(ValueError, match="expected 0 <= test_split < 1, got 20"):
        boston_housing.load_data(test_split=20)

"""California's houses, from a file with the same names inside."""

import numpy as np
import pytest

from dezero.io import sha256_of
from dezero.keras.datasets import california_housing


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A file of numbers in the place and with the hash of the published one."""
    (tmp_path / "datasets").mkdir()
    path = tmp_path / "datasets" / "california_housing.npz"
    x = np.arange(1000.0).repeat(8).reshape(1000, 8)
    np.savez(path, x=x, y=np.arange(1000.0) * 10)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(california_housing, "SHA256", sha256_of(path))
    return path


def test_versions(published):
    (x, y), (x_test, _) = california_housing.load_data()
    assert x.shape == (800, 8) and len(x_test) == 200
    (x, y), (x_test, _) = california_housing.load_data(version="small")
    assert x.shape == (480, 8) and len(x_test) == 120 and x.max() < 600
    np.testing.assert_array_equal(y, x[:, 0] * 10)
    with pytest.raises(ValueError, match="expected version 'large' or 'small', got 'tiny'"):
        california_housing.load_data(version="tiny")

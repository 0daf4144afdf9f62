"""Pictures for any network; the wanted values are Keras 3.15's."""

import numpy as np
import pytest

from dezero.keras.applications.imagenet_utils import preprocess_input

X = np.arange(6.0, dtype="f4").reshape(1, 1, 2, 3) * 20


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("caffe", [[-63.939, -96.779, -123.68], [-3.939, -36.779, -63.68]]),
        ("tf", [[-1, -0.84313726, -0.6862745], [-0.52941176, -0.37254902, -0.21568627]]),
        ("torch", [[-2.117904, -1.6855742, -1.1073202], [-1.0904187, -0.6351541, -0.0615251]]),
    ],
)
def test_modes(mode, wanted):
    np.testing.assert_allclose(preprocess_input(X, mode=mode)[0, 0], wanted, atol=1e-4)
    first = preprocess_input(X.transpose(0, 3, 1, 2), data_format="channels_first", mode=mode)
    np.testing.assert_allclose(first[0, :, 0].T, wanted, atol=1e-4)
    assert X.max() == 100


def test_unknown_mode():
    with pytest.raises(ValueError, match="expected mode 'caffe', 'tf' or 'torch'"):
        preprocess_input(X, mode="keras")

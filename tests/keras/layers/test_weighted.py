"""What layers with initializers, penalties and limits share."""

import numpy as np
import pytest

from dezero.keras.layers import Dense, Dropout
from dezero.keras.layers.weighted import checked_format, checked_words, plain


def test_configuration_is_plain_and_whole():
    config = Dense(2, kernel_constraint="max_norm").get_config()
    assert config["kernel_constraint"]["class_name"] == "MaxNorm"
    assert config["kernel_initializer"]["class_name"] == "GlorotUniform"
    assert config["activity_regularizer"] is None
    assert Dropout(np.float32(0.5).item(), noise_shape=(None, 1)).get_config()["noise_shape"] == [
        None, 1,
    ]  # fmt: skip


def test_plain():
    assert plain((1, (np.float64(2.0), None))) == [1, [2.0, None]]


def test_words():
    assert checked_format("Conv2D", None) == "channels_last"
    with pytest.raises(ValueError, match="expected data_format 'channels_last'"):
        checked_format("Conv2D", "last")
    assert checked_words("Conv2D", "padding", "SAME", ("valid", "same")) == "same"
    with pytest.raises(ValueError, match="expected padding 'valid' or 'same'"):
        checked_words("Conv2D", "padding", "full", ("valid", "same"))

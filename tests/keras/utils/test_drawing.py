"""Pictures of models."""

import numpy as np
import pytest

from dezero.keras import Input, Model, Sequential, layers
from dezero.keras.utils import plot_model


def test_a_model_with_an_input_shape(tmp_path):
    model = Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)])
    before = [w.copy() for w in model.get_weights()]
    plot_model(model, tmp_path / "model.svg", show_shapes=True, show_layer_names=True)
    assert "(1, 4)" in (tmp_path / "model.svg").read_text("utf-8")
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_two_inputs(tmp_path):
    a, b = Input((2,)), Input((3,))
    model = Model([a, b], [layers.Dense(2)(a), layers.Dense(1)(b)])
    plot_model(model, tmp_path / "two.svg")
    assert (tmp_path / "two.svg").stat().st_size > 500


def test_no_shape_is_known(tmp_path):
    model = Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match="Give inputs="):
        plot_model(model, None)
    plot_model(model, tmp_path / "given.svg", inputs=np.zeros((1, 3), "float32"))
    assert (tmp_path / "given.svg").is_file()

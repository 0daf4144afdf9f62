"""Layers one after another."""

import numpy as np
import pytest

from dezero.keras.layers import Dense, Dropout, Flatten, Input, InputLayer
from dezero.keras.models import Sequential
from dezero.keras.naming import clear_names

X = np.ones((8, 3), "f4")


@pytest.mark.parametrize(
    "first",
    [
        [Dense(4, input_shape=(3,))],
        [Dense(4, input_dim=3)],
        [Input((3,)), Dense(4)],
        [InputLayer(input_shape=(3,)), Dense(4)],
        [Dense(4)],
    ],
)
def test_ways_to_begin(first):
    model = Sequential([*first, Dense(2)])
    assert model(X).shape == (8, 2) and len(model.layers) == 2
    assert [w.shape for w in model.weights] == [(3, 4), (4,), (4, 2), (2,)]


def test_a_model_with_an_input_is_built_as_it_grows():
    model = Sequential()
    model.add(Dense(4, input_shape=(3,)))
    assert model.built and model.output_shape == (None, 4) and model.input_shape == (None, 3)
    model.add(Dense(2))
    assert model.output_shape == (None, 2) and model.count_params() == 16 + 10
    assert model.pop().units == 2
    assert model.output_shape == (None, 4) and model(X).shape == (8, 4)


def test_building_later():
    model = Sequential([Dense(4), Dense(2)])
    assert not model.built and model.inputs == [] and model.outputs == []
    model.build((None, 3))
    assert model.built and model.output.shape == (None, 2) and model.input.shape == (None, 3)
    assert model.compute_output_shape((None, 3)) == (None, 2)


def test_any_script_as_name_trains():
    model = Sequential([Dense(4, name="은닉 층"), Dense(1, name="출력")], name="패션 MNIST 모델")
    model.compile("sgd", "mse")
    losses = model.fit(X, X[:, :1] * 3, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and model.get_layer("은닉 층").units == 4


def test_names_as_keras_counts_them():
    clear_names()
    models = [Sequential([Dense(1), Dense(1), Dropout(0.1)]) for _ in range(2)]
    assert [model.name for model in models] == ["sequential", "sequential_1"]
    assert [layer.name for layer in models[1].layers] == ["dense_2", "dense_3", "dropout_1"]


def test_models_in_models():
    inner = Sequential([Dense(4, input_shape=(3,)), Dense(2)])
    outer = Sequential([inner, Dense(1)])
    assert outer(X).shape == (8, 1) and len(outer.weights) == 6
    assert outer.built and outer.input_shape == (None, 3)
    inner.trainable = False
    assert len(outer.trainable_weights) == 2


def test_what_is_no_layer_is_refused():
    with pytest.raises(TypeError, match=r"got .*Dense.* Write Dense\(...\)"):
        Sequential([Dense])
    with pytest.raises(TypeError, match="expected a layer"):
        Sequential([np.tanh])
    with pytest.raises(ValueError, match="'d' twice"):
        Sequential([Dense(1, name="d"), Dense(1, name="d")])
    with pytest.raises(ValueError, match="Input as the first entry"):
        Sequential([Dense(1), Input((3,))])
    with pytest.raises(IndexError, match="an empty one"):
        Sequential().pop()


def test_configuration():
    model = Sequential([Flatten(input_shape=(3, 1)), Dense(2, "relu")], name="m")
    again = Sequential.from_config(model.get_config())
    assert again.name == "m" and again.input_shape == (None, 3, 1)
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(X[..., None]).data, model(X[..., None]).data)


def test_it_is_a_layer_of_ours_too():
    model = Sequential([Dense(4, input_shape=(3,)), Dense(2)])
    paths = [path for path, _ in model.named_params()]
    assert len(paths) == len(set(paths)) == 4
    model.cleargrads()
    model(X).sum().backward()
    assert all(p.grad is not None for p in model.params())


def test_classes_as_keras_2_predicted_them():
    x = np.array([[1.0, 0.0], [0.0, 2.0]], "f4")
    several = Sequential([Dense(2, use_bias=False, kernel_initializer="ones", input_shape=(2,))])
    several.layers[0].set_weights([np.eye(2)])
    assert several.predict_classes(x).tolist() == [0, 1]
    np.testing.assert_array_equal(several.predict_proba(x), x)
    one = Sequential([Dense(1, kernel_initializer="ones", input_shape=(2,))])
    assert one.predict_classes(x - 0.5).tolist() == [[0], [1]]

"""`keras.backend`: settings, values, functions."""

import numpy as np
import pytest

from dezero.core import Config, Parameter, Variable
from dezero.keras import Sequential, layers
from dezero.keras import backend as K
from dezero.keras.preprocessing import image

X = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, -6.0]], np.float32)


def test_settings():
    assert (K.backend(), K.floatx(), K.image_data_format()) == (
        "tensorflow", "float32", "channels_last",
    )  # fmt: skip
    try:
        K.set_floatx("float64")
        assert K.zeros((2,)).dtype == np.float64 and Config.dtype is np.float64
    finally:
        K.set_floatx("float32")
    K.set_epsilon(1e-5)
    assert K.epsilon() == 1e-5
    K.set_epsilon(1e-7)
    K.set_image_data_format("channels_first")
    assert K.image_data_format() == "channels_first"
    K.set_image_data_format("channels_last")
    with pytest.raises(ValueError, match="Take 'float32'"):
        K.set_floatx("int8")
    with pytest.raises(ValueError, match="channels_last"):
        K.set_image_data_format("NHWC")


def test_clear_session_counts_names_anew():
    K.clear_session()
    first = layers.Dense(1).name
    assert layers.Dense(1).name != first
    K.clear_session()
    assert layers.Dense(1).name == first


def test_values_of_variables():
    p = K.variable([1.0, 2.0])
    assert isinstance(p, Parameter)
    K.set_value(p, [3.0, 4.0])
    np.testing.assert_array_equal(K.get_value(p), [3, 4])
    K.batch_set_value([(p, [5.0, 6.0])])
    np.testing.assert_array_equal(K.batch_get_value([p])[0], [5, 6])
    assert K.eval(0.5) == 0.5 and K.count_params(p) == 2
    with pytest.raises(TypeError, match="learning_rate = value"):
        K.set_value(0.1, 0.2)


def test_weights_can_be_set_through_the_backend():
    model = Sequential([layers.Input((3,)), layers.Dense(2)])
    K.set_value(model.layers[0].kernel, np.ones((3, 2)))
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 2)))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("argmax", (X,), [2, 1]),
        ("argmin", (X,), [1, 2]),
        ("batch_flatten", (X[:, None],), X),
        ("cast", (X, "int32"), X.astype("int32")),
        ("clip", (X, -1, 1), X.clip(-1, 1)),
        ("concatenate", ([X, X],), np.concatenate([X, X], -1)),
        ("cumsum", (X,), X.cumsum(0)),
        ("dot", (X, X.T), X @ X.T),
        ("flatten", (X,), X.reshape(-1)),
        ("l2_normalize", (X,), X / np.linalg.norm(X)),
        ("l2_normalize", (X, 1), X / np.linalg.norm(X, axis=1, keepdims=True)),
        ("mean", (X, -1), X.mean(-1)),
        ("permute_dimensions", (X, (1, 0)), X.T),
        ("repeat_elements", (X, 2, 1), X.repeat(2, 1)),
        ("reshape", (X, [3, 2]), X.reshape(3, 2)),
        ("squeeze", (X[:, None], 1), X),
        ("transpose", (X,), X.T),
        ("zeros_like", (X,), np.zeros_like(X)),
        ("ones_like", (X,), np.ones_like(X)),
        ("constant", (2.0, "float32", (2,)), [2, 2]),
        ("constant", (2.0,), 2),
        ("arange", (3,), [0, 1, 2]),
        ("arange", (1, 5, 2), [1, 3]),
        ("eye", (2,), np.eye(2)),
        ("ones", ((2,),), [1, 1]),
        ("stop_gradient", (X,), X),
    ],
)
def test_functions(name, arguments, expected):
    result = getattr(K, name)(*arguments)
    np.testing.assert_allclose(K.get_value(result), expected, rtol=1e-6)


def test_random_numbers_and_shapes():
    assert K.random_normal((2, 3)).shape == K.random_uniform((2, 3)).shape == (2, 3)
    one = K.random_normal((4,), seed=1)
    np.testing.assert_array_equal(one.data, K.random_normal((4,), seed=1).data)
    drawn = K.random_uniform((9,), 2.0, 3.0, seed=1).data
    assert drawn.min() >= 2 and drawn.max() < 3 and drawn.dtype == np.float32
    assert K.shape(X) == K.int_shape(X) == (2, 3) and K.ndim(X) == 2
    assert K.cast_to_floatx([1, 2]).dtype == np.float32
    assert K.is_keras_tensor(layers.Input((2,))) and not K.is_keras_tensor(X)
    assert K.learning_phase() in (0, 1)


def test_settings_reach_layers_and_generators():
    K.set_image_data_format("channels_first")
    K.set_floatx("float64")
    try:
        model = Sequential(
            [
                layers.Conv2D(4, 3, input_shape=(3, 8, 8)),
                layers.MaxPooling2D(),
                layers.SeparableConv2D(2, 2),
                layers.RandomFlip(),
                layers.GlobalAveragePooling2D(),
            ]
        )
        shapes = [layer.output_shape[1:] for layer in model.layers]
        pictures = np.ones((2, 3, 8, 8))
        batch = next(image.ImageDataGenerator(rotation_range=9).flow(pictures))
        assert batch.shape == pictures.shape
        model.compile("adam", "mse")
        model.fit(pictures, np.zeros((2, 2)), verbose=0)
        assert {w.dtype for w in model.weights} == {np.dtype("f8")}
        assert model.predict(pictures, verbose=0).dtype == np.float64
    finally:
        K.set_image_data_format("channels_last")
        K.set_floatx("float32")
    assert shapes == [(4, 6, 6), (4, 3, 3), (2, 2, 2), (2, 2, 2), (2,)]
    assert layers.Conv2D(1, 1).data_format == "channels_last"


def test_functions_take_what_keras_2_gives_them():
    """Compared with keras.src.legacy.backend of Keras 3.15."""
    assert K.expand_dims(X).shape == (2, 3, 1)
    np.testing.assert_allclose(K.sqrt(X).data[0], [1, 0, 3**0.5], rtol=1e-6)
    x = Variable(np.array([4.0, -2.0, 0.0]))
    K.sum(K.sqrt(x)).backward()
    np.testing.assert_allclose(x.grad.data, [0.25, 0, 0])
    leaky = K.relu(X, alpha=0.1, max_value=4.0).data
    np.testing.assert_allclose(leaky, [[1, -0.2, 3], [0, 4, -0.6]], rtol=1e-6)
    np.testing.assert_allclose(K.relu(X, 0.0, None, 2.0).data, [[0, 0, 3], [0, 5, 0]])
    np.testing.assert_allclose(K.hard_sigmoid(X).data, [[0.7, 0.1, 1], [0.5, 1, 0]], atol=1e-6)

"""The base of all layers: building, calling, losses, masks, configurations."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.core import Config, test_mode
from dezero.keras.layers import (
    LSTM,
    ActivityRegularization,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Layer,
    RandomFlip,
)
from dezero.keras.masks import mask_of, set_mask
from dezero.keras.models import Model, Sequential
from dezero.keras.variables import State, Weight

X = np.ones((4, 3), "f4")


class Scaled(Layer):
    """A layer as people write them: one weight, made when the inputs are known."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.scale = self.add_weight(name="kernel", shape=(input_shape[-1],), initializer="ones")
        super().build(input_shape)

    def call(self, inputs, training=None):
        self.saw = training
        return inputs * self.scale * self.factor

    def get_config(self):
        return super().get_config() | {"factor": self.factor}


def test_weights_are_made_at_the_first_call():
    layer = Scaled(3.0)
    assert not layer.built and layer.weights == []
    np.testing.assert_array_equal(layer(X).data, 3 * X)
    assert layer.built and [w.shape for w in layer.weights] == [(3,)]
    assert list(layer.params()) == layer.weights


def test_training_is_told():
    layer = Scaled()
    layer(X)
    assert layer.saw is False
    with test_mode():
        layer(X)
        assert layer.saw is False
        layer(X, training=True)
        assert layer.saw is True and not Config.train
    layer(X, training=False)
    assert layer.saw is False
    model = Sequential([layer])
    model.compile("sgd", "mse")
    model.train_on_batch(X, X)
    assert layer.saw is True


def test_a_direct_call_predicts_but_varies_pictures_as_in_keras():
    x = np.arange(24, dtype="f4").reshape(1, 4, 2, 3)

    def is_varied(layer, **told):
        return any(not np.array_equal(layer(x, **told).data, x) for _ in range(20))

    flip, drop = RandomFlip(), Dropout(0.5)
    inner = Sequential([flip, drop])

    class Told(Layer):
        def __init__(self, told):
            super().__init__()
            self.inner, self.told = inner, told

        def call(self, inputs):
            return self.inner(inputs, training=self.told)

    assert is_varied(flip) and is_varied(Sequential([flip])) and not is_varied(drop)
    assert not is_varied(flip, training=False) and is_varied(drop, training=True)
    assert is_varied(Told(None)) and not is_varied(Told(False)) and is_varied(Told(True))
    assert 0 not in inner(x + 1).data and 0 in inner(np.ones((9, 4, 2, 3)), training=True).data
    with test_mode():
        assert not is_varied(flip) and not is_varied(Told(None))


def test_training_reaches_layers_inside():
    model = Sequential([Dropout(0.5, input_shape=(3,))])
    np.testing.assert_array_equal(model(X, training=False), X)
    assert not np.array_equal(model(np.ones((50, 3), "f4"), training=True).data, np.ones((50, 3)))


def test_names_are_counted_or_given():
    first, second = Scaled(), Scaled()
    assert first.name.startswith("scaled") and first.name != second.name
    assert Scaled(name="나의 층").name == "나의 층"


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match="unknown argument 'input_shpe'.*input_shape"):
        Dense(3, input_shpe=(2,))


def test_an_activity_regularizer_is_paid_for_each_call():
    model = Sequential([Scaled(activity_regularizer=lambda y: F.sum(y), input_shape=(3,))])
    for _ in range(2):
        model(X)
        assert [float(loss.data) for loss in model.losses] == [24.0 / len(X)]


def test_losses_of_ones_own():
    class Paying(Layer):
        def call(self, inputs):
            self.add_loss(F.sum(inputs) * 0.5)
            return inputs

    model = Sequential([Paying(input_shape=(3,)), Dense(1)])
    model.compile("sgd", lambda t, y: F.sum(y) * 0.0)
    assert model.evaluate(X, X[:, :1], verbose=0) == pytest.approx(6.0)


def test_masks_go_on_through_layers_that_support_them():
    keep = np.array([[True, False]] * 4)
    for supports, expected in ((True, keep), (False, None)):
        layer = Scaled()
        layer.supports_masking = supports
        x = layer(np.ones((4, 2), "f4"))
        set_mask(x, keep)
        assert mask_of(layer(x)) is expected


def test_a_layer_that_takes_a_mask_gets_it():
    class Masked(Layer):
        def call(self, inputs, mask=None):
            self.saw = mask
            return inputs

    layer, x = Masked(), Scaled()(X)
    layer(x)
    assert layer.saw is None
    set_mask(x, X > 0)
    layer(x)
    np.testing.assert_array_equal(layer.saw, X > 0)
    layer(x, mask=X > 1)
    np.testing.assert_array_equal(layer.saw, X > 1)


def test_configuration_makes_the_same_layer():
    layer = Scaled(5.0, name="five", trainable=False, input_shape=(3,))
    again = Scaled.from_config(layer.get_config())
    assert again.name == "five" and again.factor == 5.0 and not again.trainable
    assert again.batch_input_shape == (None, 3)


def test_call_is_ones_own_to_write():
    with pytest.raises(NotImplementedError, match=r"Write call\(self, inputs\)"):
        Layer()(X)


def test_layers_inside_are_found():
    class Pair(Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = Dense(4), Dense(2)

        def call(self, inputs):
            return self.second(self.first(inputs))

    layer = Pair()
    y = layer(Input((3,)))
    assert y.shape == (None, 2)
    assert [w.shape for w in layer.weights] == [(3, 4), (4,), (4, 2), (2,)]


def test_first_values_may_be_given():
    kernel = np.arange(6.0).reshape(3, 2)
    layer = Dense(2, weights=[kernel, np.ones(2)])
    np.testing.assert_array_equal(layer(np.eye(3)).data, kernel + 1)


def test_kinds_of_weights():
    class Both(Layer):
        def build(self, input_shape):
            self.moving = self.add_weight(
                name="count", shape=(), initializer="zeros", trainable=False
            )
            self.w = self.add_weight((2, 2))

        def call(self, inputs):
            return inputs

    layer = Both()
    layer(X)
    assert [type(w) for w in layer.weights] == [Weight, State]
    assert [name for name, _ in layer.named_buffers()] == ["moving"]


def test_an_activity_counts_per_sample():
    x = np.random.default_rng(0).standard_normal((6, 4)).astype("f4")
    layer = Dense(3, activity_regularizer="l2", kernel_initializer="ones", input_shape=(4,))
    model = Sequential([layer])
    model.compile("sgd", "mse")
    y = np.zeros((6, 3), "f4")
    # Keras 3.15 gave these three.
    assert model.evaluate(x, y, verbose=0) == pytest.approx(5.668983, rel=1e-5)
    assert model.evaluate(x, y, batch_size=2, verbose=0) == pytest.approx(5.668983, rel=1e-5)
    losses = model.fit(x, y, batch_size=4, shuffle=False, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, [5.672007, 5.497000], rtol=1e-5)
    model(np.zeros((0, 4), "f4"))
    assert float(model.losses[0].data) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_of_floats_are_taken_in_the_dtype_of_the_layer(dtype):
    dense = Dense(2, dtype=dtype)
    for given in ("float16", "float32", "float64"):
        x = np.ones((2, 3), given)
        assert dense(x).dtype == dtype and x.dtype == given
    x = np.ones((2, 3))
    entries = [Input((3,)), Input((3,))]
    two = Model(entries, [Dense(2, dtype=dtype)(entry) for entry in entries])
    assert [y.dtype for y in two([x, x])] == [dtype, dtype]
    gradient = grad((dense(x) ** 2).mean(), dense.kernel)
    assert gradient.dtype == dtype


def test_only_weights_that_train_are_penalised():
    model = Sequential([Dense(2, kernel_regularizer="l2", input_shape=(3,)), Dense(1)])
    assert len(model.losses) == 1
    model.layers[0].trainable = False
    assert model.losses == []


@pytest.mark.parametrize(
    "layer",
    [
        Flatten(activity_regularizer="l2"),
        LSTM(2, activity_regularizer="l2"),
        ActivityRegularization(0.1, 0.2),
    ],
)
def test_a_copy_has_the_penalty_of_the_outputs(layer):
    twin = type(layer).from_config(layer.get_config())
    x = np.ones((2, 3, 2), np.float32)
    for one in (layer, twin):
        one(x)
        one.set_weights([np.ones_like(w) for w in one.get_weights()])
        one.forget_losses()
        one(x)
    assert [float(loss.data) for loss in twin.losses] == [float(loss.data) for loss in layer.losses]
    assert len(twin.losses) == 1


def test_a_layer_built_by_hand_is_built():
    """Keras's layers of layers build their parts so; another build would lose the weights."""

    class Twice(Layer):
        def build(self, input_shape):
            self.inner = Dense(2)
            self.inner.build(input_shape)
            super().build(input_shape)

        def call(self, inputs):
            return self.inner(self.inner(inputs))

    x = np.ones((3, 2), np.float32)
    layer = Twice()
    layer.build((None, 2))
    assert layer.built and layer.inner.built and len(layer.weights) == 2
    layer.set_weights([2 * np.eye(2), np.zeros(2)])
    np.testing.assert_array_equal(layer(x).data, 4 * x)
    assert len(layer.weights) == 2
    table = Embedding(3, 2, weights=[np.ones((3, 2))])
    table.build(None)
    np.testing.assert_array_equal(table(np.array([[1]])).data, np.ones((1, 1, 2)))

"""The defaults that make trainings those of Keras, one test for each."""

import numpy as np
import pytest

from dezero import keras


def trained_order(epochs, **options):
    """Return the samples of each epoch in the order in which a model saw them."""
    seen = []

    class Watching(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            seen[-1] += [int(v) for v in np.asarray(data[0]).ravel()]
            return super().train_step(data)

    class Epochs(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seen.append([])

    model = Watching()
    model.compile("sgd", "mse")
    x = np.arange(20, dtype="f4").reshape(-1, 1)
    model.fit(x, x, epochs=epochs, batch_size=8, verbose=0, callbacks=[Epochs()], **options)
    return seen


@pytest.fixture
def numpys_generator():
    state = np.random.get_state()
    yield
    np.random.set_state(state)


def test_every_epoch_has_an_order_of_its_own_after_set_random_seed_too(seeded, numpys_generator):
    keras.utils.set_random_seed(3)
    first = trained_order(3)
    assert all(sorted(order) == list(range(20)) for order in first)
    assert first[0] != first[1] != first[2] != list(range(20))
    keras.utils.set_random_seed(3)
    assert trained_order(3) == first


def test_validation_is_split_from_the_tail_before_shuffling():
    for order in trained_order(2, validation_split=0.25):
        assert sorted(order) == list(range(15))


@pytest.mark.parametrize(
    ("layer", "shape", "fans"),
    [
        (lambda: keras.layers.Dense(30), (None, 50), 80),
        (lambda: keras.layers.Conv2D(8, 3), (None, 9, 9, 4), 9 * 4 + 9 * 8),
        (lambda: keras.layers.LSTM(16), (None, 5, 20), 20 + 64),
    ],
    ids=["Dense", "Conv2D", "LSTM"],
)
def test_kernels_begin_glorot_uniform_and_biases_at_zero(layer, shape, fans):
    layer = layer()
    layer.build(shape)
    kernel, bias = np.asarray(layer.get_weights()[0]), layer.get_weights()[-1]
    limit = (6 / fans) ** 0.5
    assert 0.95 * limit < np.abs(kernel).max() <= limit
    assert kernel.var() == pytest.approx(limit**2 / 3, rel=0.15)
    # The bias of an LSTM's forget gate begins at 1.
    expected = np.repeat([0, 1, 0, 0], 16) if bias.size == 64 else np.zeros(bias.size)
    np.testing.assert_array_equal(bias, expected)


def test_a_crossentropy_of_probabilities_is_cut_at_1e_7():
    for name, y_true in (("categorical", [[1.0, 0.0]]), ("sparse_categorical", [0])):
        loss = getattr(keras.losses, f"{name}_crossentropy")
        value = loss(np.array(y_true), np.array([[0.0, 1.0]], "f4"))
        assert float(np.asarray(value.data)[0]) == pytest.approx(-np.log(1e-7), rel=1e-5)
    value = keras.losses.binary_crossentropy(np.array([[1.0]]), np.array([[0.0]], "f4"))
    assert float(np.asarray(value.data)[0]) == pytest.approx(-np.log(1e-7), rel=1e-3)


def test_other_defaults():
    norm = keras.layers.BatchNormalization()
    assert (norm.momentum, norm.epsilon) == (0.99, 1e-3)
    assert keras.layers.LayerNormalization().epsilon == 1e-3
    assert keras.optimizers.Adagrad().initial_accumulator_value == 0.1
    rmsprop = keras.optimizers.RMSprop()
    assert (rmsprop.rho, rmsprop.epsilon, rmsprop.momentum) == (0.9, 1e-7, 0.0)
    assert keras.optimizers.Adam().epsilon == 1e-7


def test_epsilon_of_rmsprop_stands_inside_the_root():
    # One step from 0 with g = 1: inside, lr / sqrt(0.1 + 1); outside, lr / (sqrt(0.1) + 1).
    rmsprop = keras.optimizers.RMSprop(1.0, epsilon=1.0)
    weight = keras.Variable(np.zeros(1, "f4"))
    rmsprop.apply_gradients([(np.ones(1, "f4"), weight)])
    assert float(weight.numpy()[0]) == pytest.approx(-1 / 1.1**0.5, rel=1e-5)

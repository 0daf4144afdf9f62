"""Tests of `dezero/keras/layers/wrappers.py`."""

import numpy as np
import pytest

from dezero.keras import layers
from dezero.keras.masks import mask_of
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("Bidirectional", "TimeDistributed")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


X = np.random.default_rng(0).standard_normal((2, 4, 5)).astype(np.float32)


def test_two_layers_of_ones_own():
    there, back = layers.LSTM(3), layers.GRU(4, go_backwards=True)
    both = layers.Bidirectional(there, backward_layer=back)
    assert both(X).shape == (2, 7)
    assert both.forward_layer.name.startswith("forward_lstm")
    again = layers.Bidirectional.from_config(both.get_config())
    assert again(X).shape == (2, 7)


def test_first_values_of_both():
    a = layers.Bidirectional(layers.SimpleRNN(3))
    y = a(X).data
    b = layers.Bidirectional(layers.SimpleRNN(3), weights=a.get_weights())
    np.testing.assert_array_equal(b(X).data, y)


def test_states_of_both():
    layer = layers.Bidirectional(layers.LSTM(3, return_state=True, return_sequences=True))
    y, *states = layer(X)
    assert len(states) == 4 and y.shape == (2, 4, 6)
    assert layer(X, initial_state=states)[0].shape == y.shape
    shapes = layer.compute_output_shape((None, 4, 5))
    assert shapes == [(None, 4, 6), *[(None, 3)] * 4]


def test_stateful_layers_forget():
    layer = layers.Bidirectional(layers.GRU(3, stateful=True))
    y = layer(X).data
    assert abs(layer(X).data - y).max() > 1e-4
    layer.reset_states()
    np.testing.assert_array_equal(layer(X).data, y)


def test_a_mask_reaches_both_and_goes_on():
    ids = np.array([[1, 2, 0, 0], [3, 4, 5, 6]])
    e = layers.Embedding(7, 5, mask_zero=True)(ids)
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(e)
    np.testing.assert_array_equal(mask_of(y), ids != 0)
    assert not y.data[0, 2:].any()
    z = layers.TimeDistributed(layers.Dense(2))(y)
    np.testing.assert_array_equal(mask_of(z), ids != 0)


def test_the_layer_of_all_times_is_one():
    layer = layers.TimeDistributed(layers.Dense(2))
    y = layer(X)
    np.testing.assert_allclose(y.data[:, 1], layer.layer(X[:, 1]).data, atol=1e-6)
    again = layers.TimeDistributed.from_config(layer.get_config())
    assert again(X).shape == (2, 4, 2)


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.Bidirectional(layers.Dense(2)), TypeError, "expected a recurrent layer"),
        (lambda: layers.Bidirectional(layers.GRU(2), "max"), ValueError, "expected merge_mode"),
        (
            lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(2)),
            ValueError,
            "expected one layer with go_backwards=True",
        ),
        (
            lambda: layers.Bidirectional(
                layers.GRU(2), backward_layer=layers.GRU(2, return_sequences=True)
            ),
            ValueError,
            "expected return_sequences alike",
        ),
        (lambda: layers.TimeDistributed(np.tanh), TypeError, "TimeDistributed: expected a layer"),
        (
            lambda: layers.TimeDistributed(layers.Dense(2))(X[0]),
            ValueError,
            "expected an input",
        ),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()


@pytest.mark.parametrize("mode", ["concat", None])
def test_the_backward_layer_may_be_of_another_size(mode):
    """Keras 3 foretells twice the forward layer's features, and the next layer does not fit."""
    there = layers.LSTM(3, return_sequences=True, return_state=True)
    back = layers.GRU(5, return_sequences=True, return_state=True, go_backwards=True)
    layer = layers.Bidirectional(there, merge_mode=mode, backward_layer=back)
    shapes = [tuple(y.shape[1:]) for y in layer(np.zeros((2, 4, 3), "f4"))]
    assert shapes == [shape[1:] for shape in layer.compute_output_shape((None, 4, 3))]
    features = [8] if mode else [3, 5]
    assert shapes == [*((4, size) for size in features), (3,), (3,), (5,)]


@pytest.mark.parametrize("sequences", [False, True])
def test_bidirectional_penalises_the_outputs_of_both_layers(sequences):
    inner = layers.LSTM(2, return_sequences=sequences, activity_regularizer="l2")
    layer = layers.Bidirectional(inner)
    y = layer(np.ones((4, 3, 2), np.float32))
    assert len(layer.losses) == 2
    total = sum(float(loss.data) for loss in layer.losses)
    assert total == pytest.approx(0.01 * float((y.data**2).sum()) / 4, rel=1e-5)

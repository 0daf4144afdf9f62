"""Tests of `dezero/keras/layers/recurrent.py`."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.keras import layers
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("SimpleRNN", "LSTM", "GRU")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


X = np.random.default_rng(0).standard_normal((2, 6, 3)).astype(np.float32)
CELLS = [("SimpleRNN", layers.SimpleRNNCell), ("LSTM", layers.LSTMCell), ("GRU", layers.GRUCell)]


@pytest.mark.parametrize(("kind", "cell"), CELLS)
def test_a_layer_around_a_cell_is_the_layer(kind, cell):
    layer, around = getattr(layers, kind)(4), layers.RNN(cell(4), return_state=True)
    y = layer(X)
    around(X)
    around.set_weights(layer.get_weights())
    np.testing.assert_array_equal(around(X)[0].data, y.data)
    again = layers.RNN.from_config(around.get_config())
    assert again.get_config() == around.get_config()


class Sum(layers.Layer):
    """Somebody's own cell."""

    state_size = 3

    def call(self, inputs, states):
        total = Variable.wrap(states[0]) + inputs
        return total * 2, [total]


def test_somebody_elses_cell_runs_with_masks():
    mask = np.arange(6) < np.array([[6], [2]])
    hs, state = layers.RNN(Sum(), return_sequences=True, return_state=True)(X, mask=mask)
    kept = np.where(mask[:, :, None], X, 0).cumsum(1)
    np.testing.assert_allclose(hs.data, 2 * kept, rtol=1e-5)
    np.testing.assert_allclose(state.data, kept[:, -1], rtol=1e-5)
    last = layers.RNN(Sum())(X)
    np.testing.assert_allclose(last.data, 2 * X.sum(1), rtol=1e-5)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_stateful_goes_on_where_it_ended(kind):
    whole = getattr(layers, kind)(4)
    y = whole(X)
    parts = getattr(layers, kind)(4, stateful=True)
    parts(X)
    parts.set_weights(whole.get_weights())
    parts.reset_states()
    parts(X[:, :4])
    np.testing.assert_allclose(parts(X[:, 4:]).data, y.data, atol=1e-6)
    parts.reset_states([np.zeros((2, 4), np.float32)] * len(parts.state_names))
    np.testing.assert_allclose(parts(X).data, y.data, atol=1e-6)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_states_come_in_a_list_as_in_keras_2(kind):
    layer = getattr(layers, kind)(4, return_state=True)
    _, *states = layer(X)
    new = layer(X, initial_state=states)[0].data
    np.testing.assert_array_equal(layer([X, *states])[0].data, new)


@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}])
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_dropout_is_of_training_alone_and_the_same_at_all_times(kind, options):
    layer = getattr(layers, kind)(4, seed=1, **options)
    still = layer(X, training=False).data
    np.testing.assert_array_equal(layer(X, training=False).data, still)
    assert abs(layer(X, training=True).data - still).max() > 1e-4
    if "dropout" in options:
        eye = layers.SimpleRNN(
            3, "linear", False, "identity", "zeros", dropout=0.5, seed=3, return_sequences=True
        )
        y = eye(np.ones((4, 5, 3), np.float32), training=True).data
        assert set(np.unique(y)) == {0, 2} and (y == y[:, :1]).all()


def test_what_is_masked_may_be_no_number():
    x = X.copy()
    x[1, 2:] = np.nan
    mask = np.arange(6) < np.array([[6], [2]])
    for kind in ("SimpleRNN", "LSTM", "GRU"):
        layer = getattr(layers, kind)(4, return_sequences=True)
        y = layer(x, mask=mask)
        y.sum().backward()
        assert np.isfinite(y.data).all()
        assert all(np.isfinite(w.grad.data).all() for w in layer.trainable_weights)


def test_first_values_and_settings():
    layer = layers.LSTM(3, use_cudnn=False, implementation=1, unroll=True)
    layer(X)
    np.testing.assert_array_equal(layer.cell.bias.data, [0] * 3 + [1] * 3 + [0] * 6)
    assert layer.units == 3 and layer.get_config()["unroll"]
    plain = layers.LSTM(3, unit_forget_bias=False)
    plain(X)
    assert not plain.cell.bias.data.any()
    assert layers.GRU(3, input_dim=5, input_length=7).batch_input_shape == (None, 7, 5)
    gru = layers.GRU(3, reset_after=False)
    gru(X)
    assert gru.cell.bias.shape == (9,)
    with pytest.raises(AttributeError, match="LSTM has no attribute 'colour'"):
        _ = layer.colour


def test_the_state_of_a_mask_with_zero_outputs():
    mask = np.arange(6) < np.array([[6], [2]])
    layer = layers.SimpleRNN(3, return_sequences=True, zero_output_for_mask=True)
    y = layer(X, mask=mask)
    assert not y.data[1, 2:].any() and y.data[1, :2].all()


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.LSTM(0), ValueError, "expected units >= 1"),
        (lambda: layers.RNN(layers.Dense(2)), TypeError, "RNN: expected a layer with state_size"),
        (lambda: layers.LSTM(3)(X[0]), ValueError, r"LSTM: expected sequences \(N, T, features\)"),
        (lambda: layers.GRU(3).build((None, 4, None)), ValueError, "number of features"),
        (lambda: layers.LSTM(3, colour=1), TypeError, "unknown argument 'colour'"),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()

"""StackedRNNCells."""

import numpy as np
import pytest

from dezero.keras import Input, Model, Sequential, layers, models

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("f4")


def test_it_is_one_layer_after_another():
    stacked = layers.RNN([layers.LSTMCell(4), layers.GRUCell(2)], return_sequences=True)
    apart = Sequential(
        [layers.LSTM(4, return_sequences=True), layers.GRU(2, return_sequences=True)]
    )
    stacked(X), apart(X)
    assert [w.shape for w in stacked.weights] == [w.shape for w in apart.weights]
    apart.set_weights(stacked.get_weights())
    np.testing.assert_allclose(stacked(X).data, apart(X).data, rtol=1e-5, atol=1e-6)
    mask = np.arange(5) < np.array([[3], [5]])
    masked = apart.layers[1](apart.layers[0](X, mask=mask), mask=mask)
    np.testing.assert_allclose(stacked(X, mask=mask).data, masked.data, rtol=1e-5, atol=1e-6)


def test_states_are_grouped_by_cell():
    cells = [layers.LSTMCell(3), layers.GRUCell(2), layers.SimpleRNNCell(4)]
    layer = layers.RNN(cells, return_state=True)
    y, first, second, third = layer(X)
    assert [s.shape for s in first] == [(2, 3)] * 2 and second.shape == (2, 2)
    assert layer.cell.state_size == [[3, 3], 2, 4] and layer.cell.output_size == 4
    np.testing.assert_array_equal(y.data, third.data)
    whole = layer(X)[0]
    half = layer(X[:, :2])[1:]
    np.testing.assert_allclose(layer(X[:, 2:], initial_state=half)[0].data, whole.data, rtol=1e-5)


def test_in_a_model():
    cells = [layers.LSTMCell(3, dropout=0.5), layers.GRUCell(2)]
    x = Input((5, 3))
    y, states, last = layers.RNN(cells, return_state=True, stateful=True)(x)
    assert y.shape == last.shape == (None, 2) and states[1].shape == (None, 3)
    model = Model(x, layers.Dense(1)(y))
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(X, np.ones((2, 1)), epochs=2, verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])
    twin = models.clone_model(model)
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in before]
    first, second = model.predict(X, verbose=0), model.predict(X, verbose=0)
    model.layers[1].reset_states()
    assert not np.array_equal(first, second)


def test_only_cells():
    with pytest.raises(TypeError, match="StackedRNNCells: expected layers with state_size"):
        layers.RNN([layers.Dense(3)])

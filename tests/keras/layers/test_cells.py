"""Tests of `dezero/keras/layers/cells.py`."""

import numpy as np
import pytest

from dezero.keras import layers

X = np.random.default_rng(0).standard_normal((2, 5, 3)).astype(np.float32)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_steps_of_a_cell_are_the_layer(kind):
    layer = getattr(layers, kind)(4)
    y = layer(X)
    states = layer.cell.get_initial_state(batch_size=2)
    for t in range(5):
        out, states = layer.cell(X[:, t], states)
    np.testing.assert_allclose(out.data, y.data, atol=1e-6)
    assert layer.cell.output_size == 4
    assert layer.cell.state_size == ([4, 4] if kind == "LSTM" else 4)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_dropout_of_a_step(kind):
    cell = getattr(layers, f"{kind}Cell")(4, dropout=0.4, recurrent_dropout=0.4, seed=0)
    states = [np.ones((2, 4), np.float32)] * cell.states
    cell(X[:, 0], states)
    still = cell(X[:, 0], states, training=False)[0].data
    np.testing.assert_array_equal(cell(X[:, 0], states, training=False)[0].data, still)
    assert abs(cell(X[:, 0], states, training=True)[0].data - still).max() > 1e-4


def test_one_state_need_not_be_in_a_list():
    cell = layers.SimpleRNNCell(4)
    y, state = cell(X[:, 0], np.zeros((2, 4), np.float32))
    assert y is state

"""RNN, LSTM and GRU, over sequences, for which they keep nothing from call to call."""

import numpy as np

import dezero.layers as L
from tests.specs.functions import recurrent as steps
from tests.specs.functions import sequence
from tests.specs.functions.gates import joined
from tests.specs.layers import LayerSpec


def cell(loop, gates, path="", **options):
    """All outputs, the last one, and the last states, of a layer whose weights are below `path`."""

    def outputs(x, w):
        def part(name):
            found = [w.get(f"{path}{name.format(gate)}") for gate in gates]
            return None if found[0] is None else np.stack(found)

        W = joined(part("x2{}/W"), part("h2{}/W"), part("x2{}/b"), part("h2{}/b"))
        h = np.zeros((len(x), W.shape[2]))
        hs, *states = loop(x, [h, h] if loop is sequence.lstm else h, W, **options)
        return hs, states[0], states

    return outputs


def last(*args, **options):
    return lambda x, w: cell(*args, **options)(x, w)[1]


def all_times(*args, **options):
    return lambda x, w: cell(*args, **options)(x, w)[0]


def relu(z):
    return np.maximum(z, 0)


SPECS = [
    LayerSpec(lambda: L.RNN(3), (4, 5, 2), last(sequence.rnn, "h"), "RNN"),
    LayerSpec(
        lambda: L.RNN(3, 2, activation="relu", return_sequences=True, reverse=True),
        (4, 3, 2),
        all_times(sequence.rnn, "h", function=relu, reverse=True),
        "RNN-eager-all",
    ),
    LayerSpec(lambda: L.LSTM(3), (4, 5, 2), last(sequence.lstm, "fiou"), "LSTM"),
    LayerSpec(
        lambda: L.LSTM(
            3,
            2,
            return_sequences=True,
            activation="softsign",
            recurrent_activation="hard_sigmoid",
            initializer="glorot_uniform",
            recurrent_initializer="orthogonal",
            bias_initializer="normal",
            unit_forget_bias=True,
        ),
        (4, 3, 2),
        all_times(sequence.lstm, "fiou", function=steps.softsign, gate=steps.hard),
        "LSTM-eager-all",
    ),
    LayerSpec(lambda: L.GRU(3), (4, 5, 2), last(sequence.gru, "rzu"), "GRU"),
    LayerSpec(
        lambda: L.GRU(3, reset_after=False, return_sequences=True),
        (4, 3, 2),
        all_times(sequence.gru, "rzu", step=steps.gru_before),
        "GRU-reset-before",
    ),
]

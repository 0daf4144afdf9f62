"""Both directions, and layers on top of each other."""

import numpy as np

import dezero.layers as L
from tests.specs.functions import sequence
from tests.specs.layers import LayerSpec
from tests.specs.layers.recurrent import cell


def both(x, w, loop=sequence.lstm, gates="fiou", path=""):
    """The two directions, each all outputs and the last one."""
    forward = cell(loop, gates, f"{path}forward_layer/")(x, w)
    backward = cell(loop, gates, f"{path}backward_layer/", reverse=True)(x, w)
    return forward, backward


def side_by_side(x, w, which, **options):
    return np.concatenate([part[which] for part in both(x, w, **options)], axis=-1)


def stacked(x, w):
    hs = cell(sequence.gru, "rzu", "layers/0/")(x, w)[0]
    return cell(sequence.rnn, "h", "layers/1/")(hs, w)[1]


def stacked_both(x, w):
    hs = side_by_side(x, w, 0, path="layers/0/")
    return side_by_side(hs, w, 0, path="layers/1/")


SPECS = [
    LayerSpec(
        lambda: L.Bidirectional(L.LSTM(3)),
        (4, 3, 2),
        lambda x, w: side_by_side(x, w, 1),
        "Bidirectional",
    ),
    LayerSpec(
        lambda: L.Bidirectional(L.RNN(3, return_sequences=True), "average"),
        (4, 3, 2),
        lambda x, w: sum(part[0] for part in both(x, w, sequence.rnn, "h")) / 2,
        "Bidirectional-average",
    ),
    LayerSpec(lambda: L.StackedRNN([L.GRU(3), L.RNN(2)], 0.5), (4, 3, 2), stacked, "StackedRNN"),
    LayerSpec(
        lambda: L.StackedRNN([L.Bidirectional(L.LSTM(2, return_sequences=True)) for _ in range(2)]),
        (4, 3, 2),
        stacked_both,
        "StackedRNN-both",
    ),
]

from dezero import keras
from dezero.keras.saving.places import by_layer, by_path, own_weights

L = keras.layers


def test_paths_are_those_of_keras():
    inner = keras.Sequential([L.Input((5, 4)), L.TimeDistributed(L.Dense(4)), L.GRU(2)])
    model = keras.Sequential([L.Input((5, 4)), inner, L.Dense(2), L.Dense(1)])
    found = {path: len(own_weights(layer)) for path, layer in by_path(model)}
    assert {path: n for path, n in found.items() if n} == {
        "layers/sequential/layers/time_distributed/layer": 2,
        "layers/sequential/layers/gru/cell": 3,
        "layers/dense": 2,
        "layers/dense_1": 2,
    }
    assert [len(weights) for _, weights in by_layer(model)] == [5, 2, 2]


def test_layers_of_a_subclass_stand_under_their_attributes():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.end = L.Dense(1)
            self.blocks = [L.Dense(2), L.Dense(2)]

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return self.end(x)

    net = Net()
    net.build((None, 3))
    paths = [path for path, layer in by_path(net) if own_weights(layer)]
    assert paths == ["blocks/dense", "blocks/dense_1", "end"]

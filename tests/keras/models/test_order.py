"""The order of a model's layers."""

from dezero.keras.layers import Add, Dense, Input
from dezero.keras.models import Model


def test_the_farthest_from_the_outputs_first():
    entry, late = Input(shape=(4,), name="entry"), Input(shape=(4,), name="late")
    short = Dense(4, name="short")(entry)
    long = Dense(4, name="long2")(Dense(4, name="long1")(entry))
    joined = Add(name="joined")([short, long])
    model = Model([entry, late], Add(name="end")([joined, late]))
    names = [layer.name for layer in model.layers]
    assert names == ["entry", "long1", "short", "long2", "joined", "late", "end"]


def test_a_shared_layer_counts_where_it_is_farthest():
    entry, twice = Input(shape=(4,), name="entry"), Dense(4, name="twice")
    model = Model(entry, twice(Dense(4, name="between")(twice(entry))))
    assert [layer.name for layer in model.layers] == ["entry", "twice", "between"]

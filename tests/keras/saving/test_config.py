import json

import numpy as np
import pytest

from dezero import keras
from dezero.keras.saving.config import model_from, to_keras3
from dezero.keras.tensors import flat

L = keras.layers
INPUT = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "name": "a"}}


def sequential(*layers):
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [INPUT, *layers]}}


def layer(name, module="keras.layers", /, **config):
    return {"module": module, "class_name": name, "config": config, "registered_name": name}


def test_dtype_policies_and_modules_of_keras_3_are_read():
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
    zeros = layer("Zeros", "keras.initializers")
    dense = layer("Dense", units=2, dtype=policy, bias_initializer=zeros, quantization_config=None)
    model = model_from("load", sequential(dense))
    assert model.output_shape == (None, 2)
    assert model.layers[0].dtype == "float32"


def test_calls_of_keras_2_are_read():
    ends = {"input_layers": [["a", 0, 0]], "output_layers": [["add", 0, 0]]}
    layers = [
        INPUT | {"inbound_nodes": []},
        layer("Dense", units=3, name="d") | {"inbound_nodes": [[["a", 0, 0, {}]]]},
        layer("Add", name="add") | {"inbound_nodes": [[["a", 0, 0, {}], ["d", 0, 0, {}]]]},
    ]
    entry = {"class_name": "Model", "config": {"name": "m", "layers": layers, **ends}}
    model = model_from("load", entry)
    assert [one.name for one in model.layers] == ["a", "d", "add"]
    written = to_keras3({"class_name": "Functional", "config": model.get_config()})
    assert written["config"]["output_layers"] == ["add", 0, 0]


def test_pictures_are_not_changed_in_prediction_whatever_keras_3_wrote_of_training():
    picture = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4, 4, 1], "name": "a"}}
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}
    call = {"args": [tensor], "kwargs": {"training": True}}
    layers = [picture, layer("RandomFlip", name="r") | {"inbound_nodes": [call]}]
    ends = {"input_layers": ["a", 0, 0], "output_layers": ["r", 0, 0]}
    entry = {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}
    x = np.random.default_rng(0).random((8, 4, 4, 1), "f4")
    np.testing.assert_array_equal(model_from("load", entry).predict(x, verbose=0), x)


HOSTILE = {
    "Lambda": sequential(layer("Lambda", function={"class_name": "__lambda__", "config": {}})),
    "lambda in Dense": sequential(
        layer("Dense", units=1, activation={"class_name": "__lambda__", "config": {"code": "x"}})
    ),
    "module": sequential(layer("system", "os", command="true")),
    "function": sequential(layer("function", "builtins", config="eval")),
    "wrapped": sequential(layer("TimeDistributed", layer=layer("Popen", "subprocess", args="x"))),
    "activation": sequential(layer("Dense", units=1, activation=layer("eval", "builtins"))),
    "initializer": sequential(
        layer("Dense", units=1, kernel_initializer=layer("get_file", "keras.utils", origin="x"))
    ),
    "argument": sequential(layer("Dense", units=1, unknown=1)),
    "no list": {"class_name": "Sequential", "config": {"layers": 3}},
    "a layer": layer("Dense", units=1),
    "none": None,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_classes_that_are_not_ours_are_refused(kind):
    with pytest.raises(ValueError):
        model_from("load", HOSTILE[kind])


def test_entries_nested_without_end_are_refused():
    deep = {}
    for _ in range(200):
        deep = {"x": deep}
    with pytest.raises(ValueError, match="nested"):
        model_from("load", sequential(layer("Dense", units=1, activation=deep)))


def graphs():
    a, b, e = L.Input((3,), name="a"), L.Input((3,), name="b"), L.Input((5, 3), name="e")
    dense, state = L.Dense(2), L.Input((4,), name="state")
    inner = keras.Model(a, [dense(a), L.Dense(3)(a)], name="inner")
    p, q = inner(b)
    mask = L.Input((5,), dtype="bool", name="mask")
    y, h, c = L.LSTM(3, return_state=True)(e)
    x = np.random.default_rng(0).random((4, 5, 3), "f4")
    row, half = x[:, 0], np.ones((4, 5), bool) & (x[..., 0] > 0.3)
    both, first = {"a": row, "b": row[::-1]}, [row, row[::-1]]
    return {
        "dicts": (keras.Model({"a": a, "b": b}, {"u": dense(a), "v": dense(b)}), both),
        "shared models": (keras.Model([a, b], [inner(a)[1], p, L.Concatenate()([q, a])]), first),
        "initial state": (
            keras.Model([e, state], L.GRU(4)(e, initial_state=[state])),
            [x, x[:, 0, :1] * np.ones(4, "f4")],
        ),
        "mask": (keras.Model([e, mask], L.LSTM(2)(e, mask=mask)), [x, half]),
        "training": (keras.Model(a, L.Dropout(0.5)(a, training=False)), row),
        "states": (keras.Model(e, [y, h, L.Dense(1)(c)]), x),
        "input as output": (keras.Model(a, [a, dense(a)]), row),
        "Sequential": (
            keras.Sequential(
                [L.Input((3,)), keras.Sequential([L.Input((3,)), L.Dense(2, name="한글 층")])],
                name="모델 이름",
            ),
            row,
        ),
    }


@pytest.mark.parametrize("name", graphs())
def test_graphs_come_back_from_their_descriptions(name):
    model, x = graphs()[name]
    config = to_keras3({"class_name": type(model).__name__, "config": model.get_config()})
    again = model_from("load", json.loads(json.dumps(config)))
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    ours, theirs = (flat(m.predict(x, verbose=0)) for m in (model, again))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)

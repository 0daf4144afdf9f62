"""Models from descriptions."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dezero.keras.layers import Dense, Input, Lambda
from dezero.keras.models import (
    Model,
    Sequential,
    clone_model,
    model_from_config,
    model_from_json,
)

X = np.ones((5, 3), "f4")
RECORDED = Path(__file__).parent.parent / "recorded"


def branched():
    a, b = Input((3,), name="a"), Input((3,), name="b")
    shared = Dense(4, "relu", name="shared")
    return Model([a, b], [Dense(1, name="y")(shared(a)), shared(b)], name="branched")


def stacked():
    return Sequential([Dense(4, "relu", input_shape=(3,)), Dense(2)], name="stacked")


@pytest.mark.parametrize("make", [branched, stacked])
@pytest.mark.parametrize("copy", [clone_model, lambda m: model_from_json(m.to_json(indent=1))])
def test_a_copy_has_the_architecture_and_weights_of_its_own(make, copy):
    model = make()
    again = copy(model)
    assert again.to_json() == model.to_json() and again.name == model.name
    assert not np.array_equal(again.get_weights()[0], model.get_weights()[0])
    again.set_weights(model.get_weights())
    given = X if make is stacked else [X, 2 * X]
    for y, z in zip(again.predict(given, verbose=0), model.predict(given, verbose=0), strict=True):
        np.testing.assert_array_equal(y, z)
    assert len(again.weights) == 4


def test_a_model_on_other_inputs():
    model = branched()
    a, b = Input((3,), name="c"), Input((3,), name="d")
    again = clone_model(model, input_tensors=[a, b])
    assert again.input_names == ["c", "d"]


def test_another_layer_in_the_place_of_each():
    def wider(layer):
        return Dense(layer.units * 2)

    again = clone_model(stacked(), clone_function=wider)
    assert [layer.units for layer in again.layers] == [8, 4]


def test_code_is_not_copied():
    class Own(Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(TypeError, match="got Own"):
        Own().to_json()
    with pytest.raises(ValueError, match="got Own"):
        clone_model(Own())
    x = Input((3,))
    with pytest.raises(TypeError, match="a layer that can be saved"):
        Model(x, Lambda(lambda v: v)(x)).to_json()


def test_damaged_descriptions():
    with pytest.raises(ValueError, match="expected a dict with 'class_name'"):
        model_from_config([1])
    with pytest.raises(ValueError, match="os"):
        model_from_config({"class_name": "os", "config": {}})
    content = json.loads(branched().to_json())
    call = content["config"]["layers"][-1]["inbound_nodes"][0]["args"][0]
    call["config"]["keras_history"] = ["nowhere", 0, 0]
    with pytest.raises(ValueError, match="The description is damaged"):
        model_from_config(content)


@pytest.mark.parametrize("name", ["files_row.keras", "files_graph.keras"])
def test_what_keras_3_describes(name):
    with zipfile.ZipFile(RECORDED / name) as archive:
        text = archive.read("config.json").decode()
    model = model_from_json(text)
    assert model.built and model.count_params() > 0
    assert model_from_json(model.to_json()).to_json() == model.to_json()

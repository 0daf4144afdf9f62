"""Names of Keras's objects: both spellings, configurations, classes, functions, errors."""

import json

import pytest

from dezero.keras import activations, constraints, initializers, regularizers

ALL = {
    initializers: ["GlorotUniform", "random_normal", "VarianceScaling", "one", "orthogonal"],
    regularizers: ["L1L2", "l1_l2", "l2", "orthogonal_regularizer"],
    constraints: ["MaxNorm", "max_norm", "NonNeg", "unit_norm", "min_max_norm"],
}
CASES = [(module, name) for module, names in ALL.items() for name in names]


@pytest.mark.parametrize(("module", "name"), CASES)
def test_names_and_saved_forms(module, name):
    found = module.get(name)
    assert module.get(found) is found
    assert type(module.get(type(found))) is type(found)
    saved = json.loads(json.dumps(module.serialize(found)))
    assert set(saved) == {"class_name", "config"}
    for form in (saved, {**saved, "module": "os", "registered_name": None}):
        again = module.deserialize(form)
        assert type(again) is type(found)
        assert again.get_config() == found.get_config()
        assert type(module.get(form)) is type(found)


@pytest.mark.parametrize("module", ALL)
def test_what_is_unknown(module):
    assert module.get(None) is None and module.serialize(None) is None
    with pytest.raises(ValueError, match="unknown name 'glorut'"):
        module.get("glorut")
    with pytest.raises(ValueError, match="Was it changed by hand"):
        module.get({"class_name": next(iter(module.NAMES.shown)), "config": {"no": 1}})
    with pytest.raises(TypeError, match="expected a name"):
        module.NAMES.get(3)
    with pytest.raises(TypeError, match="Write get_config"):
        module.serialize(object())


@pytest.mark.parametrize("module", ALL)
def test_things_of_ones_own(module):
    def mine(x, dtype=None):
        return x

    class Own:
        def get_config(self):
            return {}

    assert module.get(mine) is mine
    assert module.serialize(mine) == "mine"
    assert module.deserialize("mine", {"mine": mine}) is mine
    assert module.deserialize({"class_name": "function", "config": "mine"}, {"mine": mine}) is mine
    assert type(module.deserialize(module.serialize(Own()), {"Own": Own})) is Own


def test_activations_by_name():
    for name in activations.ACTIVATIONS:
        assert activations.serialize(activations.get(name)) == name
    assert activations.get("swish") is activations.silu
    assert activations.get("LeakyReLU") is activations.leaky_relu
    assert activations.serialize(None) == "linear"

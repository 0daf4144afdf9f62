import pytest

from dezero import keras
from dezero.keras import registry

L = keras.layers


@pytest.fixture(autouse=True)
def nothing_stays():
    before, names = dict(registry._registered), dict(registry._names)
    yield
    registry._registered.clear(), registry._registered.update(before)
    registry._names.clear(), registry._names.update(names)


def test_what_is_registered_may_be_named():
    @registry.register_keras_serializable("mine")
    class Double(L.Layer):
        def call(self, x):
            return x * 2

    @registry.register_keras_serializable(name="bent")
    def f(x):
        return x * x

    assert registry.get_registered_name(Double) == "mine>Double"
    assert registry.get_registered_object("mine>Double") is Double
    assert registry.get_registered_name(f) == "Custom>bent"
    model = keras.Sequential([L.Input((3,)), L.Dense(2, activation=f), Double()])
    again = keras.models.model_from_json(model.to_json())
    assert type(again.layers[1]) is Double and again.layers[0].activation is f


def test_a_scope_ends_with_its_block():
    class Double(L.Layer):
        def call(self, x):
            return x * 2

    text = keras.Sequential([L.Input((3,)), Double()]).to_json()
    with registry.custom_object_scope({"Double": Double}):
        assert registry.get_registered_object("Double") is Double
        keras.models.model_from_json(text)
    with pytest.raises(ValueError, match="Double"):
        keras.models.model_from_json(text)
    registry.get_custom_objects()["Double"] = Double
    keras.models.model_from_json(text)


def test_what_cannot_be_registered():
    with pytest.raises(ValueError, match="get_config"):
        registry.register_keras_serializable()(int)
    with pytest.raises(TypeError, match="dicts"), registry.custom_object_scope([1]):  # type: ignore[arg-type]
        pass
    assert registry.get_registered_name(type("T", (), {"__hash__": None})) == "T"
    assert registry.get_registered_object("nothing") is None

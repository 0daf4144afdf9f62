"""Functions as layers, and the names they have in files."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.functions.activation import ACTIVATIONS
from dezero.layers import Activation, Linear, function_of, saved_name, shown_name


def test_by_name_and_as_function():
    x = np.array([-1.0, 2.0])
    for layer in (Activation("relu"), Activation(F.relu), Activation(lambda v: F.relu(v))):
        assert layer(x).data.tolist() == [0, 2]


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_comes_back_from_its_name(name):
    assert function_of(saved_name("layer", ACTIVATIONS[name])) is ACTIVATIONS[name]


def test_functions_that_are_no_activation_have_another_name():
    assert ACTIVATIONS["softmax"] is not F.softmax  # last axis, and axis 1
    assert saved_name("layer", F.softmax) == "functions.softmax"
    assert function_of("functions.softmax") is F.softmax
    assert shown_name(F.softmax) == "softmax"


def test_none():
    assert function_of(None) is None and saved_name("layer", None) is None
    with pytest.raises(TypeError, match="Activation: expected a function or its name, got None"):
        Activation(None)


@pytest.mark.parametrize("name", ["rleu", "functions.rleu", "functions.Variable", "functions."])
def test_unknown_names(name):
    with pytest.raises(ValueError, match="unknown name"):
        Activation(name)


def test_what_has_no_name_in_dezero_is_not_saved():
    class Own:
        def __call__(self, x):
            return x

    for layer, what in ((Activation(lambda x: x, name="mine"), "<lambda> in layer mine"),
                        (Activation(Own()), "Own in layer Activation"),
                        (Linear(3, activation=np.tanh), "tanh in layer")):  # fmt: skip
        with pytest.raises(TypeError, match=f"save: expected functions .*, got {what}"):
            layer.config()

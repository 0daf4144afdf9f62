"""Keras's losses beside what real Keras says of them, and their objects."""

import json
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.keras import losses as L

RECORDED = json.loads((Path(__file__).parents[1] / "recorded" / "losses.json").read_text("utf-8"))


def arrays(kind):
    t, y = (np.array(a) for a in RECORDED["data"][kind])
    return t if t.dtype.kind == "i" else t.astype("f4"), y.astype("f4")


@pytest.mark.parametrize("line", RECORDED["losses"], ids=lambda line: f"{line[0]} {line[1]}")
def test_values_are_those_of_keras(line):
    name, options, kind, values = line
    t, y = arrays(kind)
    weight = np.array(RECORDED["weight"], "f4")
    for how, value in values.items():
        words = how.split()
        options = {**options, "reduction": words[-1]} if how != "plain" else options
        loss = getattr(L, name)(**options)
        got = loss(t, y, weight) if words[0] == "weighted" else loss(t, y)
        np.testing.assert_allclose(got.data, value, rtol=1e-5, atol=1e-6, err_msg=how)


@pytest.mark.parametrize("kind", L.CLASSES)
def test_names_and_saved_forms(kind):
    loss = kind()
    again = L.deserialize(json.loads(json.dumps(L.serialize(loss))))
    assert type(again) is kind and again.get_config() == loss.get_config()
    function = kind.function
    assert L.get(function.__name__) is function and L.serialize(function) == function.__name__
    assert type(L.get(kind.__name__)) is kind


def test_gradients_pass_and_softmax_keeps_its_digits():
    x = Variable(np.array([[-200.0, 0.0, 0.0]]))
    L.sparse_categorical_crossentropy([0], F.softmax(x, axis=-1)).sum().backward()
    np.testing.assert_allclose(x.grad.data, [[-1.0, 0.5, 0.5]], atol=1e-12)


def test_what_is_unknown():
    assert L.get("MSE") is L.get("mse") is L.mean_squared_error
    with pytest.raises(ValueError, match="unknown name 'mena_squared_error'"):
        L.get("mena_squared_error")
    with pytest.raises(ValueError, match="reduction"):
        L.Huber(reduction="all")
    with pytest.raises(ValueError, match="option"):
        L.Huber(gamma=1.0)
    with pytest.raises(NotImplementedError, match="call"):
        L.Loss()(1.0, 1.0)


def test_a_loss_of_ones_own():
    class Cubes(L.Loss):
        def call(self, y_true, y_pred):
            return F.mean(abs(Variable.wrap(y_pred) - y_true) ** 3, axis=-1)

    assert float(Cubes()(np.zeros((2, 2)), np.full((2, 2), 2.0)).data) == 8
    assert Cubes().name == "Cubes" and type(L.get(Cubes)) is Cubes
    assert L.Loss.from_config({"name": "a", "reduction": "sum"}).reduction == "sum"

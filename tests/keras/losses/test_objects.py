"""Keras's losses beside what real Keras says of them, and their objects."""

import json
from pathlib import Path

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.keras import losses as L
from dezero.keras.naming import clear_names
from tests.keras.recorded_metrics import RECORDED as MORE
from tests.keras.recorded_metrics import WEIGHT, label, numbers
from tests.keras.recorded_metrics import arrays as more_arrays

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


@pytest.mark.parametrize("line", MORE["losses"], ids=label)
def test_values_and_gradients_of_the_rarer_ones_are_those_of_keras(line):
    name, options, kind, values = line
    t, y = more_arrays(kind)
    for reduction in ("sum_over_batch_size", "sum", "none"):
        got = getattr(L, name)(reduction=reduction, **options)(t, y)
        expected = numbers(values[reduction])
        np.testing.assert_allclose(got.data, expected, rtol=2e-5, atol=1e-6, err_msg=reduction)
    loss, x = getattr(L, name)(**options), Variable(y)
    if "weighted" in values:
        got = loss(t, y, sample_weight=WEIGHT)
        np.testing.assert_allclose(got.data, values["weighted"], rtol=2e-5, atol=1e-6)
    loss(t, x).backward()
    expected = numbers(values["gradient"])
    np.testing.assert_allclose(x.grad.data, expected, rtol=1e-4, atol=1e-6)


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
    with pytest.raises(ValueError, match="Huber argument: unknown name"):
        L.Huber(gamma=1.0)
    with pytest.raises(ValueError, match="Huber: expected arguments delta, .* and delta again"):
        L.Huber(1.0, delta=2.0)
    with pytest.raises(ValueError, match="q between 0 and 1, got 1"):
        L.CategoricalGeneralizedCrossEntropy(1)
    with pytest.raises(NotImplementedError, match="call"):
        L.Loss()(1.0, 1.0)


def test_a_loss_of_ones_own():
    class Cubes(L.Loss):
        def call(self, y_true, y_pred):
            return F.mean(abs(Variable.wrap(y_pred) - y_true) ** 3, axis=-1)

    assert float(Cubes()(np.zeros((2, 2)), np.full((2, 2), 2.0)).data) == 8
    clear_names()
    assert [Cubes().name, Cubes().name] == ["cubes", "cubes_1"] and type(L.get(Cubes)) is Cubes
    assert L.Loss.from_config({"name": "a", "reduction": "sum"}).reduction == "sum"


def test_arguments_without_names_stand_in_the_order_of_keras():
    assert L.MeanSquaredError("sum").reduction == "sum"
    assert L.Dice("sum", "d", -1).get_config() == {"axis": -1, "name": "d", "reduction": "sum"}
    sparse = L.SparseCategoricalCrossentropy(True, 3, "none", 1)
    assert sparse.options == {"from_logits": True, "ignore_class": 3, "axis": 1}
    assert L.BinaryCrossentropy(True, 0.1).get_config() == {
        "from_logits": True, "label_smoothing": 0.1, "axis": -1,
        "name": "binary_crossentropy", "reduction": "sum_over_batch_size",
    }  # fmt: skip


def test_names_are_those_of_keras():
    clear_names()
    expected = [[k, n] for k, n in MORE["names"] if k in {c.__name__ for c in L.CLASSES}]
    expected = [
        line for line in expected if line[0] in ("Dice", "Tversky", "Circle", "CTC", "Huber")
    ]
    assert [[k, getattr(L, k)().name] for k, _ in expected] == expected and len(expected) == 5

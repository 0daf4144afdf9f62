"""`dezero.losses`: names, weights of samples, configurations, and what comes after softmax."""

import json

import numpy as np
import pytest

import dezero.functions as F
from dezero import losses
from dezero.core import Variable, no_grad
from dezero.testing import check_grads
from tests.specs.losses import BITS, LABELS, ONE_HOT, SPECS, T, Y

WEIGHT = np.array([0.0, 1.0, 2.0, 0.5])


def ids(spec):
    return f"{spec.name}-{spec.options}"


def squared(y, t):
    """A loss as a user writes one: a value per sample."""
    return ((y - t) ** 2).sum(axis=1)


def test_every_loss_has_a_spec():
    assert {spec.name for spec in SPECS} == {*losses.LOSSES, *losses.ALIASES}


@pytest.mark.parametrize("spec", SPECS, ids=ids)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_value_is_the_mean_over_the_batch(spec, dtype):
    loss = losses.get(spec.name, **spec.options)
    y = Variable(spec.y.astype(dtype))
    got = loss(y, spec.t)
    assert got.shape == () and got.dtype == dtype
    np.testing.assert_allclose(got.data, spec.oracle(spec.y, spec.t).mean(), rtol=1e-5)
    got.backward()
    assert y.grad.dtype == dtype


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_weighted_value_is_the_weighted_sum_over_the_batch_size(spec):
    loss = losses.get(spec.name, **spec.options)
    got = loss(Variable(spec.y), spec.t, WEIGHT)
    expected = (spec.oracle(spec.y, spec.t) * WEIGHT).sum() / 4
    np.testing.assert_allclose(got.data, expected, rtol=1e-6)


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_gradients(spec):
    loss = losses.get(spec.name, **spec.options)
    check_grads(lambda y: loss(y, spec.t), spec.y, order=2)
    check_grads(lambda y: loss(y, spec.t, WEIGHT), spec.y, order=1)


@pytest.mark.parametrize("spec", SPECS, ids=ids)
def test_configuration_makes_the_same_loss_again(spec):
    loss = losses.get(spec.name, **spec.options)
    again = losses.get(json.loads(json.dumps(loss.config())))
    assert again.config() == loss.config() and repr(again) == repr(loss)
    assert again(spec.y, spec.t).data == loss(spec.y, spec.t).data


def test_sum_is_not_divided():
    loss = losses.get("mse", reduction="sum")
    np.testing.assert_allclose(loss(Y, T).data, ((Y - T) ** 2).sum())
    np.testing.assert_allclose(loss(Y, T, WEIGHT).data, (((Y - T) ** 2).sum(1) * WEIGHT).sum())


def test_options_can_be_added():
    loss = losses.get("huber", delta=0.4)
    assert losses.get(loss) is loss
    assert losses.get(loss, reduction="sum").options == {"delta": 0.4, "reduction": "sum"}
    assert losses.get({"name": "huber"}, delta=2.0).options == {"delta": 2.0}


def test_a_function_of_ones_own():
    loss = losses.get(squared)
    values = ((Y - T) ** 2).sum(1)
    np.testing.assert_allclose(loss(Variable(Y), T).data, values.mean())
    np.testing.assert_allclose(loss(Variable(Y), T, WEIGHT).data, (values * WEIGHT).mean())
    assert loss.config() == {"name": "squared", "options": {}}
    assert losses.get(loss.config(), custom={"squared": squared}).function is squared


def test_a_function_of_ones_own_for_the_whole_batch():
    loss = losses.get(lambda y, t: ((y - t) ** 2).mean())
    assert loss(Variable(Y), T).shape == ()
    with pytest.raises(ValueError, match="<lambda>: expected one sample_weight for each value"):
        loss(Variable(Y), T, WEIGHT)


def test_functions_keep_their_own_defaults():
    loss = losses.get(F.mean_squared_error)
    np.testing.assert_allclose(loss(Y, T).data, ((Y - T) ** 2).sum() / 4)
    expected = (((Y - T) ** 2).sum(1) * WEIGHT).sum() / 4
    np.testing.assert_allclose(loss(Y, T, WEIGHT).data, expected)


class Weighed:
    def __call__(self, y, t, **options):
        return F.mean_absolute_error(y, t, **options)


def test_callable_objects_and_functions_that_take_any_keyword():
    loss = losses.get(Weighed(), reduction="sum")
    assert loss.name == "Weighed"
    np.testing.assert_allclose(loss(Y, T).data, np.abs(Y - T).sum())


def test_functions_without_signature():
    assert losses.get(max).name == "max"


LOGITS = np.array([[200.0, 0.0, -200.0]], np.float32)


@pytest.mark.parametrize("name", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_gradient_survives_a_softmax_that_rounds_to_zero(name):
    x = Variable(LOGITS)
    losses.get(name)(F.softmax(x), np.array([2])).backward()
    np.testing.assert_allclose(x.grad.data, [[1.0, 0.0, -1.0]])


def test_gradient_survives_a_sigmoid_that_rounds_to_one():
    x = Variable(np.array([[200.0], [-200.0]], np.float32))
    loss = losses.get("binary_crossentropy")(F.sigmoid(x), np.array([0, 1]))
    assert loss.data == 200.0
    loss.backward()
    np.testing.assert_allclose(x.grad.data, [[0.5], [-0.5]])


def test_softmax_of_another_axis_and_watched_probabilities_are_taken_as_they_are():
    x = Variable(Y)
    loss = losses.get("categorical_crossentropy")
    p = F.softmax(x, axis=0)
    assert loss(p, ONE_HOT).data == F.categorical_cross_entropy(p.data, ONE_HOT).data
    seen = []
    p = F.softmax(x)
    p.register_hook(seen.append)
    loss(p, LABELS).backward()
    assert len(seen) == 1


def test_probabilities_and_logits_agree_where_nothing_rounds():
    loss = losses.get("categorical_crossentropy", label_smoothing=0.2)
    with_logits = loss(F.softmax(Variable(Y)), LABELS)
    with no_grad():
        without = loss(F.softmax(Variable(Y)), LABELS)
    np.testing.assert_allclose(with_logits.data, without.data, rtol=1e-6)


def test_unknown_names_get_the_nearest():
    with pytest.raises(ValueError, match="loss: unknown name 'hubber'. Did you mean 'huber'"):
        losses.get("hubber")
    with pytest.raises(ValueError, match="loss: unknown name 'mine'"):
        losses.get({"name": "mine", "options": {}})


def test_bad_arguments():
    with pytest.raises(TypeError, match="Loss: expected a function of y and t, got int 3"):
        losses.get(3)
    with pytest.raises(TypeError, match=r"huber: expected options among .*, got 'dleta'"):
        losses.get("huber", dleta=2.0)
    with pytest.raises(TypeError, match="expected the loss function to return a Variable, got "):
        losses.get(lambda y, t: 1.0)(Y, T)
    with pytest.raises(ValueError, match=r"mean_squared_error: expected one sample_weight"):
        losses.get("mse")(Y, T, WEIGHT[:3])
    with pytest.raises(ValueError, match="softmax_cross_entropy: expected labels from 0 to 2"):
        losses.get("softmax_cross_entropy")(Y, LABELS + 3)
    with pytest.raises(ValueError, match="binary_cross_entropy: expected probabilities"):
        losses.get("binary_crossentropy")(Y, BITS)


def test_weights_of_every_value():
    y, t = np.arange(6.0).reshape(2, 3), np.zeros((2, 3))
    weight = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    loss = losses.get("mse")
    assert float(loss(y, t, weight).data) == pytest.approx((0 + 2 * 4 + 16) / 6)
    deep = loss(y[..., None], t[..., None], weight)
    assert float(deep.data) == pytest.approx((0 + 2 * 4 + 16) / 6)
    rows = losses.get("mse", reduction="sum")(y, t, np.array([[1.0], [2.0]])[:, 0])
    assert float(rows.data) == pytest.approx(5 + 2 * 50)
    column = losses.get("softmax_cross_entropy")
    t = np.array([0, 1])
    assert float(column(y, t, np.ones((2, 1))).data) == pytest.approx(float(column(y, t).data))

"""What Keras's optimizers share: rates, limits, weight decay, gradients by hand, names."""

import copy
import json

import numpy as np
import pytest

from dezero import optimizers as rules
from dezero.core import Parameter, Variable
from dezero.keras import optimizers
from dezero.layers import Layer

KINDS = "SGD Adagrad RMSprop Adam AdamW Adadelta Adamax Nadam Ftrl".split()


class Two(Layer):
    """A kernel and a bias."""

    def __init__(self):
        self.kernel, self.bias = Parameter(np.ones(3)), Parameter(np.ones(2))


def step(optimizer, model, *gradients):
    for param, g in zip((model.kernel, model.bias), gradients, strict=True):
        param.grad = None if g is None else Variable(np.array(g, np.float64))
    optimizer.update()
    return model.kernel.data.tolist(), model.bias.data.tolist()


class OfOnes(optimizers.Optimizer):
    """A user's own formula, which knows nothing of `rates()`."""

    def _formula(self, x, g, *slots):
        x -= 1


class TestRate:
    def test_reads_and_assigns_as_in_keras(self):
        sgd = optimizers.SGD(0.5)
        assert sgd.learning_rate == sgd.lr == 0.5 and sgd.lr.numpy() == 0.5
        sgd.learning_rate.assign(0.25)
        assert sgd.lr == 0.25
        sgd.lr = np.float32(0.125)
        assert sgd.learning_rate == 0.125
        sgd.learning_rate = Variable(np.array(0.5))
        assert sgd.lr == 0.5
        assert json.dumps(sgd.get_config()["learning_rate"]) == "0.5"
        assert type(copy.deepcopy(sgd.lr)) is float

    def test_lr_and_decay_of_keras_2(self):
        model, sgd = Two(), optimizers.SGD(lr=1.0, decay=1.0)
        sgd.setup(model)
        assert step(sgd, model, [1, 1, 1], [0, 0])[0] == [0, 0, 0]
        assert step(sgd, model, [1, 1, 1], [0, 0])[0] == [-0.5] * 3
        assert sgd.lr == 1.0 and sgd.get_config()["decay"] == 1.0

    def test_a_schedule_counts_updates(self):
        rate = optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)
        model, sgd = Two(), optimizers.SGD(rate)
        sgd.setup(model)
        assert step(sgd, model, [1, 1, 1], [0, 0])[0] == [0, 0, 0]
        assert sgd.learning_rate == 0.5 and sgd.iterations == 1 and sgd.iterations.numpy() == 1
        again = optimizers.get(json.loads(json.dumps(optimizers.serialize(sgd))))
        assert again.get_config() == sgd.get_config()
        sgd.learning_rate = {"class_name": "ExponentialDecay", "config": rate.get_config()}
        assert sgd.learning_rate == 0.5

    @pytest.mark.parametrize("bad", [-1, np.nan, "fast", None])
    def test_is_checked(self, bad):
        with pytest.raises((TypeError, ValueError), match="expected lr to be a finite number"):
            optimizers.Adam(bad)


class TestLimits:
    def test_each_together_and_by_value(self):
        def moved(**options):
            model, sgd = Two(), optimizers.SGD(1.0, **options)
            sgd.setup(model)
            return np.ravel(np.concatenate(step(sgd, model, [0, 3, 0], [0, -4])))

        np.testing.assert_allclose(moved(clipnorm=2.0), [1, -1, 1, 1, 3])
        np.testing.assert_allclose(moved(global_clipnorm=1.0), [1, 0.4, 1, 1, 1.8])
        np.testing.assert_allclose(moved(clipvalue=0.5), [1, 0.5, 1, 1, 1.5])
        np.testing.assert_allclose(moved(clipvalue=0), [1, -2, 1, 1, 5])

    def test_weight_decay_leaves_out_what_is_named(self):
        model, sgd = Two(), optimizers.SGD(0.5, weight_decay=0.5)
        with pytest.raises(RuntimeError, match="expected compile or build first"):
            sgd.exclude_from_weight_decay(var_names=["bias"])
        sgd.setup(model)
        sgd.exclude_from_weight_decay(var_names=["^bi.s"])
        assert step(sgd, model, [0, 0, 0], [0, 0]) == ([0.75] * 3, [1, 1])
        sgd.exclude_from_weight_decay(var_list=[model.kernel])
        assert step(sgd, model, [0, 0, 0], [0, 0]) == ([0.75] * 3, [1, 1])

    @pytest.mark.parametrize("name", KINDS)
    def test_weight_decay_comes_before_the_formula(self, name):
        decayed, plain = Two(), Two()
        kind = getattr(optimizers, name)
        for model, decay in ((decayed, 0.25), (plain, 0.0)):
            optimizer = kind(0.5, weight_decay=decay).setup(model)
            if not decay:
                for p in model.params():
                    p.data = 0.875 * p.data
            step(optimizer, model, [1, -2, 0], [3, 0])
        np.testing.assert_allclose(decayed.kernel.data, plain.kernel.data)
        np.testing.assert_allclose(decayed.bias.data, plain.bias.data)

    def test_weight_decay_of_a_formula_of_ones_own(self):
        own = OfOnes(0.5, weight_decay=0.5).setup(model := Two())
        assert step(own, model, [0, 0, 0], [0, 0]) == ([-0.25] * 3, [-0.25] * 2)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"clipnorm": -1}, "expected clipnorm to be a finite number >= 0"),
            ({"weight_decay": "x"}, "expected weight_decay to be a finite number >= 0"),
            ({"clipnorm": 1, "clipvalue": 1}, "expected one of clipnorm, global_clipnorm"),
            ({"loss_scale_factor": -2.0}, "LossScale: expected initial between"),
            ({"use_ema": True, "ema_momentum": 1.5}, "expected ema_momentum between 0 and 1"),
            ({"ema_overwrite_frequency": 0}, "expected ema_overwrite_frequency to be an integer"),
            ({"gradient_accumulation_steps": 2.5}, "expected gradient_accumulation_steps to be"),
            ({"use_ema": True, "gradient_accumulation_steps": 2}, "got both"),
        ],
    )
    def test_options_are_checked(self, options, message):
        with pytest.raises(ValueError, match=message):
            optimizers.Adam(**options)

    def test_a_scale_of_the_loss_that_stays(self):
        model, sgd = Two(), optimizers.SGD(0.5, loss_scale_factor=4.0)
        sgd.setup(model)
        assert sgd.get_config()["loss_scale_factor"] == 4.0
        assert float(sgd.scale_loss(1.5).data) == 6
        pairs = [(4 * np.ones(p.shape, "f4"), p) for p in model.params()]
        assert sgd.apply_gradients(pairs) == 1
        for p in model.params():
            np.testing.assert_array_equal(p.data, np.full(p.shape, 0.5))
        sgd.loss_scale_factor = None
        assert sgd.loss_scale is None and optimizers.SGD().loss_scale_factor is None

    def test_averages_of_weights(self):
        model, sgd = Two(), optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
        sgd.setup(model)
        for _ in range(2):  # kernel 0, then -1; its average 0, then -0.5
            step(sgd, model, [1, 1, 1], [0, 0])
        sgd.finalize_variable_values([model.bias])
        assert model.kernel.data.tolist() == [-1] * 3
        sgd.finalize_variable_values()
        assert model.kernel.data.tolist() == [-0.5] * 3 and model.bias.data.tolist() == [1, 1]
        state = sgd.state_dict()
        state["slots"] = {n: {"age": 0, "average": 0 * p.data} for n, p in model.named_params()}
        sgd.load_state_dict(state)  # of a training whose updates were all skipped
        sgd.finalize_variable_values()
        assert model.kernel.data.tolist() == [-0.5] * 3
        plain = optimizers.SGD(1.0).setup(model)
        plain.finalize_variable_values()
        assert model.kernel.data.tolist() == [-0.5] * 3

    def test_gradients_are_gathered(self):
        model, sgd = Two(), optimizers.SGD(1.0, gradient_accumulation_steps=2, clipnorm=1.0)
        sgd.setup(model)
        assert step(sgd, model, [2, 0, 0], None) == ([1] * 3, [1, 1]) and sgd.iterations == 0
        assert step(sgd, model, [-2, 1, 0], [1, 0]) == ([1, 0.5, 1], [0.5, 1])
        assert sgd.iterations == 1 and sgd.t == 2
        # What was gathered for a parameter that gets no gradient at last is forgotten.
        step(sgd, model, [0, 0, 0], [9, 9])
        step(sgd, model, [0, 0, 0], None)
        step(sgd, model, [0, 0, 0], [0, 0])
        assert step(sgd, model, [0, 0, 0], [0, 0]) == ([1, 0.5, 1], [0.5, 1])

    def test_unknown_options(self):
        with pytest.raises(TypeError, match="unknown argument 'learning_rat'. Did you mean 'lear"):
            optimizers.Adam(learning_rat=0.1)


def test_get():
    for name in ("sgd", "adagrad", "RMSprop", "rmsprop", "adam", "AdamW", "adadelta", "nadam"):
        assert type(optimizers.get(name)).__name__.lower() == name.lower()
    own = rules.RAdam()
    assert optimizers.get(own) is own
    assert type(optimizers.get(optimizers.Adamax)) is optimizers.Adamax
    with pytest.raises(ValueError, match="optimizer: unknown name 'adamm'"):
        optimizers.get("adamm")
    with pytest.raises(TypeError, match="optimizer: expected a name"):
        optimizers.get(3)


def test_state_goes_on_after_saving():
    model, twin = Two(), Two()
    adam, other = optimizers.Adam(0.1), optimizers.Adam(0.1)
    adam.setup(model)
    step(adam, model, [1, 2, 3], [4, 5])
    twin.kernel.data, twin.bias.data = model.kernel.data.copy(), model.bias.data.copy()
    other.setup(twin)
    other.load_state_dict(adam.state_dict())
    again = copy.deepcopy(adam)
    assert again.iterations == 1 and again.config() == adam.config()
    assert step(adam, model, [1, 1, 1], [1, 1]) == step(other, twin, [1, 1, 1], [1, 1])

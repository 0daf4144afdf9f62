"""Settings of optimizers: by name, per parameter, as a schedule, from a saved configuration."""

import json

import numpy as np
import pytest

from dezero import optimizers
from dezero.core import Parameter
from dezero.layers import Layer
from dezero.optimizers import SGD, Adam, MomentumSGD, Optimizer, RMSprop, schedules
from tests.optimizers.targets import assert_same, give, mlp, model_of, train, weights


class TestSetFor:
    def test_by_name_and_wildcard(self):
        model = mlp()
        optimizer = SGD(1.0).setup(model).set_for("*/b", lr=0.5).set_for("l1/*", lr=0.25)
        before = weights(model)
        give(model)
        optimizer.update()
        moved = {name: (before[name] - value).max() for name, value in weights(model).items()}
        assert moved == pytest.approx({"l0/W": 1, "l0/b": 0.5, "l1/W": 0.25, "l1/b": 0.25})

    def test_the_rest_follows_the_optimizer(self):
        model = model_of(a=[1.0], b=[1.0])
        optimizer = MomentumSGD(1.0, 0.5).set_for("b", momentum=0.0).setup(model)
        path = []
        for rate in (1.0, 0.5, 0.25):
            optimizer.lr = rate
            give(model)
            optimizer.update()
            path.append((float(model.a), float(model.b)))
        assert path == [(0.0, 0.0), (-1.0, -0.5), (-1.75, -0.75)]

    def test_in_mid_training_keeps_the_state(self):
        model = model_of(a=[1.0])
        optimizer = MomentumSGD(1.0, 0.5).setup(model)
        give(model)
        optimizer.update()
        optimizer.set_for("a", lr=0.0)
        give(model)
        optimizer.update()
        assert model.a.data == 1 - 1 - 0.5

    def test_schedule_of_its_own(self):
        model = model_of(a=[1.0], b=[0.0])
        optimizer = SGD(1.0).setup(model).set_for("b", lr=schedules.StepDecay(1.0, 2, 0.5))
        for _ in range(4):
            give(model)
            optimizer.update()
        assert model.a.data == -3 and model.b.data == -3

    def test_alpha(self):
        model = model_of(a=[1.0], b=[1.0])
        optimizer = Adam(0.5).setup(model).set_for("b", alpha=0.25)
        give(model)
        optimizer.update()
        assert float(model.a) == pytest.approx(0.5) and float(model.b) == pytest.approx(0.75)

    def test_mistakes(self):
        optimizer = MomentumSGD().setup(model_of(a=[1.0]))
        with pytest.raises(ValueError, match="MomentumSGD.set_for: unknown hyperparameter 'momen"):
            optimizer.set_for("a", momentun=0.5)
        with pytest.raises(ValueError, match="unknown hyperparameter 'target'"):
            optimizer.set_for("a", target=None)
        with pytest.raises(ValueError, match="MomentumSGD: expected momentum >= 0 and < 1"):
            optimizer.set_for("a", momentum=2)
        with pytest.raises(ValueError, match="MomentumSGD: expected lr"):
            optimizer.set_for("a", lr=-1)
        with pytest.raises(ValueError, match="no parameter is called 'A'. Did you mean 'a'"):
            optimizer.set_for("A", lr=0.1)
        assert "settings" not in optimizer.config()
        late = MomentumSGD().set_for("A", lr=0.1)
        with pytest.raises(ValueError, match="no parameter is called 'A'"):
            late.setup(model_of(a=[1.0]))
        assert late.target is None


class TestRate:
    @pytest.mark.parametrize("cls", list(optimizers.OPTIMIZERS.values()))
    def test_a_schedule_in_place_of_a_number(self, cls):
        """The rate of update t is schedule(t), whatever the optimizer does with it."""
        rates = [0.5, 0.25, 0.125, 0.0625]
        one, other = mlp(), mlp()
        scheduled = cls(lr=schedules.ExponentialDecay(0.5, 0.5)).setup(one)
        by_hand = cls().setup(other)
        for rate in rates:
            assert scheduled.lr == rate
            by_hand.lr = rate
            train(scheduled, one)
            train(by_hand, other)
        assert_same(weights(one), weights(other))

    def test_assigned_and_read(self):
        optimizer = SGD(np.float64(0.5))
        assert optimizer.lr == 0.5 and type(optimizer.lr) is float
        schedule = schedules.CosineDecay(0.1, 10)
        optimizer.lr = schedule
        assert optimizer.schedule is schedule and optimizer.lr == 0.1

    @pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "0.1", None, [0.1]])
    def test_not_a_rate(self, value):
        optimizer = SGD(0.5)
        with pytest.raises((TypeError, ValueError), match="SGD: expected lr to be a finite number"):
            optimizer.lr = value
        assert optimizer.lr == 0.5

    def test_schedule_that_gives_nonsense(self):
        model = model_of(a=[1.0])
        optimizer = SGD(lambda t: 1.0 - t).setup(model)
        give(model)
        for _ in range(2):
            optimizer.update()
        with pytest.raises(ValueError, match="SGD: expected lr .* got float -1.0"):
            optimizer.update()
        assert model.a.data == 0

    def test_a_rate_of_numpys_does_not_widen(self):
        model = Layer()
        model.a = Parameter(np.ones(2, np.float32))
        give(model)
        RMSprop(lambda t: np.float64(0.1), centered=True).setup(model).update()
        assert model.a.dtype == np.float32


class TestConfig:
    @pytest.mark.parametrize("cls", list(optimizers.OPTIMIZERS.values()))
    def test_with_a_schedule_and_settings(self, cls):
        optimizer = cls(lr=schedules.WarmUp(schedules.CosineDecay(0.1, 10), 3))
        optimizer.set_for("*/b", lr=0.5).set_for("l0/*", lr=schedules.StepDecay(0.1, 2))
        config = json.loads(json.dumps(optimizer.config()))
        twin = optimizers.build(config)
        assert twin.config() == config and twin.schedule == optimizer.schedule
        one, other = mlp(), mlp()
        train(optimizer.setup(one), one, 5)
        train(twin.setup(other), other, 5)
        assert_same(weights(one), weights(other))

    def test_hyperparameters_are_as_given(self):
        schedule = schedules.CosineDecay(0.1, 10)
        assert SGD(schedule).hyperparameters()["lr"] is schedule
        assert SGD(schedule).config()["lr"]["name"] == "cosine_decay"

    @pytest.mark.parametrize("lr", [lambda t: 0.1, schedules.Lambda(lambda t: 0.1)])
    def test_a_function_cannot_be_written_down(self, lr):
        with pytest.raises(TypeError, match="Lambda: expected a schedule that can be saved"):
            SGD(lr).config()
        with pytest.raises(TypeError, match="Lambda: expected a schedule that can be saved"):
            SGD().set_for("*", lr=lr).hyperparameters()

    def test_memory_of_a_schedule(self):
        optimizer = SGD(schedules.Plateau(1.0, patience=0))
        for value in (1.0, 2.0):
            optimizer.schedule.report(value)
        state = json.loads(json.dumps(optimizer.state_dict()))
        twin = optimizers.build(optimizer.config())
        assert twin.lr == 1.0
        twin.load_state_dict(state)
        assert twin.lr == optimizer.lr == 0.1
        with pytest.raises(ValueError, match="Plateau: expected a state with"):
            twin.load_state_dict({"t": 5, "slots": {}, "schedule": {}})
        assert twin.t == 0
        SGD(0.1).load_state_dict(state)

    @pytest.mark.parametrize(
        ("config", "error", "match"),
        [
            (None, TypeError, r"optimizer: expected what config\(\) returned, got NoneType"),
            ([["name", "SGD"]], TypeError, "got list"),
            ({}, ValueError, "optimizer: unknown name None"),
            ({"name": "eval"}, ValueError, "optimizer: unknown name 'eval'"),
            ({"name": "Optimizer"}, ValueError, "unknown name 'Optimizer'"),
            ({"name": ["SGD"]}, ValueError, "unknown name"),
            ({"name": "SGD", "momentum": 0.9}, ValueError, "expected hyperparameters of SGD"),
            ({"name": "SGD", "_lr": 1}, ValueError, "expected hyperparameters of SGD"),
            ({"name": "SGD", 3: 1}, ValueError, "expected hyperparameters of SGD"),
            ({"name": "SGD", "lr": "1"}, ValueError, "SGD: expected lr"),
            ({"name": "SGD", "lr": -1}, ValueError, "SGD: expected lr"),
            ({"name": "SGD", "lr": [0.1]}, ValueError, "SGD: expected lr"),
            ({"name": "SGD", "lr": {"name": "eval"}}, ValueError, "schedule: unknown name 'eval'"),
            ({"name": "SGD", "lr": {"name": "constant"}}, ValueError, "configuration of Constant"),
            ({"name": "Adam", "beta1": 10**400}, ValueError, "Adam: expected beta1"),
            ({"name": "Adam", "eps": None}, ValueError, "Adam: expected eps"),
            ({"name": "SGD", "settings": 3}, ValueError, "expected hyperparameters of SGD"),
            ({"name": "SGD", "settings": [["*"]]}, ValueError, "expected hyperparameters of SGD"),
            ({"name": "SGD", "settings": [["*", {"t": 3}]]}, ValueError, "hyperparameter 't'"),
            ({"name": "SGD", "settings": [[3, {}]]}, ValueError, "expected a name or a wildcard"),
        ],
    )
    def test_hostile(self, config, error, match):
        with pytest.raises(error, match=match):
            optimizers.build(config)


class TestGet:
    @pytest.mark.parametrize("name", [*optimizers.OPTIMIZERS, "momentum", "adam", "ADAM"])
    def test_by_name(self, name):
        assert isinstance(optimizers.get(name), Optimizer)

    def test_as_it_is(self):
        optimizer = Adam()
        assert optimizers.get(optimizer) is optimizer

    def test_misspelt(self):
        with pytest.raises(ValueError, match="optimizer: unknown name 'adm'. Did you mean 'adam'"):
            optimizers.get("adm")

    @pytest.mark.parametrize("value", [None, 3, Adam])
    def test_something_else(self, value):
        with pytest.raises(TypeError, match="optimizer: expected a name or an Optimizer, got"):
            optimizers.get(value)

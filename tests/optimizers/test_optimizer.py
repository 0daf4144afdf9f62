"""`Optimizer`: targets, subclasses, and which parameters have a gradient when."""

import gc
import math
from weakref import ref

import numpy as np
import pytest

import dezero.functions as F
from dezero import optimizers
from dezero.core import Parameter, Variable
from dezero.layers import Layer, Linear
from dezero.optimizers import SGD, Adam, MomentumSGD, NAdam, Optimizer
from tests.optimizers.targets import OnlyParams, X, assert_same, give, mlp, model_of, train, weights


class TestSetup:
    def test_returns_the_optimizer(self):
        optimizer, model = SGD(), mlp()
        assert optimizer.setup(model) is optimizer and optimizer.target is model

    def test_update_without_it(self):
        with pytest.raises(RuntimeError, match=r"Adam.update: expected setup\(model\) first"):
            Adam().update()

    @pytest.mark.parametrize("target", [None, 3, [Parameter(1.0)], Parameter(1.0)])
    def test_not_a_target(self, target):
        with pytest.raises(TypeError, match=r"SGD.setup: expected a Layer or an object with param"):
            SGD().setup(target)

    def test_again_with_the_same_model_goes_on(self):
        one, other = mlp(), mlp()
        whole, twice = Adam(0.1).setup(one), Adam(0.1).setup(other)
        train(whole, one, 6)
        train(twice, other, 3)
        train(twice.setup(other), other, 3)
        assert_same(weights(one), weights(other))
        assert twice.t == 6

    def test_with_another_model_begins_anew(self):
        optimizer = Adam(0.1).setup(mlp(1))
        train(optimizer, optimizer.target, 5)
        one, other = mlp(), mlp()
        train(optimizer.setup(one), one, 3)
        train(Adam(0.1).setup(other), other, 3)
        assert_same(weights(one), weights(other))
        assert optimizer.t == 3

    def test_a_target_with_params_alone(self):
        a, b = Parameter(np.ones(2)), Parameter(1.0, "b")
        target = OnlyParams(a, b, a)
        optimizer = MomentumSGD(0.5).setup(target)
        optimizer.add_hook(optimizers.WeightDecay(1.0))
        a.grad, b.grad = Variable(np.ones(2)), Variable(np.array(1.0))
        optimizer.update()
        np.testing.assert_array_equal(a.data, [0.0, 0.0])
        assert b.data == 0 and set(optimizer.state_dict()["slots"]) == {"param0", "b"}

    def test_nothing_to_do(self):
        optimizer = Adam().setup(Layer())
        optimizer.update()
        assert optimizer.t == 1
        model = mlp()
        before = weights(model)
        Adam().setup(model).update()
        assert_same(weights(model), before)


class BookSGD(Optimizer):
    """As in the book, step 46."""

    def __init__(self, lr=0.01):
        super().__init__()
        self.lr = lr

    def update_one(self, param):
        param.data -= self.lr * param.grad.data


class BookMomentum(Optimizer):
    """As in the book, step 46; `super().__init__()` comes last here."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.vs = {}
        super().__init__()

    def update_one(self, param):
        v = self.vs.setdefault(id(param), np.zeros_like(param.data))
        v *= self.momentum
        v -= self.lr * param.grad.data
        param.data += v


class BookAdam(Optimizer):
    """As in the book's library: `lr` can only be read, and it counts for itself."""

    def __init__(self, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__()
        self.t = 0
        self.alpha, self.beta1, self.beta2, self.eps = alpha, beta1, beta2, eps
        self.ms, self.vs = {}, {}

    def update(self, *args, **kwargs):
        self.t += 1
        super().update(*args, **kwargs)

    @property
    def lr(self):
        fix1 = 1.0 - math.pow(self.beta1, self.t)
        fix2 = 1.0 - math.pow(self.beta2, self.t)
        return self.alpha * math.sqrt(fix2) / fix1

    def update_one(self, param):
        key = id(param)
        if key not in self.ms:
            self.ms[key] = np.zeros_like(param.data)
            self.vs[key] = np.zeros_like(param.data)
        m, v, grad = self.ms[key], self.vs[key], param.grad.data
        m += (1 - self.beta1) * (grad - m)
        v += (1 - self.beta2) * (grad * grad - v)
        param.data -= self.lr * m / (np.sqrt(v) + self.eps)


class StepMomentum(Optimizer):
    """A formula of one's own on flat arrays, without an `__init__`."""

    slots = ("velocity",)
    momentum = 0.9

    def step(self, x, g, velocity):
        velocity *= self.momentum
        velocity -= self.lr * g
        x += velocity


class TestSubclasses:
    @pytest.mark.parametrize(
        ("own", "ours"),
        [
            (BookSGD(0.1), SGD(0.1)),
            (BookMomentum(0.1), MomentumSGD(0.1)),
            (StepMomentum(0.1), MomentumSGD(0.1)),
            (BookAdam(0.1), Adam(0.1)),
        ],
    )
    def test_agree_with_ours(self, own, ours):
        one, other = mlp(), mlp()
        train(own.setup(one), one, 8)
        train(ours.setup(other), other, 8)
        for name, value in weights(one).items():
            np.testing.assert_allclose(value, weights(other)[name], rtol=1e-9, atol=1e-9)
        assert own.t == ours.t == 8

    def test_without_arguments(self):
        assert StepMomentum().lr == 0.01 and StepMomentum().config() == {
            "name": "StepMomentum",
            "lr": 0.01,
        }

    def test_book_style_obeys_freezing_and_schedules(self):
        model = model_of(a=[1.0], b=[1.0])
        optimizer = BookSGD(lambda t: 0.5 if t == 0 else 0.25).setup(model)
        model.b.requires_grad = False
        for _ in range(2):
            give(model)
            optimizer.update()
        assert model.a.data == 0.25 and model.b.data == 1

    def test_without_a_formula(self):
        model = model_of(a=[1.0])
        give(model)
        with pytest.raises(NotImplementedError, match="Optimizer.step: expected the subclass to"):
            Optimizer().setup(model).update()
        with pytest.raises(NotImplementedError, match="Optimizer.step: expected the subclass"):
            Optimizer().setup(model).update_one(model.a)

    @pytest.mark.parametrize("rule", [SGD, MomentumSGD, Adam, NAdam])
    def test_update_one_of_ours_called_by_a_subclass(self, rule):
        class Own(rule):
            def update_one(self, param):
                super().update_one(param)
                param.data *= 0.5

        class Same(rule):
            def update_one(self, param):
                super().update_one(param)

        one, other, halved = (model_of(a=[1.0, 2.0], b=[3.0]) for _ in range(3))
        own, same, ours = Own(0.1).setup(halved), Same(0.1).setup(one), rule(0.1).setup(other)
        for i in range(4):
            for optimizer, model in ((own, halved), (same, one), (ours, other)):
                give(model)
                if i == 2:
                    model.a.data = model.a.data + 1
                optimizer.update()
            np.testing.assert_allclose(one.a.data, other.a.data, rtol=1e-12)
            np.testing.assert_allclose(one.b.data, other.b.data, rtol=1e-12)
        assert same.state_dict()["t"] == 4
        slots, expected = same.state_dict()["slots"], ours.state_dict()["slots"]
        for name in expected:
            for slot in expected[name]:
                np.testing.assert_allclose(slots[name][slot], expected[name][slot], rtol=1e-12)
        assert halved.b.data < 1
        again = Same(0.1).setup(one)
        again.load_state_dict(same.state_dict())
        for optimizer, model in ((again, one), (ours, other)):
            give(model)
            optimizer.update()
        np.testing.assert_allclose(one.a.data, other.a.data, rtol=1e-12)

    def test_update_one_between_updates(self):
        one, other = (model_of(a=[1.0, 2.0], b=[3.0]) for _ in range(2))
        mixed, ours = Adam(0.1).setup(one), Adam(0.1).setup(other)
        for i in range(4):
            give(one)
            give(other)
            ours.update()
            if i % 2:
                mixed.update()
            else:
                mixed.update_one(one.b)
                mixed.update_one(one.a)
            np.testing.assert_allclose(one.a.data, other.a.data, rtol=1e-12)
            np.testing.assert_allclose(one.b.data, other.b.data, rtol=1e-12)

    def test_update_one_of_strangers(self):
        model = model_of(a=[1.0])
        for param in (model.a, Parameter(1.0)):
            with pytest.raises(ValueError, match="SGD.update_one: expected a parameter of the ta"):
                SGD().setup(model).update_one(param)
        with pytest.raises(ValueError, match="SGD.update_one: expected a parameter of the target"):
            SGD().update_one(model.a)

    def test_hyperparameters_that_are_not_kept(self):
        class Forgetful(SGD):
            def __init__(self, lr, secret):
                super().__init__(lr)

        with pytest.raises(TypeError, match="Forgetful: expected its argument 'secret' to be kept"):
            Forgetful(0.1, 3).config()
        Forgetful(0.1, 3).set_for("*", lr=0.5)


class TestWhatHasAGradient:
    def test_a_parameter_that_appears_later_is_corrected_by_its_own_age(self):
        """Its first step has the size of the rate, as if the others were new as well."""
        model = Layer()
        model.a, model.late = Linear(2, in_size=3), Linear(2)
        optimizer = Adam(0.1).setup(model)
        for _ in range(10):
            give(model.a)
            optimizer.update()
        model.late(X)
        before = model.late.W.data.copy()
        give(model)
        optimizer.update()
        np.testing.assert_allclose(before - model.late.W.data, 0.1, rtol=1e-4)
        assert optimizer.state_dict()["slots"]["late/W"]["age"] == 1
        assert optimizer.state_dict()["slots"]["a/W"]["age"] == 11

    def test_missing_now_and_then(self):
        model, alone = model_of(a=[1.0], b=[2.0]), model_of(b=[2.0])
        optimizer, other = Adam(0.1).setup(model), Adam(0.1).setup(alone)
        for step in range(9):
            give(model, step - 3.0)
            if step % 3:
                model.a.grad = None
            optimizer.update()
            give(alone, step - 3.0)
            other.update()
        assert_same(weights(alone), {"b": model.b.data})
        assert optimizer.state_dict()["slots"]["a"]["age"] == 3

    def test_a_shared_parameter_is_changed_once(self):
        model = Layer()
        model.l0, model.l1 = Layer(), Layer()
        model.l0.W = model.l1.W = Parameter(np.array(1.0))
        (model.l0.W * 2 + model.l1.W * 3).backward()
        SGD(0.5).setup(model).update()
        assert model.l0.W.data == 1 - 0.5 * 5

    @pytest.mark.parametrize("how", ["requires_grad", "trainable"])
    def test_frozen_and_freed(self, how):
        model, alone = Layer(), model_of(p=[2.0])
        model.a, model.b = model_of(p=[1.0]), model_of(p=[2.0])
        holder = model.b.p if how == "requires_grad" else model.b
        optimizer, other = Adam(0.1).setup(model), Adam(0.1).setup(alone)
        for step in range(12):
            setattr(holder, how, not 4 <= step < 8)
            give(model, step + 1.0)
            optimizer.update()
            if not 4 <= step < 8:
                give(alone, step + 1.0)
                other.update()
        assert model.b.p.data == alone.p.data
        ages = {name: s["age"] for name, s in optimizer.state_dict()["slots"].items()}
        assert ages == {"a/p": 12, "b/p": 8}

    def test_data_assigned_from_outside_keeps_the_state(self):
        model = model_of(a=[1.0, 2.0], b=[3.0])
        optimizer = MomentumSGD(1.0, 0.5).setup(model)
        give(model)
        optimizer.update()
        model.a.data = np.array([10.0, 20.0], np.float32)
        give(model, 0.0)
        optimizer.update()
        np.testing.assert_array_equal(model.a.data, [9.5, 19.5])
        assert model.a.dtype == np.float32 and model.b.data == 3 - 1 - 0.5

    def test_data_of_another_shape(self):
        model = model_of(a=[1.0, 2.0])
        optimizer = MomentumSGD().setup(model)
        give(model)
        optimizer.update()
        model.a.data = np.ones(3)
        give(model)
        with pytest.raises(ValueError, match=r"'velocity' of 'a' .* shape \(3,\), got \(2,\)"):
            optimizer.update()

    def test_mixed_dtypes(self):
        model = Layer()
        for name, dtype in (("a", "f2"), ("b", "f4"), ("c", "f8"), ("d", "f4")):
            setattr(model, name, Parameter(np.ones(2, dtype)))
        optimizer = Adam(0.5).setup(model)
        give(model)
        optimizer.update()
        assert [p.dtype.str[1:] for p in model.params()] == ["f2", "f4", "f8", "f4"]
        for param in model.params():
            np.testing.assert_allclose(param.data, 0.5, rtol=1e-3)

    def test_two_optimizers_on_one_model(self):
        model, plain = mlp(), mlp()
        both = [Adam(0.1).setup(model), MomentumSGD(0.01).setup(model)]
        apart = [BookAdam(0.1).setup(plain), BookMomentum(0.01).setup(plain)]
        for i in range(6):
            train(both[i % 2], model)
            train(apart[i % 2], plain)
        for name, value in weights(model).items():
            np.testing.assert_allclose(value, weights(plain)[name], rtol=1e-9)

    def test_an_error_before_the_first_change(self):
        model = model_of(a=np.ones(20_000), b=[1.0])
        optimizer = SGD(1.0).setup(model)
        give(model)
        model.b.grad = Variable(np.ones(3))
        with pytest.raises(ValueError, match="gradient of 'b'"):
            optimizer.update()
        assert (model.a.data == 1).all() and optimizer.t == 0

    def test_an_update_keeps_no_graph(self):
        model = mlp()
        optimizer = Adam().setup(model)
        optimizer.add_hook(optimizers.ClipGrad(1.0))
        gc.disable()
        try:
            y = model(X)
            loss = F.sum(y**2)
            loss.backward(create_graph=True)
            node, middle = ref(y.creator), ref(y)
            optimizer.update()
            del y, loss
            model.cleargrads()
            assert node() is None and middle() is None
        finally:
            gc.enable()


@pytest.mark.parametrize("kind", optimizers.OPTIMIZERS.values())
def test_rates_are_plain_numbers_and_all_that_changes(kind, rng):
    """What a captured step replays: the kernel of update 3, given the rates of update 4."""
    one, other = kind(), kind()
    x, g = rng.standard_normal((2, 40))
    arrays = [x.copy(), g, *(np.zeros(40) for _ in one.slots)]
    twins = [a.copy() for a in arrays]
    for age in (1, 2, 3, 4):
        one.age = other.age = age
        assert all(type(value) is float for value in one.rates().values())
        one.step(*arrays)
        given = one.rates()
        other.age = 1
        other.rates = lambda given=given: given
        other.step(*twins)
    for own, twin in zip(arrays, twins, strict=True):
        np.testing.assert_array_equal(own, twin)

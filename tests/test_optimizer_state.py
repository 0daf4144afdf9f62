"""State of optimizers: saved, loaded, copied, to the last bit."""

import copy
import pickle  # noqa: TID251 - users send optimizers to other processes; the library does not

import numpy as np
import pytest

import dezero.functions as F
from dezero import optimizers
from dezero.models import MLP
from dezero.optimizers import Adam, MomentumSGD
from tests.optimizers.targets import X, assert_same, give, mlp, model_of, train, weights


class TestState:
    @pytest.mark.parametrize("cls", list(optimizers.OPTIMIZERS.values()))
    def test_goes_on_to_the_last_bit(self, cls):
        model = mlp()
        optimizer = cls().setup(model)
        train(optimizer, model, 130)  # over a flush of subnormals
        state, kept = copy.deepcopy(optimizer.state_dict()), weights(model)
        train(optimizer, model, 5)
        again = mlp()
        for name, param in again.named_params():
            param.data = kept[name]
        twin = cls()
        twin.load_state_dict(state)
        train(twin.setup(again), again, 5)
        assert_same(weights(model), weights(again))
        assert twin.t == 135

    def test_into_a_model_without_shapes(self):
        model, x = MLP((4, 2), F.tanh), X.astype(np.float32)
        optimizer = Adam(0.1).setup(model)
        train(optimizer, model, 3, x)
        state, kept = optimizer.state_dict(), weights(model)
        train(optimizer, model, 3, x)
        lazy = MLP((4, 2), F.tanh)
        twin = Adam(0.1).setup(lazy)
        twin.load_state_dict(state)
        twin.update()  # nothing has a gradient yet, and the weights have no shape
        assert set(twin.state_dict()["slots"]) == {"l0/W", "l0/b", "l1/W", "l1/b"}
        lazy(x)
        for name, param in lazy.named_params():
            param.data = kept[name]
        train(twin, lazy, 3, x)
        assert_same(weights(model), weights(lazy))

    def test_of_another_model_changes_nothing(self):
        model, wide = mlp(), MLP((5, 2))
        wide(X)
        optimizer, other = Adam().setup(model), Adam().setup(wide)
        train(optimizer, model)
        train(other, wide)
        before = optimizer.state_dict()
        with pytest.raises(ValueError, match=r"Adam: .* state 'm' of 'l0/W' .* \(3, 4\), got"):
            optimizer.load_state_dict(other.state_dict())
        deep = MLP((4, 4, 2))
        deep(X)
        third = Adam().setup(deep)
        train(third, deep)
        with pytest.raises(ValueError, match="for parameters of the model, got 'l2/W'"):
            optimizer.load_state_dict(third.state_dict())
        twin = Adam()
        twin.load_state_dict(third.state_dict())
        with pytest.raises(ValueError, match="got 'l2/W'"):
            twin.setup(model)
        assert twin.target is None
        after = optimizer.state_dict()
        assert after["t"] == before["t"]
        np.testing.assert_array_equal(after["slots"]["l0/W"]["m"], before["slots"]["l0/W"]["m"])

    def test_of_shapes_that_come_later(self):
        lazy = MLP((4, 2))
        optimizer = Adam().setup(lazy)
        slots = {"age": 1, "m": np.ones((7, 4)), "v": np.ones((7, 4))}
        optimizer.load_state_dict({"t": 1, "slots": {"l0/W": slots}})
        lazy(X)
        with pytest.raises(ValueError, match=r"state 'm' of 'l0/W' .* \(3, 4\), got \(7, 4\)"):
            optimizer.update()

    def test_what_the_model_no_longer_has_is_left_out(self):
        model = model_of(a=[1.0], b=[1.0])
        optimizer = Adam().setup(model)
        give(model)
        optimizer.update()
        del model.b
        give(model)
        optimizer.update()
        state = optimizer.state_dict()
        assert set(state["slots"]) == {"a"}
        optimizer.setup(model).load_state_dict(state)

    def test_without_updates(self):
        assert Adam().state_dict() == {"t": 0, "slots": {}}

    def test_arrays_are_copies_both_ways(self):
        model = model_of(a=[1.0])
        optimizer = MomentumSGD(1.0).setup(model)
        give(model)
        optimizer.update()
        state = optimizer.state_dict()
        optimizer.load_state_dict(state)
        state["slots"]["a"]["velocity"][:] = 100
        give(model)
        optimizer.update()
        assert model.a.data == 1 - 1 - 1.9


def piped(optimizer):
    """Send it through a pipe to another process and back."""
    return pickle.loads(pickle.dumps(optimizer))  # noqa: S301


class TestCopies:
    @pytest.mark.parametrize("how", [copy.deepcopy, piped])
    def test_copy_and_original_go_on_alike_and_apart(self, how):
        model = mlp()
        optimizer = Adam(0.1).setup(model)
        train(optimizer, model, 3)
        twin = how(optimizer)
        assert twin.target is not model
        before = weights(twin.target)
        train(optimizer, model, 3)
        assert_same(weights(twin.target), before)
        train(twin, twin.target, 3)
        assert_same(weights(twin.target), weights(model))
        assert twin.t == optimizer.t == 6

    def test_model_that_holds_its_optimizer(self):
        model = mlp()
        model.optimizer = Adam(0.1).setup(model)
        train(model.optimizer, model, 2)
        twin = copy.deepcopy(model)
        assert twin.optimizer.target is twin
        for one in (model, twin):
            train(one.optimizer, one, 2)
        assert_same(weights(model), weights(twin))

    def test_shallow(self):
        model = model_of(a=[1.0])
        optimizer = MomentumSGD(1.0).setup(model)
        give(model)
        optimizer.update()
        twin = copy.copy(optimizer)
        twin.lr = 0.0
        twin.update()
        assert optimizer.lr == 1.0 and model.a.data == 0 - 0.9
        assert optimizer.state_dict()["slots"]["a"]["velocity"] == -1

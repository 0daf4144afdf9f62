"""Names of parameters, and state that does not fit."""

import numpy as np
import pytest

from dezero.core import Parameter
from dezero.layers import Layer, Linear
from dezero.optimizers import SGD, Adam
from dezero.optimizers.state import check_fit, check_pattern, check_shape, checked_state
from dezero.optimizers.state import named_params as names_in
from tests.optimizers.targets import OnlyParams


def param(name=None, shape=()):
    return Parameter(np.ones(shape), name)


class TestNames:
    def test_of_a_layer_are_its_paths(self):
        model = Layer()
        model.l0, model.l1 = Linear(2), Linear(2, nobias=True)
        model.same = model.l0
        assert [name for name, _ in names_in(model)] == ["l0/W", "l0/b", "l1/W"]

    def test_of_another_target_are_the_parameters_own_or_their_positions(self):
        a, b, c = param("a"), param(), param("c")
        assert names_in(OnlyParams(a, b, c)) == [("a", a), ("param1", b), ("c", c)]

    def test_twins_are_told_apart_and_a_parameter_counts_once(self):
        ws = [param("W") for _ in range(3)]
        pairs = names_in(OnlyParams(ws[0], ws[1], ws[0], ws[2]))
        assert [name for name, _ in pairs] == ["W", "W.1", "W.2"]
        assert all(p is w for (_, p), w in zip(pairs, ws, strict=True))

    def test_patterns_must_match_something(self):
        target = OnlyParams(param("l0/W"), param("l0/b"))
        for pattern in ("l0/*", "*/b", "l0/W", "*"):
            check_pattern("SGD", pattern, target)
        with pytest.raises(ValueError, match=r"SGD.set_for: .* called 'l0/w'. Did you mean 'l0/W'"):
            check_pattern("SGD", "l0/w", target)


class TestFit:
    def test_unknown_name(self):
        with pytest.raises(ValueError, match="Adam: expected state for parameters of the model, "):
            check_fit("Adam", {"l1/w": {"age": 1}}, OnlyParams(param("l1/W")))

    def test_shape(self):
        slots = {"age": 1, "m": np.ones(2)}
        target = OnlyParams(param("W", (3,)))
        with pytest.raises(ValueError, match=r"state 'm' of 'W' to have .* \(3,\), got \(2,\)"):
            check_fit("Adam", {"W": slots}, target)
        check_fit("Adam", {"W": slots}, OnlyParams(param("W", (2,))))

    def test_a_parameter_without_a_shape_fits(self):
        check_shape("Adam", "W", Parameter(None), {"m": np.ones(2), "age": 3})


GOOD = {"age": 1, "m": np.ones(2), "v": np.ones(2)}


class TestCheckedState:
    def test_is_a_copy(self):
        state = checked_state("Adam", {"t": 1, "slots": {"p": GOOD}}, lambda name: ("m", "v"))
        assert state["p"]["m"] is not GOOD["m"] and set(state["p"]) == {"age", "m", "v"}

    @pytest.mark.parametrize(
        "state",
        [
            None,
            [],
            {},
            {"t": 1},
            {"t": 1, "slots": []},
            {"slots": {}},
            {"t": -1, "slots": {}},
            {"t": 1.0, "slots": {}},
            {"t": True, "slots": {}},
        ],
    )
    def test_something_else(self, state):
        with pytest.raises(ValueError, match="Adam.load_state_dict: expected what state_dict ret"):
            Adam().load_state_dict(state)

    @pytest.mark.parametrize(
        ("slots", "match"),
        [
            (None, r"expected slots \('age', 'm', 'v'\) for 'p', got NoneType None"),
            ({"age": 1, "m": np.ones(2)}, r"expected slots .* got \['age', 'm'\]"),
            ({**GOOD, "u": np.ones(2)}, "kind of optimizer that saved it"),
            ({**GOOD, 3: 1}, r"got \['3', 'age', 'm', 'v'\]"),
            ({**GOOD, "m": [1.0, 2.0]}, "expected 'm' of 'p' to be a floating array, got list"),
            ({**GOOD, "v": np.ones(2, int)}, r"expected 'v' .* got \(2,\) int64"),
            ({**GOOD, "age": -1}, "expected 'age' of 'p' to be an integer >= 0, got int -1"),
            ({**GOOD, "age": None}, "got NoneType"),
        ],
    )
    def test_damaged_slots(self, slots, match):
        optimizer = Adam()
        with pytest.raises(ValueError, match=match):
            optimizer.load_state_dict({"t": 1, "slots": {"p": slots}})
        assert optimizer.t == 0 and optimizer.state_dict()["slots"] == {}

    def test_another_kind_of_optimizer(self):
        with pytest.raises(ValueError, match=r"SGD.load_state_dict: expected slots \('age',\) for"):
            SGD().load_state_dict({"t": 1, "slots": {"p": GOOD}})

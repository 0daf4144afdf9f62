"""Schedules: hand values, ends and edges, memory, saving, and agreement with torch."""

import json
import math

import numpy as np
import pytest

from dezero.optimizers import schedules as S
from dezero.optimizers.schedule_base import Schedule

# Worked out by hand: schedule, {step: rate}.
HAND = {
    "constant": (S.Constant(0.3), {0: 0.3, 10**9: 0.3}),
    "step": (S.StepDecay(0.8, 3, 0.5), {0: 0.8, 2: 0.8, 3: 0.4, 5: 0.4, 6: 0.2}),
    "multi": (S.MultiStep(1.0, [2, 5], 0.1), {0: 1.0, 1: 1.0, 2: 0.1, 4: 0.1, 5: 0.01, 99: 0.01}),
    "exp": (S.ExponentialDecay(1.0, 0.25, steps=2), {0: 1.0, 1: 0.5, 2: 0.25, 3: 0.125}),
    "stairs": (S.ExponentialDecay(1.0, 0.25, 2, True), {0: 1.0, 1: 1.0, 2: 0.25, 3: 0.25}),
    "cosine": (
        S.CosineDecay(1.0, 6, minimum=0.2),
        {0: 1.0, 2: 0.2 + 0.8 * 0.75, 3: 0.6, 4: 0.4, 6: 0.2, 7: 0.2, 1000: 0.2},
    ),
    "restarts": (
        S.CosineRestarts(1.0, 2, multiplier=2),
        {0: 1.0, 1: 0.5, 2: 1.0, 4: 0.5, 5: (1 - math.sqrt(0.5)) / 2, 6: 1.0, 10: 0.5, 14: 1.0},
    ),
    "restarts1": (S.CosineRestarts(1.0, 4, minimum=0.5), {0: 1.0, 2: 0.75, 4: 1.0, 4 * 10**9: 1.0}),
    "inverse": (S.InverseTimeDecay(1.0, 1.0, 2), {0: 1.0, 2: 0.5, 6: 0.25}),
    "poly": (S.PolynomialDecay(1.0, 4, 0.2, 2.0), {0: 1.0, 2: 0.4, 4: 0.2, 5: 0.2}),
    "cycle": (
        S.OneCycle(1.0, 11, rise=0.5454545454545454, first=10, last=100, anneal="linear"),
        {0: 0.1, 1: 0.28, 5: 1.0, 10: 0.001, 11: 0.001, 999: 0.001},
    ),
    "cycle_cos": (S.OneCycle(1.0, 21, rise=11 / 21), {0: 0.04, 5: 0.52, 10: 1.0, 20: 4e-6}),
    "no_rise": (S.OneCycle(1.0, 11, rise=0.0, anneal="linear"), {0: 1.0, 5: 0.500002, 10: 4e-6}),
    "one_step": (S.OneCycle(1.0, 1), {0: 4e-6, 1: 4e-6}),
    "only_rise": (
        S.OneCycle(1.0, 11, rise=1.0, anneal="linear"),
        {0: 0.04, 5: 0.52, 10: 1.0, 11: 4e-6},
    ),
    "warm": (S.WarmUp(0.4, 4), {0: 0.0, 1: 0.1, 3: 0.3, 4: 0.4, 99: 0.4}),
    "warm_step": (
        S.WarmUp(S.StepDecay(1.0, 2), 2, start=0.5),
        {0: 0.5, 1: 0.75, 2: 1.0, 3: 1.0, 4: 0.1},
    ),
    "lambda": (S.Lambda(lambda step: 1 / (step + 1)), {0: 1.0, 3: 0.25}),
    "chained": (
        S.Chained([0.5, S.StepDecay(1.0, 2, 0.5), 0.1], [3, 8]),
        {0: 0.5, 2: 0.5, 3: 1.0, 4: 1.0, 5: 0.5, 7: 0.25, 8: 0.1, 99: 0.1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND)
def test_hand_values(name):
    schedule, values = HAND[name]
    for step, rate in values.items():
        got = schedule(step)
        assert isinstance(got, float)
        assert got == pytest.approx(rate, rel=1e-12, abs=1e-15), step


@pytest.mark.parametrize("name", HAND)
def test_asking_changes_nothing(name):
    schedule = HAND[name][0]
    forward = [schedule(step) for step in range(30)]
    assert [schedule(step) for step in reversed(range(30))] == forward[::-1]


def test_restarts_at_large_steps_are_exact():
    """A logarithm would miss some starts of a period by one."""
    schedule = S.CosineRestarts(1.0, 10, multiplier=3)
    start, length = 0, 10
    for _ in range(25):
        assert schedule(start) == 1.0
        assert schedule(start + length - 1) < 0.05
        start, length = start + length, length * 3


class TestPlateau:
    def rates(self, schedule, values):
        rates = []
        for value in values:
            schedule.report(value)
            rates.append(schedule(len(rates)))
        return rates

    def test_patience(self):
        schedule = S.Plateau(1.0, 0.5, patience=2)
        assert schedule(0) == 1.0
        got = self.rates(schedule, [3, 2, 2, 2, 2, 2, 2, 2, 1, 1])
        assert got == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]

    def test_zero_patience(self):
        assert self.rates(S.Plateau(1.0, 0.5, patience=0), [1, 1, 0.5, 2]) == [1, 0.5, 0.5, 0.25]

    def test_cooldown(self):
        schedule = S.Plateau(1.0, 0.5, patience=0, cooldown=2)
        assert self.rates(schedule, [1, 1, 1, 1, 1, 1]) == [1, 0.5, 0.5, 0.5, 0.25, 0.25]

    def test_minimum(self):
        schedule = S.Plateau(1.0, 0.1, patience=0, minimum=0.05)
        assert self.rates(schedule, [1] * 5) == pytest.approx([1, 0.1, 0.05, 0.05, 0.05])

    def test_minimum_never_raises_the_rate(self):
        assert self.rates(S.Plateau(0.01, patience=0, minimum=0.05), [1] * 3) == [0.01] * 3

    def test_mode(self):
        schedule = S.Plateau(1.0, 0.5, patience=0, mode="max")
        assert self.rates(schedule, [1, 2, 3, 3, 2]) == [1, 1, 1, 0.5, 0.25]

    @pytest.mark.parametrize(
        ("relative", "values", "dropped"),
        [
            (True, [100, 99.5], True),
            (True, [100, 98], False),
            (True, [-100, -100.5], True),
            (True, [-100, -102], False),
            (True, [-100, -99.5], True),
            (False, [100, 99.995], True),
            (False, [100, 99.98], False),
        ],
    )
    def test_threshold(self, relative, values, dropped):
        schedule = S.Plateau(1.0, 0.5, 0, threshold=0.01, relative=relative)
        assert (self.rates(schedule, values)[-1] < 1) is dropped

    def test_nan(self):
        schedule = S.Plateau(1.0, 0.5, patience=0)
        assert self.rates(schedule, [math.nan, 2, math.nan, 1]) == [0.5, 0.5, 0.25, 0.25]

    def test_infinite_first_value(self):
        assert self.rates(S.Plateau(1.0, 0.5, patience=0), [math.inf, 2, 1]) == [1, 1, 1]

    def test_state(self):
        values = [3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]
        one = S.Plateau(1.0, 0.5, patience=1, cooldown=1)
        other = S.Plateau(1.0, 0.5, patience=1, cooldown=1)
        fresh = json.loads(json.dumps(other.state_dict()))
        self.rates(one, values[:5])
        other.load_state_dict(json.loads(json.dumps(one.state_dict())))
        assert other == one
        assert self.rates(one, values[5:]) == self.rates(other, values[5:])
        other.load_state_dict(fresh)
        assert other == S.Plateau(1.0, 0.5, patience=1, cooldown=1)
        with pytest.raises(ValueError, match="Plateau: expected a state with"):
            other.load_state_dict({})

    def test_within_others(self):
        def build():
            return S.WarmUp(S.Chained([0.5, S.Plateau(1.0, 0.5, patience=0)], [2]), 2)

        schedule, again = build(), build()
        for value in (1, 1):
            schedule.report(value)
        assert [schedule(step) for step in range(6)] == [0, 0.25, 0.5, 0.5, 0.5, 0.5]
        assert again(4) == 1.0
        again.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
        assert again(4) == 0.5


class TestSettings:
    @pytest.mark.parametrize(
        ("build", "message"),
        [
            (lambda: S.Constant(math.nan), "Constant: expected lr to be a finite number >= 0, got"),
            (lambda: S.Constant("x"), "Constant: expected lr to be a finite number >= 0, got 'x'"),
            (lambda: S.StepDecay(1, 2.5), "StepDecay: expected steps to be an integer >= 1, got 2"),
            (lambda: S.StepDecay(1, 2, -1), "StepDecay: expected factor to be a finite number >= "),
            (lambda: S.MultiStep(1, [3, 2]), "MultiStep: expected milestones to be rising integer"),
            (lambda: S.MultiStep(1, [0]), "MultiStep: expected milestones to be rising integers"),
            (lambda: S.CosineDecay(1, 0), "CosineDecay: expected steps to be a finite number > 0,"),
            (lambda: S.CosineDecay(1, 5, -1), "CosineDecay: expected minimum to be a finite numbe"),
            (lambda: S.CosineRestarts(1, 5, 0), "CosineRestarts: expected multiplier to be a fini"),
            (lambda: S.CosineRestarts(1, 0), "CosineRestarts: expected period to be a finite numb"),
            (lambda: S.PolynomialDecay(1, 5, 0, -1), "PolynomialDecay: expected power to be a fin"),
            (lambda: S.OneCycle(1, 5, rise=1.5), "OneCycle: expected rise to be a fraction from 0"),
            (lambda: S.OneCycle(1, 5, first=0), "OneCycle: expected first to be a finite number >"),
            (lambda: S.OneCycle(1, 5, last=0), "OneCycle: expected last to be a finite number >= "),
            (lambda: S.OneCycle(1, 5, anneal="x"), "OneCycle: expected anneal to be 'cosine' or '"),
            (lambda: S.WarmUp(1, 5, -1), "WarmUp: expected start to be a finite number >= 0, got "),
            (lambda: S.Lambda(3), "Lambda: expected function to be a function of the step, got 3"),
            (lambda: S.Plateau(1, patience=-1), "Plateau: expected patience to be an integer >= 0"),
            (lambda: S.Plateau(1, cooldown=-1), "Plateau: expected cooldown to be an integer >= 0"),
            (lambda: S.Plateau(1, threshold=-1), "Plateau: expected threshold to be a finite numb"),
            (lambda: S.Plateau(1, mode="auto"), "Plateau: expected mode to be 'min' or 'max', got"),
            (lambda: S.Chained([1, 2], [3, 4]), "Chained: expected one milestone fewer than sched"),
        ],
    )  # fmt: skip
    def test_refused(self, build, message):
        with pytest.raises(ValueError, match=message):
            build()


class TestGetAndSave:
    def test_get(self):
        schedule = S.StepDecay(1.0, 3)
        assert S.get(schedule) is schedule
        assert S.get(0.1) == S.get(np.float64(0.1)) == S.Constant(0.1)
        assert S.get(lambda step: 2 * step)(3) == 6.0

    @pytest.mark.parametrize("value", [None, "cosine", [1]])
    def test_refused(self, value):
        with pytest.raises(
            TypeError, match="schedule: expected a Schedule, a number or a function"
        ):
            S.get(value)

    @pytest.mark.parametrize("name", [name for name in HAND if name != "lambda"])
    def test_saved(self, name):
        schedule, values = HAND[name]
        text = json.dumps(S.serialize(schedule))
        again = S.get(json.loads(text))
        assert type(again) is type(schedule)
        assert [again(step) for step in values] == [schedule(step) for step in values]
        assert json.dumps(S.serialize(again)) == text

    def test_table_is_complete(self):
        public = {v for v in vars(S).values() if isinstance(v, type) and issubclass(v, Schedule)}
        assert set(S.SCHEDULES.values()) | {S.Lambda, Schedule} == public
        assert {type(schedule) for schedule, _ in HAND.values()} | {S.Plateau, Schedule} == public
        plateau = S.Plateau(0.1, 0.5, 3, threshold=0.2, mode="max")
        assert S.get(S.serialize(plateau)) == plateau

    def test_functions_cannot_be_saved(self):
        with pytest.raises(TypeError, match="Lambda: expected a schedule that can be saved"):
            S.serialize(S.WarmUp(lambda step: 1.0, 3))

    def test_own_kinds_cannot_be_saved(self):
        class Mine(S.Constant):
            """Not in the table."""

        with pytest.raises(TypeError, match="schedule: expected one of dezero's own, got Mine"):
            S.serialize(Mine(1.0))

    def test_unknown_name(self):
        with pytest.raises(
            ValueError, match="schedule: unknown name 'cosine'. Did you mean 'cosin"
        ):
            S.get({"name": "cosine", "config": {}})
        with pytest.raises(ValueError, match="schedule: unknown name None"):
            S.get({})

    @pytest.mark.parametrize(
        "entry",
        [
            {"name": "constant"},
            {"name": "constant", "config": []},
            {"name": "constant", "config": {"rate": 1}},
            {"name": "constant", "config": {"lr": 1, "_now": 1}},
            {"name": "chained", "config": {"schedules": 3, "milestones": []}},
        ],
    )
    def test_foreign_configuration(self, entry):
        with pytest.raises(ValueError, match="schedule: expected a configuration of "):
            S.get(entry)

    def test_foreign_values(self):
        with pytest.raises(
            ValueError, match="MultiStep: expected milestones to be rising integers"
        ):
            S.get({"name": "multi_step", "config": {"lr": 1, "milestones": 3}})


@pytest.mark.oracle
class TestTorch:
    def compare(self, schedule, make, *, lr, steps=60):
        torch = pytest.importorskip("torch")
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
        theirs = make(torch.optim.lr_scheduler, optimizer)
        for step in range(steps):
            assert schedule(step) == pytest.approx(
                optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-15
            )
            optimizer.step()
            theirs.step()

    @pytest.mark.parametrize(
        ("schedule", "make"),
        [
            (S.StepDecay(0.3, 7, 0.5), lambda L, o: L.StepLR(o, 7, 0.5)),
            (S.MultiStep(0.3, [5, 20], 0.2), lambda L, o: L.MultiStepLR(o, [5, 20], 0.2)),
            (S.ExponentialDecay(0.3, 0.9), lambda L, o: L.ExponentialLR(o, 0.9)),
            (S.CosineDecay(0.3, 60, 0.01), lambda L, o: L.CosineAnnealingLR(o, 60, 0.01)),
            (
                S.CosineRestarts(0.3, 4, 2, 0.01),
                lambda L, o: L.CosineAnnealingWarmRestarts(o, 4, 2, 0.01),
            ),
            (S.CosineRestarts(0.3, 7), lambda L, o: L.CosineAnnealingWarmRestarts(o, 7)),
            (S.PolynomialDecay(0.3, 40, power=2.0), lambda L, o: L.PolynomialLR(o, 40, 2.0)),
            (S.Lambda(lambda t: 0.3 / (1 + t)), lambda L, o: L.LambdaLR(o, lambda t: 1 / (1 + t))),
            (S.WarmUp(0.3, 10, 0.03), lambda L, o: L.LinearLR(o, 0.1, 1.0, 10)),
        ],
    )
    def test_equal(self, schedule, make):
        self.compare(schedule, make, lr=0.3)

    @pytest.mark.parametrize("anneal", ["cosine", "linear"])
    @pytest.mark.parametrize("rise", [0.3, 0.1, 0.77])
    def test_one_cycle(self, anneal, rise):
        theirs = {"cosine": "cos", "linear": "linear"}[anneal]
        self.compare(
            S.OneCycle(0.3, 60, rise=rise, anneal=anneal),
            lambda L, o: L.OneCycleLR(o, 0.3, 60, pct_start=rise, anneal_strategy=theirs),
            lr=0.1,
            steps=59,
        )

    def test_sequential(self):
        self.compare(
            S.Chained([S.WarmUp(0.3, 10, 0.03), S.StepDecay(0.3, 5, 0.5)], [10]),
            lambda L, o: L.SequentialLR(o, [L.LinearLR(o, 0.1, 1, 10), L.StepLR(o, 5, 0.5)], [10]),
            lr=0.3,
        )

    @pytest.mark.parametrize("mode", ["min", "max"])
    @pytest.mark.parametrize("relative", [True, False])
    @pytest.mark.parametrize("cooldown", [0, 3])
    def test_plateau(self, mode, relative, cooldown):
        torch = pytest.importorskip("torch")
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode, 0.5, 2, threshold=0.05, threshold_mode="rel" if relative else "abs",
            cooldown=cooldown, min_lr=0.02, eps=0,
        )  # fmt: skip
        ours = S.Plateau(
            0.3,
            0.5,
            2,
            threshold=0.05,
            relative=relative,
            cooldown=cooldown,
            minimum=0.02,
            mode=mode,
        )
        values = 1 + np.cumsum(np.random.default_rng(3).normal(0, 0.05, 80)) ** 2
        for step, value in enumerate(values):
            ours.report(value)
            theirs.step(value)
            assert ours(step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        assert ours(0) < 0.3

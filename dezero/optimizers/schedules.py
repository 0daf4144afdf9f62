"""Learning rates as functions of the number of updates done so far.

`schedule(step)` is the rate of update number `step`, counted from 0. For lengths in passes over the
data multiply by the updates of one pass. Only `Plateau` has a memory; the others can be asked for
any step in any order.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, cast

from dezero.core.errors import lookup
from dezero.optimizers.schedule_base import Schedule
from dezero.optimizers.schedule_decays import (
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PolynomialDecay,
    cosine,
    linear,
)

__all__ = [
    "SCHEDULES",
    "Chained",
    "Constant",
    "CosineDecay",
    "CosineRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "Lambda",
    "MultiStep",
    "OneCycle",
    "Plateau",
    "PolynomialDecay",
    "Schedule",
    "StepDecay",
    "WarmUp",
    "get",
    "serialize",
]


@dataclass
class Constant(Schedule):
    """The same rate for ever."""

    lr: float

    def __call__(self, step: int) -> float:
        return self.lr


@dataclass
class StepDecay(Schedule):
    """`lr * factor ** (step // steps)`: a drop after every `steps` updates."""

    lr: float
    steps: int
    factor: float = 0.1

    def __call__(self, step: int) -> float:
        return self.lr * self.factor ** (step // self.steps)


@dataclass
class MultiStep(Schedule):
    """`lr * factor ** k`, where k of the `milestones` (rising update numbers) are reached."""

    lr: float
    milestones: Sequence[int]
    factor: float = 0.1

    def __call__(self, step: int) -> float:
        return self.lr * self.factor ** bisect_right(self.milestones, step)


@dataclass
class OneCycle(Schedule):
    """Rise from `lr / first` to `lr` over the fraction `rise` of `steps`, then fall far below.

    The last of the `steps` updates has the rate `lr / first / last`, and so has any after it.

    Reference:
        Smith and Topin 2018, "Super-convergence"; two phases and their ends as in PyTorch.
    """

    lr: float
    steps: int
    _: KW_ONLY
    rise: float = 0.3
    first: float = 25.0
    last: float = 1e4
    anneal: str = "cosine"

    def __call__(self, step: int) -> float:
        between = cosine if self.anneal == "cosine" else linear
        low, peak, end = self.lr / self.first, self.rise * self.steps - 1, self.steps - 1
        if step <= peak and peak > 0:
            return between(low, self.lr, step / peak)
        peak = max(peak, 0.0)
        done = (step - peak) / (end - peak) if step < end else 1.0
        return between(self.lr, low / self.last, done)


@dataclass
class WarmUp(Schedule):
    """From `start` in a straight line to `schedule(0)` over `steps` updates, then `schedule`.

    Args:
        schedule: a Schedule or a fixed rate; it counts its own steps from the end of the warm-up.
        steps: updates of the warm-up.
        start: rate of update 0.
    """

    schedule: Schedule | float
    steps: int
    start: float = 0.0
    _then: Schedule = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._then = get(self.schedule)

    def __call__(self, step: int) -> float:
        if step < self.steps:
            return linear(self.start, self._then(0), step / self.steps)
        return self._then(step - self.steps)

    def report(self, value: float) -> None:
        self._then.report(value)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "schedule": serialize(self._then)}

    def state_dict(self) -> dict[str, Any]:
        return {"schedule": self._then.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        self._then.load_state_dict(state["schedule"])


@dataclass
class Lambda(Schedule):
    """`function(step)`, any function of your own; it cannot be saved with a model."""

    function: Callable[[int], float]

    def __call__(self, step: int) -> float:
        return float(self.function(step))

    def config(self) -> dict[str, Any]:
        raise TypeError(
            "Lambda: expected a schedule that can be saved, got a function. "
            "Use another schedule, or a subclass of Schedule in your own code."
        )


@dataclass
class Chained(Schedule):
    """One schedule after the other: `schedules[k]` from `milestones[k - 1]` on.

    Args:
        schedules: Schedules or fixed rates; each counts its own steps from where it begins.
        milestones: update numbers at which the next takes over, one fewer than schedules.
    Note:
        `report` reaches all of them, also those whose turn is not now.
    """

    schedules: Sequence[Schedule | float]
    milestones: Sequence[int]
    _parts: list[Schedule] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._parts = [get(schedule) for schedule in self.schedules]
        if len(self._parts) != len(self.milestones) + 1:
            raise ValueError(
                f"Chained: expected one milestone fewer than schedules, got {len(self._parts)} "
                f"schedules and {len(self.milestones)} milestones. Say where each next one begins."
            )

    def __call__(self, step: int) -> float:
        k = bisect_right(self.milestones, step)
        return self._parts[k](step - self.milestones[k - 1] if k else step)

    def report(self, value: float) -> None:
        for part in self._parts:
            part.report(value)

    def config(self) -> dict[str, Any]:
        return {**super().config(), "schedules": [serialize(part) for part in self._parts]}

    def state_dict(self) -> dict[str, Any]:
        return {str(k): part.state_dict() for k, part in enumerate(self._parts)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        for k, part in enumerate(self._parts):
            part.load_state_dict(state[str(k)])


@dataclass
class Plateau(Schedule):
    """Multiply the rate by `factor` when what is reported stops getting better.

    Args:
        lr: rate at the start.
        factor: below 1.
        patience: reports without an improvement that are let pass; the next one lowers the rate.
        threshold: an improvement counts if it is larger than `threshold * abs(best)`, or than
            `threshold` itself where `relative` is False.
        cooldown: reports after a drop during which none is counted as bad.
        minimum: the rate never falls below it.
        mode: "min" if smaller is better, "max" if larger is.
    Note:
        NaN counts as no improvement. Values below zero are compared by their size; PyTorch keeps
        the sign in its relative threshold, and so calls a slightly worse value better there.
    """

    lr: float
    factor: float = 0.1
    patience: int = 10
    _: KW_ONLY
    threshold: float = 1e-4
    relative: bool = True
    cooldown: int = 0
    minimum: float = 0.0
    mode: str = "min"
    _now: float = field(init=False, repr=False)
    _best: float | None = field(init=False, repr=False, default=None)
    _bad: int = field(init=False, repr=False, default=0)
    _resting: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._now = self.lr

    def __call__(self, step: int) -> float:
        return self._now

    def report(self, value: float) -> None:
        """Compare `value` with the best so far, and lower the rate once patience is used up."""
        value = float(value)
        if self._improves(value):
            self._best, self._bad = value, 0
        else:
            self._bad += 1
        if self._resting:
            self._resting, self._bad = self._resting - 1, 0
        if self._bad > self.patience:
            self._now = min(self._now, max(self._now * self.factor, self.minimum))
            self._resting, self._bad = self.cooldown, 0

    def _improves(self, value: float) -> bool:
        if self._best is None:
            return not math.isnan(value)
        gain = self._best - value if self.mode == "min" else value - self._best
        if math.isinf(self._best):
            return gain > 0
        return gain > self.threshold * (abs(self._best) if self.relative else 1.0)

    def state_dict(self) -> dict[str, Any]:
        return {"now": self._now, "best": self._best, "bad": self._bad, "resting": self._resting}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        super().load_state_dict(state)
        best = state["best"]
        self._now, self._best = float(state["now"]), None if best is None else float(best)
        self._bad, self._resting = int(state["bad"]), int(state["resting"])


SCHEDULES: dict[str, type[Schedule]] = {
    "chained": Chained,
    "constant": Constant,
    "cosine_decay": CosineDecay,
    "cosine_restarts": CosineRestarts,
    "exponential_decay": ExponentialDecay,
    "inverse_time_decay": InverseTimeDecay,
    "multi_step": MultiStep,
    "one_cycle": OneCycle,
    "plateau": Plateau,
    "polynomial_decay": PolynomialDecay,
    "step_decay": StepDecay,
    "warm_up": WarmUp,
}


def get(schedule: Any) -> Schedule:
    """Return a Schedule from one, from a fixed rate, a function of the step, or `serialize`'s dict.

    Raises:
        TypeError: it is none of these.
        ValueError: the name is not in `SCHEDULES`, or does not take such a configuration.
    """
    if isinstance(schedule, Schedule):
        return schedule
    if isinstance(schedule, Mapping):
        kind = lookup("schedule", schedule.get("name"), SCHEDULES)
        try:
            return kind(**{key: _rebuilt(value) for key, value in schedule["config"].items()})
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"schedule: expected a configuration of {kind.__name__}, got {schedule!r} "
                f"({error}). Was it changed by hand?"
            ) from error
    if callable(schedule):
        return Lambda(cast(Callable[[int], float], schedule))
    if hasattr(schedule, "__float__"):
        return Constant(float(schedule))
    raise TypeError(
        f"schedule: expected a Schedule, a number or a function of the step, got {schedule!r}. "
        "Build one, such as CosineDecay(0.1, steps=1000)."
    )


def serialize(schedule: Schedule) -> dict[str, Any]:
    """Return `{"name", "config"}`, from which `get` builds an equal schedule."""
    names = [name for name, kind in SCHEDULES.items() if kind is type(schedule)]
    if not names:
        schedule.config()  # says why a Lambda cannot be saved
        raise TypeError(
            f"schedule: expected one of dezero's own, got {type(schedule).__name__}. "
            "Only those in SCHEDULES can be saved with a model."
        )
    return {"name": names[0], "config": schedule.config()}


def _rebuilt(value: Any) -> Any:
    if isinstance(value, list):
        return [_rebuilt(v) for v in value]
    return get(value) if isinstance(value, Mapping) else value

"""What every schedule of the learning rate shares: checked settings, configuration, memory."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

__all__ = ["Schedule"]


def _number(low: float, high: float = math.inf) -> Callable[[Any], bool]:
    return lambda v: hasattr(v, "__float__") and math.isfinite(v) and low <= v <= high


def _count(low: int) -> Callable[[Any], bool]:
    return lambda v: hasattr(v, "__index__") and v >= low


def _rising(values: Any) -> bool:
    return (
        isinstance(values, list | tuple)
        and all(map(_count(1), values))
        and all(a < b for a, b in zip(values, values[1:], strict=False))
    )


# What an argument of that name must be, in every schedule that has it.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "lr": (_number(0), "a finite number >= 0"),
    "minimum": (_number(0), "a finite number >= 0"),
    "start": (_number(0), "a finite number >= 0"),
    "threshold": (_number(0), "a finite number >= 0"),
    "power": (_number(0), "a finite number >= 0"),
    "factor": (_number(0), "a finite number >= 0"),
    "shrink": (_number(0), "a finite number >= 0"),
    "rise": (_number(0, 1), "a fraction from 0 to 1"),
    "first": (_number(1), "a finite number >= 1"),
    "last": (_number(1), "a finite number >= 1"),
    "steps": (_count(1), "an integer >= 1"),
    "period": (_count(1), "an integer >= 1"),
    "multiplier": (_count(1), "an integer >= 1"),
    "patience": (_count(0), "an integer >= 0"),
    "cooldown": (_count(0), "an integer >= 0"),
    "anneal": (lambda v: v in ("cosine", "linear"), "'cosine' or 'linear'"),
    "mode": (lambda v: v in ("min", "max"), "'min' or 'max'"),
    "milestones": (_rising, "rising integers >= 1"),
    "function": (callable, "a function of the step"),
}
_FRACTIONAL: dict[str, tuple[Callable[[Any], bool], str]] = {
    "steps": (lambda v: _number(0)(v) and v > 0, "a finite number > 0"),
    "period": (lambda v: _number(0)(v) and v > 0, "a finite number > 0"),
    "multiplier": (_number(1), "a finite number >= 1"),
}


@dataclass
class Schedule:
    """Base: a subclass is a dataclass of its settings with a `__call__`."""

    # Whether its lengths need not be whole numbers of updates.
    fractional: ClassVar[bool] = False

    def __post_init__(self) -> None:
        rules = {**_RULES, **_FRACTIONAL} if self.fractional else _RULES
        for key, value in self._settings().items():
            valid, what = rules.get(key, (lambda _: True, ""))
            if not valid(value):
                raise ValueError(
                    f"{type(self).__name__}: expected {key} to be {what}, got {value!r}. Change it."
                )

    def __call__(self, step: int) -> float:
        """Return the learning rate of update number `step`, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__}: expected a __call__(step). Write it.")

    def report(self, value: float) -> None:
        """Tell the schedule a measured value, such as a validation loss; most do not listen."""

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, fit for JSON."""
        return {key: _plain(value) for key, value in self._settings().items()}

    def state_dict(self) -> dict[str, Any]:
        """Return what `report` has changed, as plain values; empty without a memory."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned."""
        expected = set(self.state_dict())
        if set(state) != expected:
            raise ValueError(
                f"{type(self).__name__}: expected a state with {sorted(expected)}, "
                f"got {sorted(state)}. Is it the state of another schedule?"
            )

    def _settings(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value

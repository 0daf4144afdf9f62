"""Keras's schedules: learning rates as functions of the number of updates, over dezero's own."""

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any

from dezero.keras.identifiers import Names
from dezero.optimizers import schedules

__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
    "LearningRateSchedule", "PiecewiseConstantDecay", "PolynomialDecay", "deserialize", "serialize",
]  # fmt: skip


class LearningRateSchedule:
    """Base: yours defines `__call__(step)`, which returns a rate, and `get_config`."""

    fields: tuple[str, ...] = ()
    name: str

    def __call__(self, step: Any) -> Any:
        """Return the rate of update number `step`, counted from 0."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected the subclass to define __call__(step). Write it."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return {field: getattr(self, field) for field in (*self.fields, "name")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned."""
        return cls(**config)


class _Ready(LearningRateSchedule):
    """A schedule whose rates come from one of the library's own."""

    def _keep(self, rule: schedules.Schedule, values: Mapping[str, Any]) -> None:
        self._rule = rule
        hidden = ("self", "rule", "peak", "name", "__class__")
        self.fields = tuple(name for name in values if name not in hidden)
        self.__dict__.update({name: values[name] for name in self.fields})
        self.name = values["name"]

    def __call__(self, step: Any) -> float:
        return self._rule(int(step))


class ExponentialDecay(_Ready):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`, in stairs if `staircase`."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        rule = schedules.ExponentialDecay(initial_learning_rate, decay_rate, decay_steps, staircase)
        self._keep(rule, locals())


class InverseTimeDecay(_Ready):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`, in stairs if `staircase`."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        rule = schedules.InverseTimeDecay(initial_learning_rate, decay_rate, decay_steps, staircase)
        self._keep(rule, locals())


class PiecewiseConstantDecay(_Ready):
    """`values[k]` up to and including step `boundaries[k]`, then the next value.

    Args:
        boundaries: rising steps.
        values: rates, one more than boundaries.
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                f"PiecewiseConstantDecay: expected one value more than boundaries, got "
                f"{len(values)} and {len(boundaries)}. Give the rate before the first boundary too."
            )
        rates = [float(value) for value in values]
        rule = schedules.Chained(rates, [floor(bound) + 1 for bound in boundaries])
        boundaries, values = list(boundaries), list(values)
        self._keep(rule, {"boundaries": boundaries, "values": values, "name": name})


class PolynomialDecay(_Ready):
    """From `initial_learning_rate` to `end_learning_rate` along (1 - step / decay_steps) ** power.

    Args:
        initial_learning_rate, decay_steps, end_learning_rate, power: as above.
        cycle: begin anew at the end instead of staying there, each time twice, thrice, ... as long.
    """

    def __init__(  # noqa: PLR0917
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        rule = schedules.PolynomialDecay(
            initial_learning_rate, decay_steps, end_learning_rate, power, cycle
        )
        self._keep(rule, locals())


class CosineDecay(_Ready):
    """Half a cosine from the initial rate down to `alpha` times it.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: updates of the fall.
        alpha: what is left at the end, as a share of where the fall began.
        name: name.
        warmup_target: rise in a straight line to this rate first, and fall from there.
        warmup_steps: updates of the rise.
    """

    def __init__(  # noqa: PLR0917
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        peak = initial_learning_rate if warmup_target is None else warmup_target
        rule: schedules.Schedule = schedules.CosineDecay(peak, decay_steps, alpha * peak)
        if warmup_target is not None and warmup_steps:
            rule = schedules.WarmUp(rule, warmup_steps, initial_learning_rate)
        self._keep(rule, locals())


class CosineDecayRestarts(_Ready):
    """`CosineDecay` begun anew, each time `t_mul` times as long and from `m_mul` times the rate."""

    def __init__(  # noqa: PLR0917
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        rule = schedules.CosineRestarts(
            initial_learning_rate, first_decay_steps, t_mul, alpha * initial_learning_rate, m_mul
        )
        self._keep(rule, locals())


NAMES = Names(
    "schedule",
    (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    ),
)


def serialize(learning_rate_schedule: Any) -> Any:
    """Return {"class_name", "config"} of a schedule."""
    return NAMES.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the schedule that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)

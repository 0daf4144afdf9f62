"""Rates that fall along a curve; lengths need not be whole numbers of updates."""

import math
from dataclasses import dataclass
from typing import ClassVar

from dezero.optimizers.schedule_base import Schedule

__all__ = [
    "CosineDecay",
    "CosineRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PolynomialDecay",
]


class _Falling(Schedule):
    fractional: ClassVar[bool] = True


@dataclass
class ExponentialDecay(_Falling):
    """`lr * factor ** (step / steps)`, in stairs (whole powers only) if `staircase`."""

    lr: float
    factor: float
    steps: float = 1
    staircase: bool = False

    def __call__(self, step: int) -> float:
        power = step // self.steps if self.staircase else step / self.steps
        return self.lr * self.factor**power


@dataclass
class InverseTimeDecay(_Falling):
    """`lr / (1 + factor * step / steps)`, in stairs (whole multiples only) if `staircase`."""

    lr: float
    factor: float
    steps: float = 1
    staircase: bool = False

    def __call__(self, step: int) -> float:
        done = step // self.steps if self.staircase else step / self.steps
        return self.lr / (1.0 + self.factor * done)


@dataclass
class CosineDecay(_Falling):
    """`minimum + (lr - minimum) * (1 + cos(pi * step / steps)) / 2`, then `minimum` for ever.

    Reference:
        Loshchilov and Hutter 2017, "SGDR", eq. 5 without restarts.
    """

    lr: float
    steps: float
    minimum: float = 0.0

    def __call__(self, step: int) -> float:
        return cosine(self.lr, self.minimum, min(step / self.steps, 1.0))


@dataclass
class CosineRestarts(_Falling):
    """`CosineDecay` begun anew after `period` updates, each period `multiplier` times the last.

    Reference:
        Loshchilov and Hutter 2017, "SGDR", eq. 5: `period` is T_0, `multiplier` is T_mult.
    """

    lr: float
    period: float
    multiplier: float = 1
    minimum: float = 0.0
    shrink: float = 1.0

    def __call__(self, step: int) -> float:
        done, length, cycles = float(step), self.period, 0
        if self.multiplier == 1:
            cycles, done = divmod(done, length)
        while done >= length:
            done -= length
            length *= self.multiplier
            cycles += 1
        peak = self.minimum + (self.lr - self.minimum) * self.shrink**cycles
        return cosine(peak, self.minimum, done / length)


@dataclass
class PolynomialDecay(_Falling):
    """`minimum + (lr - minimum) * (1 - step / steps) ** power`, then `minimum` for ever.

    With `cycle` it begins anew instead, each time from a rate nearer to `minimum`: `steps` is then
    the next multiple of itself.
    """

    lr: float
    steps: float
    minimum: float = 0.0
    power: float = 1.0
    cycle: bool = False

    def __call__(self, step: int) -> float:
        length = self.steps * max(math.ceil(step / self.steps), 1) if self.cycle else self.steps
        left = max(1.0 - step / length, 0.0)
        return self.minimum + (self.lr - self.minimum) * left**self.power


def linear(start: float, end: float, done: float) -> float:
    """Return what lies the share `done` of the way along a straight line."""
    return start + (end - start) * done


def cosine(start: float, end: float, done: float) -> float:
    """Return what lies the share `done` of the way along half a cosine."""
    return end + (start - end) * (1.0 + math.cos(math.pi * done)) / 2.0

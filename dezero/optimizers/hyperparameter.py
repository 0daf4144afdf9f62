"""Hyperparameters: checked whenever they are assigned, not in the constructor alone."""

import inspect
import math
from typing import Any

from dezero.core.errors import describe


def as_number(value: Any) -> float | None:
    """Return `value` as a Python float; None unless it is one number."""
    if isinstance(value, str | bytes) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def checked_rate(owner: str, value: Any) -> Any:
    """Return a learning rate as float, and a schedule, which is a callable, as it is."""
    if callable(value):
        return value
    number = as_number(value)
    if number is None or not 0 <= number < math.inf:
        raise (TypeError if number is None else ValueError)(
            f"{owner}: expected lr to be a finite number >= 0 or a schedule, "
            f"got {describe(value)}. 0.001 to 0.1 are usual."
        )
    return number


class Hyperparameter:
    """A number in a range, kept on the optimizer as a Python float.

    NumPy's own scalars would widen float32 arrays. There is no `__get__`: reading the attribute
    finds the float in the instance, at the usual speed.

    Args:
        high: the number is at least 0 and below high.
        usual: an example, for the error.
    """

    def __init__(self, high: float, usual: float) -> None:
        self.high, self.usual = high, usual

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, optimizer: Any, value: Any) -> None:
        number = as_number(value)
        if number is None or not 0 <= number < self.high:
            kind = TypeError if number is None else ValueError
            limit = "finite" if math.isinf(self.high) else f"< {self.high:g}"
            raise kind(
                f"{type(optimizer).__name__}: expected {self.name} >= 0 and {limit}, "
                f"got {describe(value)}. {self.usual:g} is usual."
            )
        optimizer.__dict__[self.name] = number


def fraction(usual: float) -> Any:
    """Declare a number from 0 to below 1: a momentum, or the decay of an average."""
    return Hyperparameter(1.0, usual)


def positive(usual: float) -> Any:
    """Declare a finite number of at least 0."""
    return Hyperparameter(math.inf, usual)


class Flag:
    """A hyperparameter that is True or False."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, optimizer: Any, value: Any) -> None:
        if not isinstance(value, bool):
            raise TypeError(
                f"{type(optimizer).__name__}: expected {self.name} to be True or False, "
                f"got {describe(value)}. Give one of them."
            )
        optimizer.__dict__[self.name] = value


def names_of(optimizer: Any) -> list[str]:
    """Return the names of the constructor's arguments."""
    arguments = inspect.signature(type(optimizer).__init__).parameters.values()
    plain = [a.name for a in arguments if a.kind not in (a.VAR_POSITIONAL, a.VAR_KEYWORD)]
    return plain[1:]


def values_of(optimizer: Any) -> dict[str, Any]:
    """Return {argument: value}, a schedule as it was given.

    Raises:
        TypeError: an argument is not kept as an attribute.
    """
    values = {}
    for name in names_of(optimizer):
        attribute = "schedule" if name == "lr" else name
        if not hasattr(optimizer, attribute):
            raise TypeError(
                f"{type(optimizer).__name__}: expected its argument {name!r} to be kept as an "
                f"attribute, got none. Write self.{name} = {name} in __init__."
            )
        values[name] = getattr(optimizer, attribute)
    return values

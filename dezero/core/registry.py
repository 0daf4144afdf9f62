"""The table of everything anyone may call on Variables: operators, NumPy and tests read it."""

from collections.abc import Callable
from typing import Any, TypeVar

DIFFERENTIABLE: dict[str, Callable[..., Any]] = {}
NONDIFFERENTIABLE: dict[str, Callable[..., Any]] = {}
FUNCTION_CLASSES: list[type] = []
# NumPy's name for a function where it differs from ours: {"concatenate": "concat"}.
NUMPY_NAMES: dict[str, str] = {}
# What notebooks show of a Variable below its values: {"graph": function from it to HTML}.
DISPLAYS: dict[str, Callable[[Any], str]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def differentiable(func: F) -> F:
    """Enter `func` as one whose result carries gradients; its spec is checked to second order."""
    DIFFERENTIABLE[func.__name__] = func
    return func


def nondifferentiable(func: F) -> F:
    """Enter `func` as one whose result never carries a gradient, such as `argmax`."""
    NONDIFFERENTIABLE[func.__name__] = func
    return func


def find(name: str) -> Callable[..., Any] | None:
    """Return the function called `name` here or in NumPy, or None."""
    name = NUMPY_NAMES.get(name, name)
    return DIFFERENTIABLE.get(name) or NONDIFFERENTIABLE.get(name)

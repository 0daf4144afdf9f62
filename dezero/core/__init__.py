"""Floor 1, the engine: Variables, Functions and the loop that differentiates them.

Read `backprop.py` first, then `function.py` and `variable.py`. Old scripts that say
`dezero.core.add` find every function here too.
"""

from typing import Any

from dezero.core.config import Config, no_grad, test_mode, using_config
from dezero.core.dtypes import floating, promote
from dezero.core.function import Function
from dezero.core.hooks import FunctionHook
from dezero.core.registry import differentiable, find, nondifferentiable
from dezero.core.variable import Parameter, Variable, as_array, as_variable

__all__ = [
    "Config",
    "Function",
    "FunctionHook",
    "Parameter",
    "Variable",
    "as_array",
    "as_variable",
    "differentiable",
    "floating",
    "no_grad",
    "nondifferentiable",
    "promote",
    "setup_variable",
    "test_mode",
    "using_config",
]


def setup_variable() -> None:
    """Do nothing: Variables have their operators from the start. The book's scripts call it."""


def __getattr__(name: str) -> Any:
    func = find(name)
    if func is None:
        raise AttributeError(f"dezero.core: expected one of its names, got {name!r}.")
    return func

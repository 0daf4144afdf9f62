"""Floor 1, the engine: Variables, Functions and the loop that differentiates them.

Read `backprop.py` first, then `function.py` and `variable.py`. Old scripts that say
`dezero.core.add` or `dezero.core.Add` find every function and its class here too.
"""

from typing import Any

from dezero.core.config import Config, no_grad, test_mode, using_config
from dezero.core.dtypes import floating, promote
from dezero.core.function import Function
from dezero.core.hooks import FunctionHook
from dezero.core.registry import FUNCTION_CLASSES, differentiable, find, nondifferentiable
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
# For `from dezero.core import *`: the book's arithmetic, which __getattr__ below finds.
__all__ += "Add Div Mul Neg Pow Sub add div mul neg pow rdiv rsub sub".split()  # pyright: ignore


def setup_variable() -> None:
    """Do nothing: Variables have their operators from the start. The book's scripts call it."""


def __getattr__(name: str) -> Any:
    func = find(name)
    if func is not None:
        return func
    for cls in FUNCTION_CLASSES:
        if cls.__name__ == name and cls.__module__.startswith("dezero.functions."):
            return cls
    raise AttributeError(f"dezero.core: expected one of its names, got {name!r}.")

"""What CuPy 14.2 has: its names and signatures, from `tests/backend/cupy/snapshot.json`."""

import ast
import functools
import inspect
import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parents[1] / "backend" / "cupy" / "snapshot.json"
SNAPSHOT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
FUNCTIONS: dict[str, dict[str, str]] = SNAPSHOT["functions"]
NAMES = {module: frozenset(names) for module, names in SNAPSHOT["names"].items()}
UFUNCS: dict[str, dict[str, Any]] = SNAPSHOT["ufuncs"]
METHODS: dict[str, str] = SNAPSHOT["methods"]
UFUNC_KEYWORDS = {"casting", "dtype", "out"}


def check_arguments(name: str, signature: str, args: tuple, kwargs: dict[str, Any]) -> None:
    """Refuse arguments that CuPy's function of this signature does not take."""
    try:
        parsed(signature).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"strict device: CuPy has {name}{signature}: {error}.") from None


@functools.cache
def parsed(signature: str) -> inspect.Signature:
    """Return a signature written as in a `def`; its defaults are only there, not the values."""
    function = ast.parse(f"def f{signature}: pass").body[0]
    arguments = function.args  # type: ignore[attr-defined]
    kinds = inspect.Parameter
    plain = [*arguments.posonlyargs, *arguments.args]
    needed = len(plain) - len(arguments.defaults)
    found = []
    for i, argument in enumerate(plain):
        only = i < len(arguments.posonlyargs)
        kind = kinds.POSITIONAL_ONLY if only else kinds.POSITIONAL_OR_KEYWORD
        found.append(_parameter(argument.arg, kind, i >= needed))
    if arguments.vararg:
        found.append(_parameter(arguments.vararg.arg, kinds.VAR_POSITIONAL))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(argument.arg, kinds.KEYWORD_ONLY, default is not None))
    if arguments.kwarg:
        found.append(_parameter(arguments.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(found)


def _parameter(name: str, kind: Any, has_default: bool = False) -> inspect.Parameter:
    default = None if has_default else inspect.Parameter.empty
    return inspect.Parameter(name, kind, default=default)


@functools.cache
def loops(ufunc: str) -> tuple[tuple[str, str], ...]:
    """Return the (inputs, outputs) letters of the loops that CuPy's ufunc of this name has."""
    pairs = (loop.split("->") for loop in UFUNCS[ufunc]["types"].split())
    return tuple((inputs, outputs) for inputs, outputs in pairs)

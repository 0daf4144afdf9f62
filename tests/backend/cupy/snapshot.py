"""The names and signatures of CuPy 14.2, which `tests/strict` holds the library to.

    python tests/backend/cupy/snapshot.py           # write snapshot.json
    python tests/backend/cupy/snapshot.py --diff    # compare it with the installed CuPy

Needs CuPy, but neither a driver nor a GPU. `--diff` ends with 1 if anything differs.
"""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PATH = Path(__file__).with_name("snapshot.json")
# The modules whose names the double knows; "" is the top.
MODULES = ("", "fft", "lib.stride_tricks", "linalg", "random")
UFUNC_METHODS = {"reduce": 1, "accumulate": 1, "at": 3, "outer": 2, "reduceat": 2}
SPECIAL = (
    "len iter getitem setitem contains index bool int float complex array array_ufunc "
    "array_function copy deepcopy reduce hash neg pos abs invert divmod rdivmod eq ne lt le gt ge "
    "format str repr"
).split()
BINARY = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()


def take() -> dict[str, Any]:
    """Return the snapshot of the CuPy that is installed."""
    cupy = importlib.import_module("cupy")
    modules = {name: importlib.import_module(f"cupy.{name}".rstrip(".")) for name in MODULES}
    return {
        "version": ".".join(cupy.__version__.split(".")[:2]),
        "functions": {name: _functions(module, cupy) for name, module in modules.items()},
        "names": {name: _other_names(module) for name, module in modules.items()},
        "ufuncs": dict(_ufuncs(cupy)),
        "methods": dict(_methods(cupy.ndarray)),
        "attributes": _attributes(cupy.ndarray),
        "special": _special(cupy.ndarray),
    }


def _public(module: Any) -> list[str]:
    return [name for name in sorted(dir(module)) if not name.startswith("_")]


def _functions(module: ModuleType, cupy: ModuleType) -> dict[str, str]:
    found = {}
    for name in _public(module):
        value = getattr(module, name)
        if callable(value) and not isinstance(value, type | cupy.ufunc):
            found[name] = _signature(value)
    return found


def _signature(func: Callable[..., Any]) -> str:
    """Return such as "(a, axis=None)"; defaults that are no literals become an ellipsis."""
    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):  # written in Cython: the double lets any arguments pass
        return "(*args, **kwargs)"
    parameters = [
        p.replace(annotation=inspect.Parameter.empty, default=_default(p))
        for p in signature.parameters.values()
    ]
    plain = signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)
    return str(plain).replace("Ellipsis", "...")


def _default(parameter: inspect.Parameter) -> Any:
    value = parameter.default
    literal = value is inspect.Parameter.empty or isinstance(
        value, bool | int | float | str | type(None)
    )
    return value if literal else ...


def _other_names(module: ModuleType) -> list[str]:
    """Classes, constants: what is neither function nor module."""
    found = [(name, getattr(module, name)) for name in _public(module)]
    return [
        name
        for name, value in found
        if isinstance(value, type) or not (callable(value) or inspect.ismodule(value))
    ]


def _ufuncs(cupy: ModuleType) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in _public(cupy):
        ufunc = getattr(cupy, name)
        if isinstance(ufunc, cupy.ufunc):
            methods = [m for m, count in UFUNC_METHODS.items() if _is_there(ufunc, m, count)]
            yield name, {"types": " ".join(ufunc.types), "methods": methods}


def _is_there(ufunc: Any, method: str, count: int) -> bool:
    """Whether a ufunc has a method: CuPy says no before it looks at the arguments."""
    try:
        getattr(ufunc, method)(*[None] * count)
    except NotImplementedError:
        return False
    except Exception:  # it went on to the arguments, which are nonsense
        return True
    return True


def _methods(array: type) -> Iterator[tuple[str, str]]:
    """The signatures of Cython's methods are the first lines of their docstrings."""
    for name in _public(array):
        method = getattr(array, name)
        if callable(method):
            first = (method.__doc__ or "").partition("\n")[0]
            found = re.search(r"\((.*)\)( ->.*)?$", first)
            yield name, f"({_cleaned(found[1])})" if found else "(*args, **kwargs)"


def _cleaned(parameters: str) -> str:
    """Without self and the types that Cython writes before names."""
    parts = [re.sub(r"^\w+ (?=\w)", "", part.strip()) for part in parameters.split(",")]
    return ", ".join(part for part in parts if part != "self")


def _attributes(array: type) -> list[str]:
    return [name for name in _public(array) if not callable(getattr(array, name))]


def _special(array: type) -> list[str]:
    """Which of the names with two underscores an array has for its own."""
    wanted = [*SPECIAL, *(f"{prefix}{op}" for op in BINARY for prefix in ("", "r", "i"))]
    names = (f"__{name}__" for name in sorted(wanted))
    return [
        name
        for name in names
        if getattr(array, name, None) not in (None, getattr(object, name, None))
    ]


def differences(old: Any, new: Any, path: str = "cupy") -> list[str]:
    """Return a line for each place where two snapshots differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted({*old, *new})
        return [
            line
            for key in keys
            for line in differences(old.get(key), new.get(key), f"{path}.{key or 'top'}")
        ]
    if isinstance(old, list) and isinstance(new, list):
        gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        return [f"{path}: gone {gone}, new {come}"] if gone or come else []
    return [] if old == new else [f"{path}: snapshot {old}, installed {new}"]


def main(arguments: list[str]) -> int:
    """Write the snapshot, or compare it; return the exit status."""
    if arguments not in ([], ["--diff"]):
        print(__doc__)
        return 2
    new = take()
    if not arguments:
        PATH.write_text(json.dumps(new, indent=1, sort_keys=True) + "\n", "utf-8")
        print(f"{PATH.name}: CuPy {new['version']}, {len(new['functions'][''])} functions")
        return 0
    found = differences(json.loads(PATH.read_text("utf-8")), new)
    print("\n".join(found) or f"CuPy {new['version']} is as the snapshot says.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

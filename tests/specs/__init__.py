"""What a spec is. The tables beside this file hold data only; `tests/test_specs.py` runs them.

A new function needs one line in the table of its module:

    spec(F.softplus, (3, 4), oracle=lambda x: np.log1p(np.exp(x)), elementwise=True)
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple


class Const(NamedTuple):
    """An argument handed over as it is and not differentiated; arrays move with the device."""

    value: Any


def const(value: Any) -> Const:
    """Mark `value` as an argument that is not differentiated: an index, a mask, a number."""
    return Const(value)


@dataclass(frozen=True, eq=False)
class Spec:
    """One call of one function, and what is known about it; see `spec` for the fields."""

    func: Callable[..., Any]
    args: tuple
    id: str
    kwargs: dict = field(default_factory=dict)
    oracle: Callable[..., Any] | None = None
    low: float | Sequence[float] = -1.0
    high: float | Sequence[float] = 1.0
    kinks: Sequence[float] | Callable[..., Any] = ()
    elementwise: bool = False
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")
    out_dtype: Any = None
    integers: bool | type[Exception] = True
    needs: str | None = None
    because: str | None = None


@dataclass(frozen=True, eq=False)
class Fail:
    """One call that must raise."""

    func: Callable[..., Any]
    args: tuple
    id: str
    kwargs: dict
    error: type[Exception]
    match: str


@dataclass(frozen=True)
class Broken:
    """A table that could not be imported: it fails as one test and leaves the others readable."""

    id: str
    reason: str


def spec(func: Callable[..., Any], *args: Any, id: str | None = None, **fields: Any) -> Spec:
    """Describe one correct call of `func`.

    Args:
        func: the public function, `F.softplus` (a lambda counts for no function in the closure).
        args: in the order of the call. A tuple of ints: a random differentiable array of that
            shape; a list of such tuples: a list of them; `const(v)`: v as it is.
        id: what tells this spec from others of the same function.
        kwargs: dict of keywords of the call; not differentiated.
        oracle: NumPy or SciPy code with the arguments as arrays, without kwargs; returns the
            expected array, or a tuple of them. Never our own code.
        low, high: range of the draws, one number, or one for each argument that is not const.
        kinks: values that no draw may come near, or a function of the arrays that returns
            distances to the nearest kink.
        elementwise: also try 0-d, empty and size-1 inputs.
        dtypes: floating dtypes to try.
        out_dtype: the dtype of the result, where it is not that of the inputs.
        integers: False where integers make no sense in `low..high`; an exception class where
            they must be refused.
        needs: a package that the oracle imports, such as "scipy".
        because: why a check is left out, needed for anything weaker than the whole suite.
    """
    return Spec(func, args, _name(func) + "-" + (id or _shown(args, fields)), **fields)


def fails(
    func: Callable[..., Any],
    *args: Any,
    error: type[Exception],
    match: str,
    id: str | None = None,
    **fields: Any,
) -> Fail:
    """Describe a call `func(*args, **kwargs)` that raises `error` with a message like `match`."""
    kwargs = fields.pop("kwargs", {})
    if fields:
        raise TypeError(f"fails: expected kwargs= or id=, got {sorted(fields)}.")
    return Fail(func, args, f"{_name(func)}-{id or match}", kwargs, error, match)


def _name(func: Callable[..., Any]) -> str:
    return getattr(func, "__name__", type(func).__name__).strip("<>")


def _shown(args: tuple, fields: dict) -> str:
    shown = [_short(a.value if isinstance(a, Const) else a) for a in args]
    shown += [f"{k}={_short(v)}" for k, v in fields.get("kwargs", {}).items()]
    return "-".join(shown)


def _short(value: Any) -> str:
    if hasattr(value, "dtype"):
        return f"{value.dtype}{list(value.shape)}"
    return repr(value).replace(" ", "")[:30]


def is_shape(arg: Any) -> bool:
    """Return whether a spec's argument stands for a random array: a tuple of ints."""
    return type(arg) is tuple and all(type(size) is int for size in arg)


def load() -> list[Spec | Fail | Broken]:
    """Import every table of functions and return its entries with unique ids."""
    entries: list[Spec | Fail | Broken] = []
    for path in sorted((Path(__file__).parent / "functions").glob("[!_]*.py")):
        entries += _table(path.stem)
    return _unique(entries)


def _table(name: str) -> list:
    try:
        return importlib.import_module(f"tests.specs.functions.{name}").SPECS
    except Exception as error:
        return [Broken(name, f"{type(error).__name__}: {error}")]


def _unique(entries: list) -> list:
    seen: dict[str, int] = {}
    result = []
    for entry in entries:
        count = seen[entry.id] = seen.get(entry.id, 0) + 1
        result.append(entry if count == 1 else replace(entry, id=f"{entry.id}-{count}"))
    return result


ALL = load()
SPECS = [entry for entry in ALL if isinstance(entry, Spec)]
FAILS = [entry for entry in ALL if isinstance(entry, Fail)]
BROKEN = [entry for entry in ALL if isinstance(entry, Broken)]

"""How errors are worded: what was expected, what came, and what to do."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


def describe(x: Any) -> str:
    """Return shape and dtype of an array or Variable, or type and value of anything else."""
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return f"{tuple(x.shape)} {x.dtype}"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"


def nearest(name: object, known: Iterable[str]) -> str:
    """Return "Did you mean 'adam'? Known: adam, sgd." for a misspelt `name`."""
    names = sorted(known)
    lower = {n.lower(): n for n in names}
    match = difflib.get_close_matches(str(name).lower(), list(lower), n=1)
    hint = f"Did you mean {lower[match[0]]!r}? " if match else ""
    return f"{hint}Known: {', '.join(names)}."


def lookup(
    kind: str, name: Any, table: Mapping[str, Any], *, error: type[Exception] = ValueError
) -> Any:
    """Return `table[name]`, or raise `error` with the nearest known name.

    Args:
        kind: what the table holds, first word of the error, such as "optimizer".
        name: the key asked for.
        table: what is known.
        error: class of the exception.
    Raises:
        error: `name` is not in `table`.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    text = repr(name)
    shown = text if len(text) <= 60 else text[:57] + "..."
    raise error(f"{kind}: unknown name {shown}. {nearest(str(name)[:60], table)}")


def no_dispatch(name: str, method: str, kwargs: dict) -> str:
    """Return the error for a NumPy function on Variables that has no twin here."""
    what = f"np.{name}" if method == "__call__" else f"np.{name}.{method}"
    how = f" with {', '.join(kwargs)}=" if kwargs else ""
    return (
        f"{what}: expected a function with a differentiable twin, got {what}{how} on a Variable. "
        "Use dezero.functions, or x.data for the plain array."
    )

"""The door between arrays of the double and the host's: what is in must be wrapped, and back."""

from typing import Any

import numpy as np

from dezero.backend.transfers import reading, sending

# The class of the double's arrays; `array` puts it here when it is imported.
ARRAY_TYPES: list[type] = []


def wrap(result: Any) -> Any:
    """Return arrays and NumPy's scalars as arrays of the double, 0-d for scalars."""
    if isinstance(result, np.ndarray | np.generic):
        return ARRAY_TYPES[0](np.asarray(result))
    if isinstance(result, tuple | list):
        wrapped = [wrap(r) for r in result]
        return wrapped if isinstance(result, list) else tuple(wrapped)
    return result


def unwrap(x: Any, what: str) -> Any:
    """Return the host's array behind an array of the double; refuse other arrays by name."""
    if is_strict(x):
        return x._host
    if isinstance(x, np.ndarray):
        raise TypeError(
            f"strict device: expected arrays of one device, got a NumPy array as {what}. "
            "Make it with xp(x), or move it with from_host."
        )
    if isinstance(x, tuple) and not hasattr(x, "_fields"):  # a Window is no tuple of arrays
        return tuple(unwrap(v, what) for v in x)
    if isinstance(x, list):
        return [unwrap(v, what) for v in x]
    return x


def is_strict(x: Any) -> bool:
    """Whether x is an array of the double."""
    return isinstance(x, ARRAY_TYPES[0])


def holds_array(x: Any) -> bool:
    """Whether x is an array or holds one; a host array is let through to be refused by name."""
    if isinstance(x, tuple | list):
        return any(holds_array(v) for v in x)
    return is_strict(x) or isinstance(x, np.ndarray)


def flat(*xs: Any) -> list[Any]:
    """Return what lists and tuples hold, at any depth."""
    found = []
    for x in xs:
        found += flat(*x) if isinstance(x, list | tuple) else [x]
    return found


def waits(name: str) -> None:
    """CuPy reads a size back from the device here, which counts as a copy of one number."""
    reading(f"strict device: {name}", 8)


def uploads(name: str, nbytes: int) -> None:
    """CuPy sends a list or a host array to the device here."""
    sending(f"strict device: {name}", nbytes)

"""Upstream's public names. The tables beside this file hold data; `test_upstream_api.py` runs them.

An entry is a name at its old import path, a function with upstream's signature, and a call with
old positional arguments. Where the name is a function, that function is its formula in NumPy:

    value("functions.sin", lambda x: np.sin(x), X)
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dezero import core_simple
from dezero.backend import as_numpy, backend_of, register, unregister
from dezero.core import Variable
from tests.strict_device import STRICT

# In a signature: upstream has a default here that cannot be compared, such as a Compose.
ANY: Any = object()


class Name(NamedTuple):
    """Where the name is, upstream's signature (None: not callable), and what must hold of it."""

    path: str
    like: Callable[..., Any] | None
    check: Callable[[Any], None]


def value(path: str, formula: Callable[..., Any], *args: Any, wrap: bool = True) -> Name:
    """A function: of arrays, and with `wrap` of Variables, it gives what `formula` gives."""

    def check(func: Any) -> None:
        for given in (args, _wrapped(path, args)) if wrap else (args,):
            same(func(*given), formula(*args))

    return Name(path, formula, check)


def node(path: str, formula: Callable[..., Any], settings: tuple, *inputs: Any) -> Name:
    """A Function class: its object made from `settings` computes `formula(*settings)(*inputs)`."""

    def check(cls: Any) -> None:
        same(cls(*settings)(*_wrapped(path, inputs)), formula(*settings)(*inputs))

    return Name(path, formula, check)


def thing(path: str, like: Callable[..., Any] | None, check: Callable[[Any], Any]) -> Name:
    """Anything else: `check(found)` asserts, or returns False."""

    def checked(found: Any) -> None:
        assert check(found) is not False, f"{path} does not behave as upstream's"

    return Name(path, like, checked)


@contextlib.contextmanager
def gpu() -> Iterator[Callable[[Any], bool]]:
    """Pretend that there is a GPU; the function given says whether an array lives there."""
    pretended = dataclasses.replace(STRICT, name="cuda")
    register(pretended)
    try:
        yield lambda x: backend_of(x).name == "cuda"
    finally:
        unregister(pretended)


def same(got: Any, expected: Any) -> bool:
    """Assert that results agree: Variables or arrays, one or several."""
    if isinstance(expected, tuple | list):
        assert len(got) == len(expected)
        return all(same(one, other) for one, other in zip(got, expected, strict=True))
    got, expected = as_numpy(got), np.asarray(expected)
    assert got.shape == expected.shape, f"expected shape {expected.shape}, got {got.shape}"
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-8)
    return True


def _wrapped(path: str, args: tuple) -> list:
    variable = core_simple.Variable if path.startswith("core_simple.") else Variable
    return [variable(a) if isinstance(a, np.ndarray) else a for a in args]

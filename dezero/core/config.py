"""Modes such as `no_grad` and `test_mode`: one immutable record per thread and async task."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from dezero.core.errors import lookup


class State(NamedTuple):
    """What the engine asks for at every call; `Config` documents the fields."""

    enable_backprop: bool = True
    train: bool = True
    dtype: type = np.float32
    hooks: tuple = ()
    guard: str | None = "sample"


DEFAULT = State()
STATE: ContextVar[State] = ContextVar("dezero_config", default=DEFAULT)


class _ConfigType(type):
    """Attribute access on `Config` reads and writes the current context's record."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"Config: expected a setting, got {name!r}.")
        if name in State._fields:
            return getattr(STATE.get(), name)
        return lookup("Config", name, STATE.get()._asdict(), error=AttributeError)

    def __setattr__(cls, name: str, value: Any) -> None:
        lookup("Config", name, STATE.get()._asdict(), error=AttributeError)
        STATE.set(STATE.get()._replace(**{name: value}))


class Config(metaclass=_ConfigType):
    """The modes of the current thread or async task, read and assigned as class attributes.

    `Config.enable_backprop` (True): record the graph. `Config.train` (True): dropout and running
    statistics are active. `Config.dtype` (numpy.float32): the default float, which integers become
    where a derivative is meant. `Config.hooks`: the active `FunctionHook`s. `Config.guard`: let
    backward raise if an array was edited since a function was called with it; "sample" looks at
    part of each array that you gave and backward reads, "all" at all of all arrays.
    Note: a new thread starts with the defaults, as PyTorch's modes do.
    """


class using_config:
    """Set one `Config` field inside a `with` block or for a decorated (async) function.

    Args:
        name: a field of `Config`, such as "train".
        value: what it is inside.
    Raises:
        AttributeError: there is no such field; the nearest one is named.
    """

    def __init__(self, name: str, value: Any) -> None:
        lookup("Config", name, STATE.get()._asdict(), error=AttributeError)
        self.name, self.value = name, value
        self._outer: list[Any] = []

    def __enter__(self) -> None:
        state = STATE.get()
        self._outer.append(getattr(state, self.name))
        STATE.set(state._replace(**{self.name: self.value}))

    def __exit__(self, *exc: object) -> None:
        # The old value and not a context token: a generator may be closed in another context.
        STATE.set(STATE.get()._replace(**{self.name: self._outer.pop()}))

    def __call__(self, func: Callable) -> Callable:
        if inspect.isgeneratorfunction(func) or inspect.isasyncgenfunction(func):
            raise TypeError(
                f"using_config: expected a function, got the generator function {func.__name__}. "
                "Write `with` inside it, around the lines that need the mode."
            )
        if inspect.iscoroutinefunction(func):

            @functools.wraps(func)
            async def run_async(*args: Any, **kwargs: Any) -> Any:
                with using_config(self.name, self.value):
                    return await func(*args, **kwargs)

            return run_async

        @functools.wraps(func)
        def run(*args: Any, **kwargs: Any) -> Any:
            with using_config(self.name, self.value):
                return func(*args, **kwargs)

        return run


def no_grad() -> using_config:
    """Record no graph inside: `with no_grad():` or `@no_grad()`."""
    return using_config("enable_backprop", False)


def test_mode() -> using_config:
    """Switch dropout and running statistics to evaluation: `with test_mode():`."""
    return using_config("train", False)


test_mode.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it

"""Classes and functions of your own that a description of a model may name.

A file says names and nothing else; what stands behind one is what the program registered or gave.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from dezero.core.errors import describe

__all__ = [
    "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
    "get_registered_object", "known", "register_keras_serializable",
]  # fmt: skip

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}
_scope: ContextVar[Mapping[str, Any]] = ContextVar("custom_objects", default={})  # noqa: B039


def known(custom_objects: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what may be named here: the registered, those of the scope, and `custom_objects`."""
    return {**_registered, **_scope.get(), **(custom_objects or {})}


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Any], Any]:
    """Return a decorator that lets files name a class or function, as "package>name".

    Args:
        package: keeps equal names of several libraries apart.
        name: its own name if None.
    Raises:
        ValueError: a class has no `get_config`.
    """

    def register(found: Any) -> Any:
        if isinstance(found, type) and not hasattr(found, "get_config"):
            raise ValueError(
                f"register_keras_serializable: expected a class with get_config, got "
                f"{found.__name__}. Write get_config(self)."
            )
        full = f"{package}>{name or found.__name__}"
        _registered[full] = found
        _names[found] = full
        return found

    return register


@contextmanager
def custom_object_scope(*objects: Mapping[str, Any]) -> Iterator[None]:
    """Let files name the classes and functions in `objects`, {name: object}, in a `with` block.

    Raises:
        TypeError: one of them is no dict.
    """
    merged = dict(_scope.get())
    for one in objects:
        if not isinstance(one, Mapping):
            raise TypeError(
                f"custom_object_scope: expected dicts of names and objects, got {describe(one)}. "
                "Write {'Name': Name}."
            )
        merged.update(one)
    token = _scope.set(merged)
    try:
        yield
    finally:
        _scope.reset(token)


CustomObjectScope = custom_object_scope


def get_custom_objects() -> dict[str, Any]:
    """Return the dict of all that is registered; what is put into it may be named."""
    return _registered


def get_registered_name(found: Any) -> str:
    """Return "package>name" of a registered class or function, else its own name."""
    try:
        return _names.get(found) or found.__name__
    except TypeError:  # not hashable, so never registered
        return found.__name__


def chosen_name(registered: Any, name: str) -> str:
    """Return the name of a file's that the program knows, "package>name" before "name"."""
    own = known()
    if isinstance(registered, str) and registered in own:
        return registered
    return name if name in own else str(name).rpartition(">")[2]


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return what a name stands for, or None."""
    return {**(module_objects or {}), **known(custom_objects)}.get(name)

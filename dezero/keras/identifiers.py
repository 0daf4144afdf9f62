"""Objects by their names in Keras: found by class or snake_case name, and written down again."""

from collections.abc import Callable, Mapping
from typing import Any

from dezero.core.errors import describe, lookup
from dezero.keras import registry

__all__ = ["Names", "flat_name"]


def flat_name(name: str) -> str:
    """Return a name without its case and underscores: "L1L2" and "l1_l2" are the same."""
    return name.replace("_", "").lower()


class Names:
    """The classes that may be asked for by name; a file can ask for no others.

    Args:
        kind: first word of the errors, such as "initializer".
        classes: by their own names, in CamelCase or snake_case.
        aliases: further names, as they are written.
    """

    def __init__(self, kind: str, classes: tuple[type, ...], **aliases: type) -> None:
        self.kind = kind
        self.shown = {cls.__name__: cls for cls in classes}
        self._flat = {flat_name(cls.__name__): cls for cls in classes}
        self._flat.update({flat_name(name): cls for name, cls in aliases.items()})

    def knows(self, name: str) -> bool:
        """Return whether there is a class of that name."""
        return flat_name(name) in self._flat

    def find(self, name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the class of that name; one of your own goes before ours.

        Raises:
            ValueError: there is none; the nearest is suggested.
        """
        own = registry.known(custom_objects)
        if isinstance(name, str) and name in own:
            return own[name]
        found = self._flat.get(flat_name(name)) if isinstance(name, str) else None
        return found or lookup(self.kind, name, {**self.shown, **own})

    def get(self, identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return an object from its name, configuration, class, or itself; None for None.

        Raises:
            ValueError: the name is unknown, or the configuration is not one of its class.
            TypeError: identifier is none of these.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            return _made(self.find(identifier, custom_objects))
        if isinstance(identifier, Mapping):
            return self.deserialize(identifier, custom_objects)
        if callable(identifier):
            return _made(identifier)
        raise TypeError(
            f"{self.kind}: expected a name, a configuration, a class or an object, "
            f"got {describe(identifier)}. Try {min(self.shown)!r}."
        )

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the object that `serialize` described; a module it may name is not looked at.

        Raises:
            ValueError: no such class, or not a configuration of it.
        """
        if not isinstance(config, Mapping):
            return self.get(config, custom_objects)
        known = "class_name" in config or "name" in config
        name = config.get("class_name", config.get("name"))
        inner = config.get("config") or {}
        if known and name == "function":
            return self.find(inner, custom_objects)
        found = self.find(name, custom_objects)
        if not isinstance(found, type):
            return found
        try:
            if hasattr(found, "from_config"):
                return found.from_config(dict(inner))
            return found(**inner)
        except TypeError as error:
            raise ValueError(
                f"{self.kind}: expected a configuration of {found.__name__}, got "
                f"{describe(config)} ({error}). Was it changed by hand?"
            ) from error

    def serialize(self, value: Any) -> Any:
        """Return {"class_name", "config"}; a function's name; None for None."""
        if value is None:
            return None
        if hasattr(value, "get_config"):
            name = registry.get_registered_name(type(value))
            return {"class_name": name, "config": value.get_config()}
        if not hasattr(value, "__name__"):
            raise TypeError(
                f"{self.kind}: expected an object with get_config or a function, got "
                f"{describe(value)}. Write get_config(self)."
            )
        return registry.get_registered_name(value)


def _made(found: Callable[..., Any]) -> Any:
    return found() if isinstance(found, type) else found

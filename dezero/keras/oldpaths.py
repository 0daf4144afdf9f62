"""Keras 2's module paths: `from dezero.keras.layers.convolutional import MaxPooling2D`.

What Keras 2 kept in many modules stands behind one front door here; an old path leads to the door.
"""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

__all__ = ["OLD", "find_old", "open_paths"]

# Old modules, by the room behind whose front door their names are now.
OLD: dict[str, tuple[str, ...]] = {
    "layers": (
        "advanced_activations", "core", "convolutional", "embeddings", "merge", "noise",
        "normalization", "pooling", "recurrent", "wrappers", "local",
    ),
    "utils": ("np_utils", "generic_utils", "data_utils", "vis_utils", "layer_utils", "io_utils"),
}  # fmt: skip
# Old modules of which the front door is another room's.
MOVED = {"engine": "layers", "engine.topology": "layers", "engine.training": "models"}


def open_paths(keras: Any) -> None:
    """Let Python find the old modules of `keras`, a package, and names of old ones in new ones."""
    for old, path in _doors():
        door = _room(keras, path)
        full = f"{keras.__name__}.{old}"
        found = sys.modules.get(full)
        if found is None:
            sys.modules[full] = door
        elif found is not door:
            # A module of that name is there, with fewer names: it asks at the door.
            found.__dict__.setdefault("__getattr__", find_old(found, door))

    backend = keras.backend
    backend.__dict__["__getattr__"] = find_old(backend, keras.backend_more)


def _doors() -> Iterator[tuple[str, str]]:
    for room, names in OLD.items():
        for name in names:
            yield f"{room}.{name}", room
    yield from MOVED.items()


def _room(keras: Any, path: str) -> Any:
    for name in path.split("."):
        keras = getattr(keras, name)
    return keras


def find_old(module: ModuleType, door: ModuleType) -> Any:
    """Return a `__getattr__` for `module` that looks behind `door`."""

    def find(name: str) -> Any:
        if name in door.__all__:
            return getattr(door, name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    return find

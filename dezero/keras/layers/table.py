"""The layers that a file may name, and nothing else."""

import inspect
from typing import Any

from dezero.core.errors import describe, lookup
from dezero.keras import registry

__all__ = ["LAYERS", "layer_from", "saved_layer"]

# Class names and the classes; each file of layers puts its own in.
LAYERS: dict[str, Any] = {}


def saved_layer(layer: Any) -> dict[str, Any]:
    """Return {"class_name", "config"} of a layer, fit for JSON."""
    name = registry.get_registered_name(type(layer))
    return {"class_name": name, "config": layer.get_config()}


def layer_from(entry: Any, custom: dict[str, Any] | None = None) -> Any:
    """Return a new layer from what `saved_layer` returned.

    Args:
        entry: {"class_name", "config"}.
        custom: classes of your own by name.
    Raises:
        ValueError: the class is unknown, or entry is no such dict. No class is looked up anywhere
            but in LAYERS, `custom`, and what the program registered.
    """
    if not isinstance(entry, dict) or not {"class_name", "config"} <= entry.keys():
        raise ValueError(
            f"layer: expected a dict with 'class_name' and 'config', got {describe(entry)}. "
            "Was it written by get_config?"
        )
    known = {**LAYERS, **registry.known(custom)}
    make = lookup("layer", entry["class_name"], known).from_config
    if custom and "custom_objects" in inspect.signature(make).parameters:  # models hold layers
        return make(dict(entry["config"]), custom_objects=custom)
    return make(dict(entry["config"]))

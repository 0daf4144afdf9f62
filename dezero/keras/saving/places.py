"""Where Keras's files keep the weights of each layer."""

from collections.abc import Iterator
from typing import Any

from dezero.keras.layers.base import Layer
from dezero.keras.naming import snake_case

__all__ = ["by_layer", "by_path", "own_weights"]

# What our layers hold under names of their own, and Keras under none.
_HIDDEN = {"_stack", "_entry"}
# What Keras calls otherwise.
_NAMES: dict[tuple[str, str], str] = {("MultiHeadAttention", "gate_dense"): "_gate_dense"}


def own_weights(layer: Any) -> list:
    """Return the weights that the layer itself made, in Keras's order."""
    below = {id(w) for inner in layer.sublayers() for w in getattr(inner, "weights", ())}
    return [w for w in layer.weights if id(w) not in below]


def by_path(layer: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield (path in a file of Keras 3, layer) of a layer and of all inside it, each once."""
    seen = set() if seen is None else seen
    if id(layer) in seen:
        return
    seen.add(id(layer))
    yield path, layer
    for name, inner in _inside(layer):
        below = f"{path}/{name}" if path else name
        if isinstance(inner, Layer):
            yield from by_path(inner, below, seen)
        else:
            yield from _in_container(inner, below, seen)


def _inside(layer: Any) -> Iterator[tuple[str, Any]]:
    if "_stack" in vars(layer):
        yield "layers", layer.layers
    for name in sorted(set(vars(layer)) - _HIDDEN):
        value = vars(layer)[name]
        if isinstance(value, Layer | list | tuple | dict) and not name.startswith("__"):
            yield _NAMES.get((type(layer).__name__, str(name)), str(name)), value


def _in_container(part: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    used: dict[str, int] = {}
    for value in part.values() if isinstance(part, dict) else part:
        if isinstance(value, Layer):
            base = snake_case(type(value).__name__)
            number = used[base] = used.get(base, -1) + 1
            yield from by_path(
                value, f"{path}/{base}_{number}" if number else f"{path}/{base}", seen
            )


def by_layer(model: Any) -> list[tuple[str, list]]:
    """Return (name, weights) of each layer, as files of Keras 2 have them."""
    return [
        (str(layer.name), list(layer.trainable_weights) + list(layer.non_trainable_weights))
        for layer in model.layers
    ]

"""Names that other libraries give to weights, made into paths of ours."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from dezero.backend import is_array
from dezero.core import Variable
from dezero.core.errors import describe

Names = Mapping[str, str | None] | Callable[[str], str | None]

# torch's word -> ours, the first that the layer has.
_WORDS = {
    "weight": ("W", "gamma"),
    "bias": ("b", "beta"),
    "running_mean": ("avg_mean",),
    "running_var": ("avg_var",),
}
# A count that torch's batch normalisation keeps; ours has no use for it.
_LEFT_OUT = "num_batches_tracked"


def given_arrays(caller: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays of a dict that a user gives in place of a file.

    Args:
        caller: first word of an error.
        arrays: {name: array}, or Variables, or tensors on the CPU that NumPy can read.
    Raises:
        TypeError: a name is no string, or a value is none of these.
    """
    found: dict[str, Any] = {}
    for name, value in arrays.items():
        array = value.data if isinstance(value, Variable) else value
        if not is_array(array) and hasattr(array, "__array__"):
            array = np.asarray(array)
        if not isinstance(name, str) or not is_array(array):
            raise TypeError(
                f"{caller}: expected arrays by name, got {describe(value)} called {name!r}. "
                "Convert it with numpy.asarray."
            )
        found[name] = array
    return found


def translated_weights(
    caller: str, layer: Any, arrays: Mapping[str, np.ndarray], names: Names | None = None
) -> dict[str, np.ndarray]:
    """Return `arrays` under paths of `layer`, where their names can be understood.

    Args:
        caller: first word of an error.
        layer: what they are for.
        arrays: {name in the file: array}.
        names: {name in the file: path or the name that torch would use for it}, or a function of
            the name; None as a result leaves the array out. A dict need not have all names.
    Raises:
        TypeError: names is no dict or function, or a result no string.
        ValueError: two arrays are for the same path.
    """
    layers = {"": layer, **dict(layer.named_layers())}
    paths = {path for path, _ in (*layer.named_params(), *layer.named_buffers())}
    found: dict[str, np.ndarray] = {}
    origin: dict[str, str] = {}
    for name, array in arrays.items():
        wanted = _renamed(caller, name, names)
        if wanted is None:
            continue
        path = _path(wanted, paths, layers)
        if path is None:
            continue
        if path in found:
            raise ValueError(
                f"{caller}: expected one array for {path!r}, got {origin[path]!r} and {name!r}. "
                "Let names give None for one of them."
            )
        found[path] = _turned(wanted, path, layers, array)
        origin[path] = name
    return found


def _renamed(caller: str, name: str, names: Names | None) -> str | None:
    if names is None:
        return name
    if not isinstance(names, Mapping) and not callable(names):
        raise TypeError(
            f"{caller}: expected names to be a dict or a function, got {describe(names)}. "
            'Write such as names={"fc.weight": "l0/W"}.'
        )
    wanted = names.get(name, name) if isinstance(names, Mapping) else names(name)
    if wanted is not None and not isinstance(wanted, str):
        raise TypeError(
            f"{caller}: expected names to give strings, got {describe(wanted)} for {name!r}. "
            "Give a path, or None to leave the array out."
        )
    return wanted


def _path(wanted: str, paths: Collection[str], layers: Mapping[str, Any]) -> str | None:
    """Return the path that `wanted` means, itself if it means none, None if it is not needed."""
    if wanted in paths:
        return wanted
    slashed = wanted.replace(".", "/")
    if slashed in paths:
        return slashed
    owner, word = _owner(wanted, layers)
    if owner is None:
        return wanted
    if word == _LEFT_OUT and hasattr(owner, "avg_mean"):
        return None
    head = slashed.rpartition("/")[0]
    for ours in _WORDS.get(word, ()):
        path = f"{head}/{ours}".lstrip("/")
        if path in paths:
            return path
    return wanted


def _owner(wanted: str, layers: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the layer that a name such as "block.0.conv.weight" speaks of, and the last word."""
    head, _, word = wanted.replace(".", "/").rpartition("/")
    return layers.get(head), word


def _turned(wanted: str, path: str, layers: Mapping[str, Any], array: np.ndarray) -> np.ndarray:
    """Return the array in our layout, if its name is in torch's words."""
    owner, word = _owner(wanted, layers)
    ours = path.rpartition("/")[2]
    return array if owner is None or ours == word else owner.from_torch(ours, array)

"""Structures: lists and dicts of arrays, for models of several inputs or outputs.

A list is a structure if its first entry is an array, a Variable or a structure; a list of numbers
or of lists of numbers is one array.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dezero.backend import is_array
from dezero.core import Variable


def is_structure(part: Any) -> bool:
    """Return whether `part` holds arrays by name or in a row."""
    if isinstance(part, Mapping):
        return True
    if not isinstance(part, list | tuple):
        return False
    first = next((entry for entry in part if entry is not None), None)
    # Series and tensors of other libraries are arrays too; a NumPy scalar is a number.
    held = isinstance(first, Variable) or is_array(first) or hasattr(first, "__array__")
    return (held and getattr(first, "ndim", 0) > 0) or is_structure(first)


def mapped(function: Callable[[Any], Any], part: Any) -> Any:
    """Return `part` with `function` of each leaf; a tuple becomes a list, None stays."""
    if isinstance(part, Mapping):
        return {key: mapped(function, value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [mapped(function, value) for value in part]
    return None if part is None else function(part)


def leaves(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (name, leaf) of all leaves that are not None; names read like `x[0]` and `y['age']`."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from leaves(value, f"{name}[{key!r}]")
    elif isinstance(part, list | tuple):
        for i, value in enumerate(part):
            yield from leaves(value, f"{name}[{i}]")
    elif part is not None:
        yield name, part


def first_leaf(part: Any) -> Any:
    """Return the first array of a structure, or `part` itself if it is none."""
    # The class first: to ask an array whether it is a Mapping takes longer than all the rest.
    while not is_array(part) and isinstance(part, Mapping | list | tuple):
        entries = part.values() if isinstance(part, Mapping) else part
        part = next((entry for entry in entries if entry is not None), None)
    return part


def count(part: Any) -> int:
    """Return the number of samples."""
    return len(first_leaf(part))


def joined(parts: list, join: Callable[[list], Any]) -> Any:
    """Return one structure like each of `parts`, with `join` of the leaves at each place."""
    first = parts[0]
    if isinstance(first, Mapping):
        return {key: joined([part[key] for part in parts], join) for key in first}
    if isinstance(first, list | tuple):
        return [joined(list(entries), join) for entries in zip(*parts, strict=True)]
    return join(parts)

"""Marks of arrays: a few bytes by which an edit between two looks is noticed.

Graphs hold the arrays they were given and no copies, so whoever edits one between the call and
backward would get wrong gradients. To look at every number of a large array would cost as much as
many a function: a piece of its first row is looked at, which a write to the whole array cannot
miss, and a write to a single number can.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["expect_unedited", "mark", "marks_of"]

EXACT = 4096  # bytes: up to here an array is looked at whole
SAMPLE = 64  # elements that are looked at of a larger one
DIGEST = 16
_pieces: dict[tuple[int, ...], tuple] = {}


def marks_of(guard: str | None, inputs: Sequence[Any], *outputs: Any) -> list:
    """Return a mark, or None, for the array of each Variable that a function was called with.

    Args:
        guard: "sample", "all" or None, as in `Config.guard`.
        inputs: Variables. Of the results of functions only views of other arrays are looked at by
            "sample": the rest is in nobody's hands but the graph's.
        outputs: Variables, looked at by "all".
    """
    if guard == "all":
        return [mark(v.data, thorough=True) for v in (*inputs, *outputs)]
    if not guard:
        return []
    # Small operations come by here as well: no call that can be spared.
    return [
        None if v.generation and getattr(v.data, "base", None) is None else mark(v.data)
        for v in inputs
    ]


def mark(x: Any, thorough: bool = False) -> bytes | None:
    """Return what tells array `x` from what it is after an edit; None on another device.

    Args:
        x: array.
        thorough: look at all numbers of a large array too.
    """
    if type(x) is not np.ndarray:
        return None
    if x.nbytes <= EXACT:
        return x.tobytes()
    if thorough:
        return hashlib.blake2b(np.ascontiguousarray(x).data, digest_size=DIGEST).digest()
    shape = x.shape
    return x[_pieces[shape] if shape in _pieces else _piece(shape)].tobytes()


def _piece(shape: tuple[int, ...]) -> tuple:
    """Return and remember an index of a piece of the first row: whole rows or pictures if small."""
    room = SAMPLE
    index: list[Any] = []
    for axis in range(len(shape) - 1, -1, -1):
        size = shape[axis]
        if size <= room:
            index.insert(0, slice(None))
            room //= size
        else:
            start = size // 2 if axis else 0
            index.insert(0, slice(start, start + max(room, 1)))
            room = 0
    if len(_pieces) >= 1024:
        _pieces.clear()
    _pieces[shape] = tuple(index)
    return _pieces[shape]


def expect_unedited(function: Any) -> None:
    """Raise if an array of `function` is not what it was when `function.marks` were taken.

    Raises:
        RuntimeError: an array was edited, or replaced by another one.
    """
    holders = function.inputs
    if len(function.marks) > len(holders):
        holders = [*holders, *[output() for output in function.outputs]]
    for holder, before in zip(holders, function.marks, strict=True):
        if before is not None and holder is not None:
            if mark(holder.data, len(before) == DIGEST) != before:
                raise RuntimeError(_edited(function, holder))


def _edited(function: Any, holder: Any) -> str:
    x, name = holder.data, f" {holder.name}" if holder.name else ""
    return (
        f"{type(function).__name__}.backward: expected the array{name} {x.shape} {x.dtype} as it "
        "was when the function was called, got it edited since. Edit it after backward, or hand "
        "over a copy."
    )

"""`Gathering`: figures that are added up inside a captured step, on the device, in place.

A replay runs no Python: a metric's sums have to be arrays that it adds to in place, and what it
counts on the host has to grow by the same number in each step. Both are looked at in the steps
before one is captured, and then; a metric that does anything else stays outside, and is updated
after each replay.
"""

import functools
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

from dezero.backend import backend_of, is_array
from dezero.backend.capture import Recording, Unfit, recording
from dezero.training.sums import Part, records_of

__all__ = ["Gathering"]

_FIXED = (bool, int, float, complex, str, bytes, type(None), type, np.dtype, np.generic)
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, np.ufunc)
_SUM = object()
DEEP = 4  # objects in objects that are looked into


class Gathering:
    """What holds the figures of a training: on which arrays, and whether inside of the step.

    Attributes:
        holders: all objects that hold figures.
        outside: those whose updates cannot be captured.
        version: changes with `outside`: steps captured before are of no more use.
    """

    def __init__(self) -> None:
        self.holders: dict[int, Any] = {}
        self.outside: dict[int, Any] = {}
        self.version = 0
        self._places: dict[tuple[int, str], tuple[dict, str, Any]] = {}
        self._growth: dict[tuple, Any] = {}

    def records(self) -> list[dict]:
        """Return where the holders keep what they know."""
        return [record for holder in self.holders.values() for record in records_of(holder)]

    def attach(self) -> bool:
        """Put the sums back onto the arrays that are added to in place, wherever they were read.

        Returns:
            Whether that was done: not where a metric has no sum yet.
        """
        for record, name, array in self._places.values():
            value = record.get(name)
            if value is array:
                continue
            if not _holds(array, value):
                return False
            if isinstance(value, np.ndarray):
                value = backend_of(array).from_host(value) if value.any() else 0
            array[...] = value
            record[name] = array
        return True

    def add(self, parts: Iterable[Part]) -> list[Part]:
        """Take a batch into the figures, by part; return what is left to be done after the step.

        Raises:
            Unfit: what holds a part cannot do so in a captured step; the next time it is left
                outside.
        """
        taken, left = recording(), []
        for part in parts:
            holder, update, given = part
            if id(holder) in self.outside:
                if taken is None:
                    update(*given)
                else:
                    left.append(part)
            elif taken is None:
                self._learn(part)
            else:
                self._take(part, taken)
        return left

    def _learn(self, part: Part) -> None:
        """Do an update and look at it: what is an array of the device, and how numbers grow."""
        holder, update, given = part
        self.holders[id(holder)] = holder
        records = records_of(holder)
        before, inside = [dict(record) for record in records], _inside(records)
        update(*given)
        if not _are_alike(inside, _inside(records)):
            self._leave(holder)
            return
        for old, record in zip(before, records, strict=True):
            for name, value in record.items():
                is_there = type(value) is not np.ndarray and is_array(value)
                if is_there and (id(record), name) not in self._places:
                    # A copy: it may be an array of the user's, such as the targets of a batch.
                    self._places[id(record), name] = record, name, value.copy()
            if not self._grows(record, _steps(old, record) or {}, given):
                self._leave(holder)

    def _grows(self, record: dict, steps: dict[str, Any], given: tuple) -> bool:
        """Return whether numbers have grown by as much as ever with arrays of these shapes."""
        shapes = tuple(getattr(x, "shape", x if isinstance(x, int) else None) for x in given)
        known = self._growth
        return all(known.setdefault((id(record), n, shapes), s) == s for n, s in steps.items())

    def _take(self, part: Part, taken: Recording) -> None:
        """Have an update captured, and what it counts on the host counted in each replay."""
        holder, update, given = part
        records = records_of(holder)
        before = [dict(record) for record in records]
        name = getattr(holder, "name", type(holder).__name__)
        try:
            update(*given)
        except Exception as error:
            self._leave(holder)
            raise Unfit(f"{name} cannot be updated in a graph: {error}") from error
        for old, record in zip(before, records, strict=True):
            steps = _steps(old, record)
            if steps is None or not self._grows(record, steps, given):
                self._leave(holder)
                raise Unfit(f"{name} cannot be updated in a graph: it keeps more than sums")
            if steps:
                taken.again(functools.partial(_count, record, steps))

    def _leave(self, holder: Any) -> None:
        self.outside[id(holder)] = holder
        self.version += 1
        records = {id(record) for record in records_of(holder)}
        self._places = {k: v for k, v in self._places.items() if k[0] not in records}


def _holds(array: Any, value: Any) -> bool:
    """Return whether an array of the device can hold a sum as it is."""
    if isinstance(value, int | float):
        return array.dtype.kind == "f" or type(value) is int
    if getattr(value, "shape", None) != array.shape:
        return False
    if isinstance(value, np.ndarray):
        return np.can_cast(value.dtype, array.dtype, "same_kind")
    return value.dtype == array.dtype


def _count(record: dict, steps: dict[str, Any]) -> Any:
    before = {name: record[name] for name in steps}
    for name, step in steps.items():
        record[name] += step
    return lambda: record.update(before)


def _steps(before: dict, after: dict) -> dict[str, Any] | None:
    """Return how much each number has grown, None if there was any other change."""
    found = {}
    for name, new in after.items():
        old = before.get(name)
        if new is old:
            continue
        if type(new) is not type(old) or type(new) not in (int, float):
            return None
        if new != old:
            found[name] = new - old
    return found if before.keys() == after.keys() else None


def _inside(records: list[dict]) -> Any:
    """Return what is in containers and objects, to be compared; None where it cannot be told."""
    try:
        return [
            {name: _content(value, 0) for name, value in record.items() if name != "metric"}
            for record in records
        ]
    except LookupError:
        return None


def _are_alike(before: Any, after: Any) -> bool:
    """Return whether nothing has changed but sums, which may have gone to a device."""
    if before is None or after is None:
        return False
    return all(
        value is _SUM or value == old.get(name)
        for old, new in zip(before, after, strict=True)
        for name, value in new.items()
    )


def _content(value: Any, depth: int) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, _FIXED):
        return value if depth else None  # those of the holder itself are compared one by one
    if isinstance(value, _CODE):
        return id(value)
    if is_array(value):
        if depth:
            raise LookupError("a sum that nobody could put back after it was read")
        return _SUM
    return _entries(value, depth + 1)


def _entries(value: Any, depth: int) -> Any:
    if depth > DEEP:
        raise LookupError("something is kept too deep inside")
    if isinstance(value, list | tuple | set | frozenset):
        return [_content(entry, depth) for entry in value]
    if isinstance(value, functools.partial):
        value = {"f": value.func, "args": value.args, **value.keywords}
    elif isinstance(value, types.MethodType):
        value = {"f": value.__func__, "self": value.__self__}
    elif not isinstance(value, dict):
        if not hasattr(value, "__dict__") or hasattr(type(value), "__slots__"):
            raise LookupError("an object that does not show what it holds")
        value = value.__dict__
    return [(name, _content(entry, depth)) for name, entry in value.items()]

"""What a step reaches without being given it, found by looking at its functions and objects."""

import functools
import os
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from dezero.backend import is_array
from dezero.core import Variable
from dezero.layers.members import Members
from dezero.optimizers import Optimizer

__all__ = ["Place", "Places", "owners", "reached"]

DEEP = 5  # references from the step to a model
WIDE = 256  # entries of a container that are looked at
MANY = 20_000  # objects that are looked at
WATCHED = 4096  # places
PLAIN = (bool, int, float, str, type(None))
# What an object may be called by, without its name in anybody's code.
CALLED = frozenset({"__call__", "forward"})
# Where the function is behind a property, a cached one, a static method or one of the class.
BEHIND = "fget", "func", "__func__"


class Place(NamedTuple):
    """Where the user's code finds something: a name for people, and what reads it."""

    name: str
    read: Callable[[], Any]


class Places:
    """Places whose content makes another step of a step, watched by identity.

    Attributes:
        variables: the Variables among what `values` found last.
    """

    def __init__(self, places: list[Place], before: "Places | None" = None) -> None:
        self.places = places
        self.variables: list[Variable] = []
        self._last: list[Any] = [None] * len(places)
        if before and [p.name for p in before.places] == [p.name for p in places]:
            self.variables, self._last = before.variables, before._last
        self.values()

    def values(self) -> list[Any]:
        """Return what is there; an equal number or text is the same as before."""
        last, has_changed = self._last, False
        for i, (_, read) in enumerate(self.places):
            value = read()
            if value is not last[i] and not _is_equal(value, last[i]):
                last[i], has_changed = value, True
        if has_changed:
            self.variables = [v for v in last if isinstance(v, Variable)]
        return list(last)


def _is_equal(x: Any, y: Any) -> bool:
    return type(x) is type(y) and isinstance(x, PLAIN) and (x == y or (x != x and y != y))


class _Walk:
    """One look at all that `roots` refer to, by names that code reads."""

    def __init__(self, read: set[str], aside: Iterable[Any]) -> None:
        self.aside = {id(x) for x in aside}
        self.models: dict[int, Any] = {}
        self.optimizers: dict[int, Optimizer] = {}
        self.places: list[Place] = []
        self.read = read

    def go(self, roots: tuple) -> None:
        behind = [getattr(x, of, None) for x in roots for of in ("__func__", "func", "__wrapped__")]
        self.roots = {id(x) for x in (*roots, *behind)}
        seen = set(self.aside)
        stack: list[tuple[Any, int, str]] = [(root, 0, "") for root in reversed(roots)]
        while stack and len(seen) < MANY:
            x, depth, name = stack.pop()
            if id(x) in seen or isinstance(x, PLAIN) or depth > DEEP:
                continue
            seen.add(id(x))
            refers = list(self._refers(x, name))
            self.places += [place for place, _ in refers if place is not None]
            stack.extend((y, depth + 1, p.name if p else "") for p, y in reversed(refers))

    def _refers(self, x: Any, name: str) -> Iterator[tuple[Place | None, Any]]:
        """Yield (where, what) of all that x refers to; no place where it is not the user's."""
        if isinstance(x, type):
            yield from self._of_class(x, x) if name else ()
        elif isinstance(x, Optimizer):
            self.optimizers[id(x)] = x
            yield None, x.target
        elif callable(getattr(type(x), "params", None)):
            self.models[id(x)] = x
            held = getattr(x, "__dict__", {}).values()
            yield from ((None, v) for v in held if isinstance(v, Optimizer))
            layers = (x, *x._census().layers) if isinstance(x, Members) else ()
            for layer in layers:
                yield from self._of_layer(layer)
        elif isinstance(x, types.FunctionType):
            yield from self._of_function(x)
        elif isinstance(x, types.MethodType):
            yield from ((None, x.__self__), (None, x.__func__))
        elif isinstance(x, functools.partial):
            yield from ((None, v) for v in (x.func, *x.args, *x.keywords.values()))
        elif isinstance(x, list | tuple | dict):
            yield from _of_container(x, name)
        elif not isinstance(x, types.ModuleType | Variable) and not is_array(x):
            yield from self._of_object(x)

    def _of_function(self, function: types.FunctionType) -> Iterator[tuple[Place | None, Any]]:
        path = function.__code__.co_filename
        is_ours = _is_of_libraries(path)
        # An installed package may hold the step itself; else what its code reads is its own affair.
        is_watched = not is_ours and (not _is_installed(path) or id(function) in self.roots)
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            place = Place(name, functools.partial(_content, cell))
            yield place if is_watched else None, _content(cell)
        kept = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        yield from ((None, v) for v in (*kept, getattr(function, "__wrapped__", None)))
        if is_ours:
            return  # its globals are functions of the library
        names, attributes = _names(function.__code__)
        if is_watched:
            self.read |= attributes
        everywhere = function.__globals__
        for name in sorted(names & everywhere.keys()):
            x = everywhere[name]
            if isinstance(x, types.ModuleType):
                found = _of_module(name, vars(x), attributes)
            else:
                found = [(Place(name, functools.partial(everywhere.get, name)), x)]
            yield from found if is_watched else [(None, v) for _, v in found]

    def _of_layer(self, layer: Members) -> Iterator[tuple[Place | None, Any]]:
        """Yield what a layer of the user's keeps besides parameters, layers, buffers, states."""
        if _is_ours(type(layer)):
            return
        known = (*layer._buffers, *getattr(layer, "state_names", ()))
        for place, x in self._of_object(layer):
            attribute = place.name.rpartition(".")[2] if place else ""
            plain = isinstance(x, PLAIN) and attribute in layer.__dict__  # `World` knows them
            if attribute not in known and not plain and not isinstance(x, Members | Optimizer):
                yield place, x

    def _of_object(self, x: Any) -> Iterator[tuple[Place | None, Any]]:
        kind, held = type(x), getattr(x, "__dict__", {})
        if _is_ours(kind):
            yield from ((None, v) for v in list(held.values())[:WIDE])
            return
        yield from self._of_class(kind, x, held)
        for name, v in list(held.items())[:WIDE]:
            watched = name in self.read
            read = functools.partial(held.get, name)
            yield Place(f"{kind.__name__}.{name}", read) if watched else None, v

    def _of_class(
        self, kind: type, x: Any, held: Any = MappingProxyType({})
    ) -> Iterator[tuple[Place | None, Any]]:
        """Yield what x, an object or the class itself, has by its class, but what is `held`."""
        for name in sorted((self.read | CALLED) - held.keys()):
            owner = next((c for c in kind.__mro__ if name in vars(c)), object)
            v = vars(owner).get(name)
            v = next((getattr(v, of) for of in BEHIND if hasattr(v, of)), v)
            if name not in vars(owner) or _is_ours(owner):
                continue
            if isinstance(v, types.FunctionType):
                if not _is_library(v.__code__.co_filename):
                    yield None, v
            elif isinstance(v, types.MemberDescriptorType):
                read = functools.partial(getattr, x, name, None)
                yield Place(f"{kind.__name__}.{name}", read), read()
            elif isinstance(v, (*PLAIN, Variable)) or is_array(v):
                yield Place(f"{kind.__name__}.{name}", functools.partial(getattr, x, name, None)), v


def reached(
    *roots: Any, read: set[str], aside: Iterable[Any] = ()
) -> tuple[list[Any], list[Optimizer], list[Place]]:
    """Return models and optimizers that functions and objects refer to, and what else they read.

    Looked at are closures, defaults, the globals that a function names, attributes and containers.
    Places are those where the user's code finds something: variables around a function and global
    ones, attributes by names that occur in its code, entries of what is found there.

    Args:
        roots: where to begin.
        read: names of attributes that code is known to read; those that are found are added.
        aside: objects not to be looked at.
    """
    while True:
        walk, known = _Walk(read, aside), len(read)
        walk.go(roots)
        if len(read) == known:  # else an object came by before the code that reads it
            places = walk.places[:WATCHED]
            return list(walk.models.values()), list(walk.optimizers.values()), places


def owners(*roots: Any) -> tuple[list[Any], list[Optimizer]]:
    """Return the models and the optimizers that functions and objects refer to."""
    return reached(*roots, read=set())[:2]


def _of_module(name: str, inside: dict, read: frozenset[str]) -> list[tuple[Place | None, Any]]:
    """Return what a module holds by names that code reads, but its functions."""
    kinds = (*PLAIN, Members, Optimizer, Variable)
    return [
        (Place(f"{name}.{attribute}", functools.partial(inside.get, attribute)), inside[attribute])
        for attribute in sorted(read & inside.keys())
        if isinstance(inside[attribute], kinds) or is_array(inside[attribute])
    ]


def _of_container(x: Any, name: str) -> Iterator[tuple[Place | None, Any]]:
    """Yield the entries, with places if the container itself was found by `name`."""
    if isinstance(x, dict):
        for key, v in list(x.items())[:WIDE]:
            yield Place(f"{name}[{key!r}]", functools.partial(x.get, key)) if name else None, v
        return
    for i, v in enumerate(x[:WIDE]):
        # A list of numbers is a record more often than not.
        is_watched = name and not isinstance(v, PLAIN)
        yield Place(f"{name}[{i}]", functools.partial(_entry, x, i)) if is_watched else None, v


def _is_ours(x: Any) -> bool:
    return str(getattr(x, "__module__", "")).startswith("dezero.")


# Functions of files below these, or of what was installed, are nobody's to watch.
LIBRARIES = [str(Path(__file__).resolve().parent.parent), str(Path(os.__file__).parent)]


def _is_installed(path: str) -> bool:
    return f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}dist-packages{os.sep}" in path


def _is_of_libraries(path: str) -> bool:
    """Return whether a file is below one of LIBRARIES, and not installed below Python's own."""
    below = [path[len(part) :] for part in LIBRARIES if path.startswith(part)]
    return path.startswith("<frozen") or any(not _is_installed(rest) for rest in below)


def _is_library(path: str) -> bool:
    return _is_installed(path) or _is_of_libraries(path)


def _entry(x: Any, i: int) -> Any:
    return x[i] if i < len(x) else None


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


@functools.lru_cache(1024)
def _names(code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """Return the globals and the attributes that code reads, functions in it included."""
    import dis  # a module for the few who capture

    names, attributes = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            names.add(step.argval)
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            attributes.add(step.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _names(constant)
            names |= inner[0]
            attributes |= inner[1]
    return frozenset(names), frozenset(attributes)

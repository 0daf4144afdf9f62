"""Which Parameters and Layers an object holds: recorded as they are assigned, read when asked."""

from collections.abc import Iterator
from operator import is_
from typing import Any, NamedTuple, TypeVar

from dezero.backend import is_array
from dezero.core import Parameter, Variable
from dezero.core.errors import describe


class Buffer(Variable):
    """What a layer keeps beside its Parameters: saved and moved with them, changed by no optimizer.

    Args:
        data: array or number; None while its shape is not known yet.
        name: its path in the model, such as "bn1/avg_mean".
    Note: an array or Variable assigned to an attribute that holds one only replaces its `data`.
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, name)
        self.requires_grad = False


class Census(NamedTuple):
    """Everything below one layer at one time, and what must not have changed since."""

    version: int
    params: list[Parameter]
    layers: list[Any]
    containers: list[tuple[Any, tuple]]

    def is_current(self) -> bool:
        """Return whether nothing was assigned, and no container changed, since it was taken."""
        if self.version != _version[0]:
            return False
        for container, before in self.containers:
            now = container.values() if isinstance(container, dict) else container
            if len(now) != len(before) or not all(map(is_, now, before)):
                return False
        return True


M = TypeVar("M", bound="Members")
# Counts the assignments of Parameters, Layers and containers to attributes of any layer.
_version = [0]


class Members:
    """Records attributes that are Parameters, Layers, or lists, tuples and dicts of them.

    Containers are opened whenever somebody asks, so a layer appended later is seen too. Sets and
    other containers are not opened. Whatever is reachable twice counts once, under its first name.
    """

    _names: dict[str, None]
    _buffers: dict[str, None]
    # Attributes that copies and pickles leave behind.
    _left: tuple[str, ...] = ("_kept",)

    def __new__(cls: type[M], *args: Any, **kwargs: Any) -> M:
        # Here and not in __init__: a subclass need not call super().__init__() first.
        self = object.__new__(cls)
        self.__dict__.update(_names={}, _buffers={})
        return self

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in self.__dict__.items() if name not in self._left}
        # A shallow copy must not write into the record of the layer that it was made from.
        return state | {"_names": dict(self._names), "_buffers": dict(self._buffers)}

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__.get(name)
        if isinstance(held, Buffer) and not isinstance(value, Buffer):
            if is_array(value) or isinstance(value, Variable):
                held.data = value.data if isinstance(value, Variable) else value
                return
        if isinstance(value, RECORDED):
            self._names[name] = None
            self._buffers.pop(name, None)
            _version[0] += 1
        elif name in self._names:
            del self._names[name]
            _version[0] += 1
        if isinstance(value, Buffer):
            self._buffers[name] = None
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        _version[0] += 1
        self._names.pop(name, None)
        self._buffers.pop(name, None)

    def add_buffer(self, name: str, array: Any) -> None:
        """Make `array` the attribute `name`: saved with the weights, changed by no optimizer.

        Args:
            name: an identifier; assigning to the attribute later replaces the array.
            array: array, such as running statistics.
        Raises:
            TypeError: array is none.
            ValueError: name is no identifier, or is taken by a method or another attribute.
        """
        if not is_array(array):
            raise TypeError(
                f"add_buffer: expected an array for {name!r}, got {describe(array)}. "
                "Convert it with numpy.asarray."
            )
        if not (isinstance(name, str) and name.isidentifier()):
            raise ValueError(
                f"add_buffer: expected an identifier as name, got {name!r}. "
                "Use letters, digits and underscores."
            )
        if name not in self._buffers and hasattr(self, name):
            raise ValueError(
                f"add_buffer: expected a new name, got {name!r}, which {type(self).__name__} has "
                "already. Choose another."
            )
        setattr(self, name, array)
        self._buffers[name] = None

    def params(self) -> Iterator[Parameter]:
        """Yield every Parameter in and below this layer once, in order of assignment."""
        yield from self._census().params

    def named_params(self) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, Parameter) in the order of `params`; a path reads "l0/W" or "blocks/1/b"."""
        for path, _, _, value in self._walk("", set()):
            if isinstance(value, Parameter):
                yield path, value

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        """Yield (path, array) of every buffer in and below this layer, None before it has data."""
        for path, layer in (("", self), *self.named_layers()):
            for name in layer._buffers:
                value = layer.__dict__[name]
                array = value.data if isinstance(value, Buffer) else value
                yield f"{path}/{name}".lstrip("/"), array

    def named_layers(self) -> Iterator[tuple[str, Any]]:
        """Yield (path, layer) of every layer below this one, each before its own layers."""
        for path, _, _, value in self._walk("", set()):
            if isinstance(value, Members):
                yield path, value

    def sublayers(self) -> Iterator[Any]:
        """Yield the layers that this one holds itself, once each."""
        seen: set[int] = set()
        for _, value in self._entries():
            if isinstance(value, Members) and id(value) not in seen:
                seen.add(id(value))
                yield value

    @property
    def _params(self) -> set[str]:
        """The names of the attributes that are Parameters, buffers or Layers, as scripts know."""
        held = {name for name, value in self._members() if isinstance(value, HELD)}
        return held | {n for n in self._buffers if isinstance(self.__dict__[n], Buffer)}

    def _flatten_params(self, params_dict: dict[str, Any], parent_key: str = "") -> None:
        """Put every Parameter and Buffer, by its path in a file of weights, into `params_dict`."""
        above = f"{parent_key}/" if parent_key else ""
        for name, param in self.named_params():
            params_dict[above + name] = param
        for path, layer in (("", self), *self.named_layers()):
            for name in layer._buffers:
                if isinstance(value := layer.__dict__[name], Buffer):
                    params_dict[above + f"{path}/{name}".lstrip("/")] = value

    def _members(self) -> list[tuple[str, Any]]:
        values = self.__dict__
        return [(name, values[name]) for name in self._names if name in values]

    def _entries(self) -> list[tuple[str, Any]]:
        """Return (name, Parameter or Layer) of this layer alone, containers opened."""
        members = self._members()
        for _, value in members:
            if not isinstance(value, HELD):
                break
        else:
            return members
        # What is an attribute too goes by that name: the book's MLP has l0, l1 and a list of both.
        attributes = {id(value) for _, value in members if isinstance(value, HELD)}
        entries: list[tuple[str, Any]] = []
        for name, value in members:
            if isinstance(value, HELD):
                entries.append((name, value))
            else:
                entries += [e for e in _opened(name, value, set()) if id(e[1]) not in attributes]
        return entries

    def _census(self) -> Census:
        """Return all Parameters and layers below; kept until something is assigned somewhere."""
        census = self.__dict__.get("_kept")
        if census is None or not census.is_current():
            census = Census(_version[0], [], [], [])
            self._collect(census, set())
            self.__dict__["_kept"] = census
        return census

    def _collect(self, census: Census, seen: set[int]) -> None:
        seen.add(id(self))
        for name in self._names:
            _note_containers(self.__dict__.get(name), census.containers, set())
        for _, value in self._entries():
            if id(value) not in seen:
                if isinstance(value, Members):
                    census.layers.append(value)
                    value._collect(census, seen)
                else:
                    seen.add(id(value))
                    census.params.append(value)

    def _walk(self, prefix: str, seen: set[int]) -> Iterator[tuple[str, "Members", str, Any]]:
        """Yield (path, owner, the owner's name for it, Parameter or Layer), depth first."""
        seen.add(id(self))
        for name, value in self._entries():
            if id(value) in seen:
                continue
            yield prefix + name, self, name, value
            if isinstance(value, Members):
                yield from value._walk(f"{prefix}{name}/", seen)
            else:
                seen.add(id(value))


HELD = (Parameter, Members)
RECORDED = (Parameter, Members, list, tuple, dict)


def _opened(name: str, container: Any, inside: set[int]) -> Iterator[tuple[str, Any]]:
    if id(container) in inside:
        return
    inside.add(id(container))
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in pairs:
        if isinstance(value, HELD):
            yield f"{name}/{key}", value
        elif isinstance(value, list | tuple | dict):
            yield from _opened(f"{name}/{key}", value, inside)


def _note_containers(value: Any, noted: list, inside: set[int]) -> None:
    if isinstance(value, list | tuple | dict) and id(value) not in inside:
        inside.add(id(value))
        contents = tuple(value.values() if isinstance(value, dict) else value)
        noted.append((value, contents))
        for content in contents:
            _note_containers(content, noted, inside)

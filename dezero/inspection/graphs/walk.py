"""The graph behind Variables as plain data: what was computed from what, and by which function.

Works on anything that has a `creator` with `inputs` and `outputs`, so on the book's twin in
`core_simple` as well, and on graphs that a backward has used up: of those the engine keeps a
sketch (`Function.trail`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from weakref import ref

from dezero.core.errors import describe


class Node(NamedTuple):
    """A Variable or a function call."""

    is_function: bool
    name: str  # of the Variable, or of the function's class
    shape: tuple | None = None
    dtype: str = ""
    layer: str = ""  # path of the layer that made the call

    @property
    def facts(self) -> str:
        """Shape and dtype as text; nothing for a function or a Variable without data."""
        return "" if self.shape is None else f"{self.shape} {self.dtype}"


class Graph(NamedTuple):
    """Nodes, sources first, and edges as pairs of their numbers; an input used twice has two.

    `groups` are titles and sets of nodes that belong together, such as those of a layer.
    """

    nodes: list[Node]
    edges: list[tuple[int, int]]
    groups: tuple[tuple[str, frozenset[int]], ...] = ()


class _Value(NamedTuple):
    """A Variable, alive or gone; equal Variables have the very same `link`."""

    link: Any
    name: str | None
    shape: tuple | None
    dtype: str


class _Call(NamedTuple):
    """A function call; `outputs` is the function's own tuple of weak references."""

    kind: type
    outputs: Any
    inputs: list[_Value]


def walk(
    outputs: Any,
    caller: str = "walk",
    *,
    names: Mapping[int, str] | None = None,
    layers: Mapping[int, str] | None = None,
) -> Graph:
    """Return the graph behind a Variable, or behind all in nested lists, tuples and dicts.

    Args:
        outputs: Variables; one that nothing computed is a graph of one node.
        caller: the public function, for the error.
        names: id of a Variable -> what to call it instead of by its name.
        layers: id of a function's `outputs` -> path of the layer that called it.
    Raises:
        TypeError: there is no Variable in outputs.
    """
    return _Walker(names or {}, layers or {}).run(_variables(outputs, caller))


class _Walker:
    """Goes back from Variables without recursion and writes down nodes, sources first."""

    def __init__(self, names: Mapping[int, str], layers: Mapping[int, str]) -> None:
        self.names, self.layers = names, layers
        self.graph = Graph([], [])
        self.numbers: dict[int, int] = {}
        self.calls: dict[int, _Call] = {}  # of used-up graphs, by the id of an output's link
        self.trails: dict[int, list] = {}
        self.kept: list = []  # so that no id is given twice

    def run(self, variables: Iterable[Any]) -> Graph:
        # Backwards on to the stack, so that the first input is the first to be written down.
        stack: list = [_value(v) for v in reversed(list(variables))]
        while stack:
            item = stack.pop()
            key = _key(item)
            if key in self.numbers:
                continue
            before = self._before(item)
            if any(_key(b) not in self.numbers for b in before):
                stack.append(item)
                stack += [b for b in reversed(before) if _key(b) not in self.numbers]
            else:
                self._write(item, before)
        return self.graph

    def _before(self, item: _Value | _Call) -> list:
        if isinstance(item, _Call):
            return item.inputs
        call = self._maker(item)
        return [] if call is None else [call]

    def _maker(self, value: _Value) -> _Call | None:
        variable = value.link()
        if variable is not None:
            creator = variable.creator
            if creator is None:
                return None
            trail = getattr(creator, "trail", None)
            if trail is None:
                call = _Call(type(creator), creator.outputs, [_value(x) for x in creator.inputs])
                self.kept.append(call)
                return call
            self._follow(trail)
        return self.calls.get(id(value.link))

    def _follow(self, trail: list) -> None:
        """Note the calls of a graph that a backward has used up."""
        if id(trail) in self.trails:
            return
        self.trails[id(trail)] = trail
        for kind, outputs, inputs in trail:
            values = [_Value(link, name, shape, str(dtype)) for link, name, shape, dtype in inputs]
            call = _Call(kind, outputs, values)
            self.calls.update((id(link), call) for link in outputs)

    def _write(self, item: _Value | _Call, before: list) -> None:
        number = self.numbers[_key(item)] = len(self.graph.nodes)
        self.kept.append(item)
        if isinstance(item, _Call):
            layer = self.layers.get(id(item.outputs), "")
            node = Node(True, item.kind.__name__, layer=layer)
        else:
            variable = item.link()
            node = _node(item) if variable is None else node_of(variable, self._name(variable))
        self.graph.nodes.append(node)
        self.graph.edges.extend((self.numbers[_key(b)], number) for b in before)

    def _name(self, variable: Any) -> str | None:
        return self.names.get(id(variable))


def node_of(variable: Any, name: str | None = None) -> Node:
    """Return the node of a Variable, under another name if one is given."""
    return _node(_value(variable) if name is None else _value(variable)._replace(name=name))


def _node(value: _Value) -> Node:
    return Node(False, "" if value.name is None else str(value.name), value.shape, value.dtype)


def _key(item: _Value | _Call) -> int:
    return id(item.outputs) if isinstance(item, _Call) else id(item.link)


def _value(variable: Any) -> _Value:
    data = variable.data
    shape, dtype = (None, "") if data is None else (tuple(data.shape), str(data.dtype))
    return _Value(ref(variable), variable.name, shape, dtype)


def _variables(outputs: Any, caller: str) -> list:
    found = list(_leaves(outputs))
    wrong = [y for y in found if not (hasattr(y, "creator") and hasattr(y, "data"))]
    if wrong or not found:
        got = describe(wrong[0] if wrong else outputs)
        raise TypeError(
            f"{caller}: expected a Variable, or a list of them, got {got}. "
            "Pass the result of a computation with Variables."
        )
    return found


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list | tuple | Mapping):
        for branch in tree.values() if isinstance(tree, Mapping) else tree:
            yield from _leaves(branch)
    else:
        yield tree


def count_functions(variable: Any, most: int) -> int:
    """Return how many functions are behind a Variable, or some number above `most`."""
    stack, seen, used = [variable], {}, 0
    while stack and len(seen) + used <= most:
        creator = stack.pop().creator
        if creator is not None and id(creator) not in seen:
            seen[id(creator)] = creator
            used += len(getattr(creator, "trail", None) or [creator]) - 1
            stack += creator.inputs
    return len(seen) + used

"""The graph of a model: which layer made which call, and whose parameters are whose."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

from dezero.backend import is_array
from dezero.core import FunctionHook, Variable, using_config
from dezero.inspection.graphs.picture import Picture, checked_path, drawn
from dezero.inspection.graphs.walk import Graph, walk

__all__ = ["plot_model"]


def plot_model(
    model: Any, *inputs: Any, verbose: bool = True, to_file: Any = "model.png"
) -> Picture:
    """Call a model and draw what it computed, each call with the path of its layer.

    Args:
        model: a Layer.
        inputs: what it is called with; arrays become Variables under the names that `forward`
            has for them.
        verbose: show shapes, dtypes and layers as well as names.
        to_file: as in `plot_dot_graph`.
    Returns:
        A Picture, which a notebook displays.
    Raises:
        TypeError: the model returns no Variable.
        ValueError: to_file has an ending that cannot be written.
    Note: parameters without a shape get one from this call. Running statistics are left as they
        were; recurrent layers begin without a state, and have theirs again afterwards. The mode is
        the caller's: `with test_mode():` draws what evaluation computes.
    """
    if to_file is not None:
        checked_path(to_file)
    return drawn(model_graph(model, inputs), verbose, to_file)


def model_graph(model: Any, inputs: tuple) -> Graph:
    """Return the graph of `model(*inputs)`."""
    xs, names = _named_inputs(model, inputs)
    layers = {id(model): "", **{id(layer): path for path, layer in model.named_layers()}}
    calls = _Calls(layers)
    recording = using_config("enable_backprop", True)
    with model.states_aside(), _unchanged(model), calls.watching(model), recording:
        y = model(*xs)
    for path, holder in (*model.named_params(), *_buffers(model)):
        names[id(holder)] = path
    graph = walk(y, "plot", names=names, layers=calls.places)
    return graph._replace(groups=tuple(_groups(graph, model)))


def _groups(graph: Graph, model: Any) -> Iterator[tuple[str, frozenset[int]]]:
    """Yield title and nodes of each layer that calls more than one function.

    To a layer belong its calls, what passes between them, and what they alone use.
    """
    before: list[list[int]] = [[] for _ in graph.nodes]
    after: list[list[int]] = [[] for _ in graph.nodes]
    for tail, head in graph.edges:
        after[tail].append(head)
        before[head].append(tail)
    for path, layer in model.named_layers():
        calls = {
            v
            for v, node in enumerate(graph.nodes)
            if node.is_function and f"{node.layer}/".startswith(f"{path}/")
        }
        own = {
            v
            for v, node in enumerate(graph.nodes)
            if not node.is_function
            and after[v]
            and calls.issuperset(after[v])
            and (calls.issuperset(before[v]) if before[v] else node.name.startswith(f"{path}/"))
        }
        if len(calls) > 1:
            yield f"{path}: {type(layer).__name__}", frozenset(calls | own)


def _named_inputs(model: Any, inputs: tuple) -> tuple[list, dict[int, str]]:
    """Return inputs as Variables with a graph to come, and names for those that have none."""
    names: dict[int, str] = {}
    xs = []
    for x, name in zip(inputs, _argument_names(model, len(inputs)), strict=True):
        if is_array(x) or (isinstance(x, Variable) and not x.requires_grad):
            x = Variable(x) if is_array(x) else Variable(x.data, x.name)
        if isinstance(x, Variable) and x.name is None:
            names[id(x)] = name
        xs.append(x)
    return xs, names


def _argument_names(model: Any, count: int) -> list[str]:
    names: list[str] = []
    for parameter in inspect.signature(model.forward).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            break
        names.append(parameter.name)
    return [*names, *(f"input {i}" for i in range(len(names), count))][:count]


class _Calls(FunctionHook):
    """Notes for each function call which layer was the innermost one at work."""

    def __init__(self, layers: dict[int, str]) -> None:
        self.layers = layers
        self.places: dict[int, str] = {}
        self.working: list[str] = [""]
        self.kept: list = []  # functions, so that no id is given twice

    def forward_post(self, function: Any, xs: tuple, ys: tuple) -> None:
        self.kept.append(function)
        self.places[id(function.outputs)] = self.working[-1]

    @contextlib.contextmanager
    def watching(self, model: Any) -> Iterator[None]:
        """Follow all calls of the layers of `model` inside the block."""
        handles = []
        for layer in (model, *(layer for _, layer in model.named_layers())):
            handles.append(layer.register_forward_pre_hook(self._enter))
            handles.append(layer.register_forward_hook(self._leave))
        try:
            with self:
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, layer: Any, inputs: tuple) -> None:
        self.working.append(self.layers[id(layer)])

    def _leave(self, layer: Any, inputs: tuple, output: Any) -> None:
        self.working.pop()


@contextlib.contextmanager
def _unchanged(model: Any) -> Iterator[None]:
    """Put back running statistics, and Variables that a layer keeps as it pleases."""
    layers = {"": model, **dict(model.named_layers())}
    buffers = [(path, array.copy()) for path, array in model.named_buffers() if array is not None]
    before = [(vars(layer), dict(vars(layer))) for layer in layers.values()]
    try:
        yield
    finally:
        for path, array in buffers:
            place, _, name = path.rpartition("/")
            setattr(layers[place], name, array)
        for now, old in before:
            for name in [name for name, value in now.items() if type(value) is Variable]:
                if name not in old:
                    del now[name]
                elif old[name] is None or type(old[name]) is Variable:
                    now[name] = old[name]


def _buffers(model: Any) -> Iterator[tuple[str, Any]]:
    for place, layer in (("", model), *model.named_layers()):
        for name, value in vars(layer).items():
            if type(value) is not Variable and isinstance(value, Variable):
                yield f"{place}/{name}".lstrip("/"), value

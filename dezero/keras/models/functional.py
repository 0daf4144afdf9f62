"""`Functional`: a model of KerasTensors, run node by node."""

from typing import Any

from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.core import InputLayer
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.models.entries import fitted
from dezero.keras.models.model import KINDS, Model
from dezero.keras.models.order import layers_by_depth
from dezero.keras.tensors import KerasTensor, Node, flat, mapped, packed
from dezero.training import nest

__all__ = ["Functional"]


class Functional(Model):
    """The layers between `inputs` and `outputs`; `Model(inputs, outputs)` makes one.

    Raises:
        ValueError: an output does not depend on the inputs, or two layers share a name.
        TypeError: inputs or outputs are no KerasTensors.
    """

    _in: Any
    _out: Any
    _order: list[Node]

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **options: Any) -> None:
        super().__init__(name=name, **options)
        for what, part in (("inputs", inputs), ("outputs", outputs)):
            for tensor in flat(part):
                if not isinstance(tensor, KerasTensor):
                    raise TypeError(
                        f"Model: expected {what} made by Input and layers, got "
                        f"{describe(tensor)}. Begin with Input(shape=...)."
                    )
        # As in Keras, a list of one is that one.
        inputs, outputs = (
            part[0] if isinstance(part, list | tuple) and len(part) == 1 else part
            for part in (inputs, outputs)
        )
        self.__dict__.update(_in=inputs, _out=outputs)
        self.__dict__["_order"] = order = _ordered(flat(inputs), flat(outputs))
        self._stack = layers_by_depth(order, flat(inputs), flat(outputs))
        names = [layer.name for layer in self._stack]
        for twice in {name for name in names if names.count(name) > 1}:
            raise ValueError(
                f"Model: expected layers with names of their own, got {twice!r} twice. "
                "Give one of them another name."
            )
        self.built = True
        self.__dict__["_plan"] = _plan(order, flat(inputs), flat(outputs))
        self.__dict__["_entry_shape"] = None
        if isinstance(inputs, KerasTensor):
            self.__dict__["_entry_shape"] = inputs.shape
        self.output_names = _output_names(outputs)
        if self.output_names is None:
            self.__dict__["only_output_name"] = outputs.node.layer.name

    def __getstate__(self) -> dict[str, Any]:
        # First the nodes, from the inputs on: a copy that began at the outputs would go down
        # through all of a deep model at once, and Python's recursion ends at some hundred layers.
        state = super().__getstate__()
        return {"_order": state["_order"], **state}

    @property
    def layers(self) -> list[Layer]:
        """All layers in Keras's order: the farthest from the outputs first."""
        return list(self._stack)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The KerasTensors of the inputs."""
        return flat(self._in)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The KerasTensors of the outputs."""
        return flat(self._out)

    @property
    def input(self) -> Any:
        """The inputs as they were given."""
        return self._in

    @property
    def output(self) -> Any:
        """The outputs as they were given."""
        return self._out

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [tensor.node.layer.name for tensor in self.inputs]

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Run the layers on arrays, given as the model's inputs were, or by their names."""
        count, entries, steps, exits = self.__dict__["_plan"]
        values: list[Any] = [None] * count
        given = self._matched(inputs)
        for slot, value, tensor in zip(entries, given, self.inputs, strict=True):
            values[slot] = fitted(value, tensor, str(self.name))
        for layer, args, kwargs, outs in steps:
            if type(args) is int:
                result = layer(values[args])
            else:
                options = {k: _filled(v, values) for k, v in kwargs.items()}
                result = layer(*(_filled(a, values) for a in args), **options)
            if type(outs) is int:
                values[outs] = result
            else:
                for slot, value in zip(outs, flat(result), strict=True):
                    values[slot] = value
        if isinstance(self._out, KerasTensor):
            return values[exits[0]]
        return packed(self._out, iter([values[slot] for slot in exits]))

    def _matched(self, inputs: Any) -> list:
        """Return the arrays in the order of the model's inputs.

        Raises:
            ValueError: their number or names differ.
        """
        if isinstance(self._in, KerasTensor) and not isinstance(inputs, list | tuple | dict):
            return [inputs]
        tensors = self.inputs
        if isinstance(inputs, dict):
            if isinstance(self._in, dict) and self._in.keys() <= inputs.keys():
                return [value for key in self._in for value in flat(inputs[key])]
            names = self.input_names
            if set(names) <= inputs.keys():
                return [inputs[name] for name in names]
        found = flat(inputs)
        if isinstance(inputs, dict) or len(found) != len(tensors):
            got = sorted(inputs) if isinstance(inputs, dict) else f"{len(found)} arrays"
            raise ValueError(
                f"Model: expected inputs {self.input_names}, got {got}. "
                "Give a list in this order, or a dict by these names."
            )
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of the outputs for inputs of these shapes."""
        shapes = {}
        given = _shape_leaves(input_shape)
        for tensor, shape in zip(self.inputs, given, strict=True):
            shapes[id(tensor)] = tuple(shape)
        for node in self.__dict__["_order"]:
            if all(shapes[id(t)] == t.shape for t in node.input_tensors):
                results: Any = [t.shape for t in flat(node.outputs)]
            else:
                inside = packed(node.args[0], iter([shapes[id(t)] for t in flat(node.args[0])]))
                results = _shape_leaves(node.layer.compute_output_shape(inside))
            for tensor, shape in zip(flat(node.outputs), results, strict=True):
                shapes[id(tensor)] = tuple(shape)
        return packed(self._out, iter([shapes[id(t)] for t in self.outputs]))

    def get_config(self) -> dict[str, Any]:
        """Return layers and their calls, fit for JSON."""
        return functional_config(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> "Functional":
        """Return a new model from what `get_config` returned."""
        return functional_from_config(config, custom_objects)


def _shape_leaves(part: Any) -> list[tuple]:
    if isinstance(part, dict):
        return [leaf for value in part.values() for leaf in _shape_leaves(value)]
    if isinstance(part, list) and (not part or isinstance(part[0], list | tuple | dict)):
        return [leaf for value in part for leaf in _shape_leaves(value)]
    if isinstance(part, tuple) and part and isinstance(part[0], list | tuple):
        return [leaf for value in part for leaf in _shape_leaves(value)]
    return [tuple(part)]


def _ordered(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> list[Node]:
    """Return the Nodes between inputs and outputs, each after those it needs."""
    given = {id(tensor) for tensor in inputs}
    order: list[Node] = []
    done: set[int] = set()
    stack = [(tensor, False) for tensor in reversed(outputs)]
    while stack:
        tensor, is_ready = stack.pop()
        node = tensor.node
        if id(tensor) in given or (node is not None and id(node) in done):
            continue
        if node is None or isinstance(node.layer, InputLayer):
            raise ValueError(
                f"Model: expected outputs computed from the inputs, got {tensor}, which comes from "
                "another Input. Add that to the inputs."
            )
        if is_ready:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((tensor, True))
            stack += [(before, False) for before in reversed(node.input_tensors)]
    return order


def _plan(order: list[Node], inputs: list, outputs: list) -> tuple:
    """Return (number of values, slots of the inputs, steps, slots of the outputs).

    A step is (layer, arguments, keywords, slots of the results); an int stands for one slot.
    """
    slots: dict[int, int] = {}
    for tensor in [*inputs, *(t for node in order for t in flat(node.outputs))]:
        slots.setdefault(id(tensor), len(slots))
    steps = []
    for node in order:
        single = len(node.args) == 1 and type(node.args[0]) is KerasTensor and not node.kwargs
        args = slots[id(node.args[0])] if single else tuple(_slotted(a, slots) for a in node.args)
        kwargs = {key: _slotted(value, slots) for key, value in node.kwargs.items()}
        one = type(node.outputs) is KerasTensor
        outs = slots[id(node.outputs)] if one else [slots[id(t)] for t in flat(node.outputs)]
        steps.append((node.layer, args, kwargs, outs))
    return len(slots), [slots[id(t)] for t in inputs], steps, [slots[id(t)] for t in outputs]


class _Slot(int):
    """The place of a value, in arguments that may hold numbers too."""


def _slotted(part: Any, slots: dict[int, int]) -> Any:
    return mapped(lambda x: _Slot(slots[id(x)]) if type(x) is KerasTensor else x, part)


def _filled(part: Any, values: list) -> Any:
    return mapped(lambda x: values[x] if type(x) is _Slot else x, part)


def _output_names(outputs: Any) -> list[str] | None:
    if isinstance(outputs, KerasTensor):
        return None
    if isinstance(outputs, dict):
        return list(outputs)
    names: list[str] = []
    for tensor in flat(outputs):
        base = name = tensor.node.layer.name
        number = 0
        while name in names:
            number += 1
            name = f"{base}_{number}"
        names.append(name)
    return names


def functional_config(model: Functional) -> dict[str, Any]:
    """Return the layers, their calls, and which tensors go in and out, fit for JSON."""
    calls: dict[int, list] = {id(layer): [] for layer in model.layers}
    place: dict[int, list] = {}
    for tensor in model.inputs:
        place[id(tensor)] = [tensor.node.layer.name, 0, 0]
    for node in model._order:
        number = len(calls[id(node.layer)])
        for i, tensor in enumerate(flat(node.outputs)):
            place[id(tensor)] = [node.layer.name, number, i]
        call = {"args": _placed(node.args, place), "kwargs": _placed(node.kwargs, place)}
        calls[id(node.layer)].append(call)
    entries = [
        saved_layer(layer) | {"name": layer.name, "inbound_nodes": calls[id(layer)]}
        for layer in model.layers
    ]
    ends = {"input_layers": model._in, "output_layers": model._out}
    return {"name": model.name, "layers": entries} | {
        key: _placed(part, place) for key, part in ends.items()
    }


def _placed(part: Any, place: dict[int, list]) -> Any:
    def one(leaf: Any) -> Any:
        if type(leaf) is KerasTensor:
            shown = {"shape": list(leaf.shape), "dtype": leaf.dtype}
            config = shown | {"keras_history": place[id(leaf)]}
            return {"class_name": "__keras_tensor__", "config": config}
        if leaf is None or isinstance(leaf, str | int | float):
            return leaf
        raise TypeError(
            f"get_config: expected numbers, texts and tensors as arguments of layers, got "
            f"{describe(leaf)}. Give arrays by an Input."
        )

    return nest.mapped(one, part)  # lists for tuples, as JSON has it


def functional_from_config(config: Any, custom: dict[str, Any] | None) -> Functional:
    """Return a new model from what `functional_config` returned.

    Raises:
        ValueError: a call names a tensor that no layer makes.
    """
    made: dict[tuple, KerasTensor] = {}
    ready = []
    for entry in config["layers"]:
        layer = layer_from(entry, custom)
        if isinstance(layer, InputLayer):
            made[(layer.name, 0, 0)] = layer.output
        calls = enumerate(entry.get("inbound_nodes", ()))
        ready += [(layer, number, call) for number, call in calls]
    ready.reverse()
    waiting: dict[tuple, list] = {}  # calls by a tensor that they lack
    while ready:
        layer, number, call = ready.pop()
        try:
            args, kwargs = _found(call["args"], made), _found(call["kwargs"], made)
        except _Missing as error:
            waiting.setdefault(error.place, []).append((layer, number, call))
            continue
        for i, tensor in enumerate(flat(layer(*args, **kwargs))):
            made[(layer.name, number, i)] = tensor
            ready += reversed(waiting.pop((layer.name, number, i), []))
    for calls in waiting.values():
        raise ValueError(
            f"model_from_config: expected calls of tensors that layers make, got "
            f"{calls[0][0].name!r} called on others. The description is damaged."
        )
    ends = [_found(config[key], made) for key in ("input_layers", "output_layers")]
    return Functional(*ends, name=config.get("name"))


class _Missing(ValueError):
    """A tensor that no layer has made yet."""

    def __init__(self, place: tuple) -> None:
        self.place = place
        super().__init__(
            f"model_from_config: expected tensors that layers make, got {place!r:.80}. "
            "The description is damaged."
        )


def _found(part: Any, made: dict[tuple, KerasTensor]) -> Any:
    if isinstance(part, dict) and part.get("class_name") == "__keras_tensor__":
        place = tuple(part["config"]["keras_history"])
        if place not in made:
            raise _Missing(place)
        return made[place]
    if isinstance(part, dict):
        return {key: _found(value, made) for key, value in part.items()}
    if isinstance(part, list):
        return [_found(value, made) for value in part]
    return part


KINDS["Functional"] = Functional

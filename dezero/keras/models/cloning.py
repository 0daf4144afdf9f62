"""Models from descriptions: clone_model, model_from_json, model_from_config."""

import json
from typing import Any

from dezero.core.errors import describe, lookup
from dezero.keras.layers.core import InputLayer
from dezero.keras.layers.table import LAYERS
from dezero.keras.models.functional import Functional
from dezero.keras.models.model import KINDS, Model
from dezero.keras.models.sequential import Sequential
from dezero.keras.saving.config import model_from
from dezero.keras.tensors import KerasTensor, flat, mapped, packed

__all__ = ["clone_model", "model_from_config", "model_from_json"]


def model_from_config(entry: Any, custom_objects: dict[str, Any] | None = None) -> Model:
    """Return a new model, with new weights, from what `model_config`, or Keras's, returned.

    Raises:
        ValueError: a class is unknown, or the description fits nothing.
    """
    if not isinstance(entry, dict) or not {"class_name", "config"} <= entry.keys():
        raise ValueError(
            f"model_from_config: expected a dict with 'class_name' and 'config', "
            f"got {describe(entry)}. Was it written by to_json?"
        )
    lookup("model", entry["class_name"], {**KINDS, "Model": Functional, **(custom_objects or {})})
    return model_from("model_from_config", entry, custom_objects)


def model_from_json(text: str, custom_objects: dict[str, Any] | None = None) -> Model:
    """Return a new model, with new weights, from the text of `to_json`, ours or Keras's."""
    return model_from_config(json.loads(text), custom_objects)


def clone_model(model: Model, input_tensors: Any = None, clone_function: Any = None) -> Model:
    """Return a model of the same architecture with new weights of its own.

    Args:
        model: Sequential or functional.
        input_tensors: KerasTensors to begin with, of a functional model.
        clone_function: makes the new layer of an old one; by its configuration if None.
    Raises:
        ValueError: the model is a subclass.
    """
    copy = clone_function or (lambda layer: type(layer).from_config(layer.get_config()))
    if isinstance(model, Sequential):
        first = [] if model._entry is None else [_copied(model._entry)]
        return Sequential(first + [copy(layer) for layer in model.layers], name=model.name)
    if not isinstance(model, Functional):
        raise ValueError(
            f"clone_model: expected a Sequential or functional model, got "
            f"{type(model).__name__}. Make another by its own code."
        )
    old = model.inputs
    new = flat(input_tensors) if input_tensors is not None else [_copied(t.node.layer) for t in old]
    entries = [entry.output if isinstance(entry, InputLayer) else entry for entry in new]
    found: dict[int, Any] = dict(zip(map(id, old), entries, strict=True))
    copies: dict[int, Any] = {}
    for node in model._order:
        if id(node.layer) not in copies:
            copies[id(node.layer)] = copy(node.layer)
        layer = copies[id(node.layer)]
        result = layer(*_moved(node.args, found), **_moved(node.kwargs, found))
        found.update(zip(map(id, flat(node.outputs)), flat(result), strict=True))
    inputs = packed(model._in, iter([found[id(t)] for t in old]))
    outputs = packed(model._out, iter([found[id(t)] for t in model.outputs]))
    return Functional(inputs, outputs, name=model.name)


def _copied(entry: Any) -> Any:
    return InputLayer(batch_shape=entry.output.shape, dtype=entry.dtype, name=entry.name)


def _moved(part: Any, found: dict[int, Any]) -> Any:
    return mapped(lambda x: found[id(x)] if type(x) is KerasTensor else x, part)


LAYERS.update({"Sequential": Sequential, "Functional": Functional})

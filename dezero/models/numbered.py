"""Models whose layers stand in a list and are called l0, l1, ... as in the book."""

import re
from typing import Any

from dezero.core import Config, Parameter
from dezero.layers import Activation, Layer, build_layer, layer_config, saved_name
from dezero.models.model import Model
from dezero.models.table import MODELS

_NUMBERED = re.compile(r"l(0|[1-9][0-9]{0,8})")


class Numbered(Model):
    """Base of `Sequential` and `MLP`: `model.l0` is `model.layers[0]`, and its path is "l0".

    The list is the truth: what is put into it, or assigned to `model.l0`, is what runs.
    """

    layers: list

    def __getattr__(self, name: str) -> Any:
        layers = self.__dict__.get("layers", ())
        number = _NUMBERED.fullmatch(name)
        if number and int(number[1]) < len(layers):
            return layers[int(number[1])]
        raise AttributeError(f"{type(self).__name__}: no attribute {name!r}.")

    def __setattr__(self, name: str, value: Any) -> None:
        number = _NUMBERED.fullmatch(name)
        if number and int(number[1]) < len(self.__dict__.get("layers", ())):
            self.layers[int(number[1])] = value
        else:
            super().__setattr__(name, value)

    def __len__(self) -> int:
        return len(self.layers)

    def __bool__(self) -> bool:
        return True  # an empty model is a model

    def _members(self) -> list[tuple[str, Any]]:
        layers = self.__dict__.get("layers", ())
        numbered = [(f"l{i}", v) for i, v in enumerate(layers) if isinstance(v, HELD)]
        return numbered + [pair for pair in super()._members() if pair[0] != "layers"]

    def shown_members(self) -> list[tuple[str, Any]]:
        rest = [pair for pair in super().shown_members() if not _NUMBERED.fullmatch(pair[0])]
        layers = self.__dict__.get("layers", ())
        return [(f"l{i}", layer) for i, layer in enumerate(layers)] + rest

    @property
    def input_dtype(self) -> Any:
        first = self.layers[0] if self.layers else None
        return first.input_dtype if isinstance(first, Layer) else Config.dtype


HELD = (Layer, Parameter)


def member_entry(path: str, layer: Any) -> dict[str, Any]:
    """Return what a file needs to make a layer, or a function in the place of one, anew."""
    if isinstance(layer, Layer):
        return layer_config(layer, MODELS)
    return {"function": saved_name(f"layer {path}", layer)}


def build_member(entry: Any) -> Any:
    """Return a new layer, or the function, from what `member_entry` wrote."""
    if isinstance(entry, dict) and set(entry) == {"function"}:
        return Activation(entry["function"]).activation
    return build_layer(entry, MODELS)

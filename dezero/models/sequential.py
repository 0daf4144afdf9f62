"""Layers one after another."""

from collections.abc import Callable, Iterator
from typing import Any

from dezero.core import Variable
from dezero.core.errors import describe
from dezero.models.numbered import Numbered, build_member, member_entry
from dezero.models.table import MODELS


class Sequential(Numbered):
    """y = ...l2(l1(l0(x))).

    Args:
        layers: Layers and functions of one Variable, each an argument or all in one list.
        name: for people.
    Raises:
        TypeError: one of them cannot be called, or is a class.
    """

    def __init__(self, *layers: Any, name: str | None = None) -> None:
        self.layers = []
        self.name = name
        if len(layers) == 1 and isinstance(layers[0], list | tuple):
            layers = tuple(layers[0])
        for layer in layers:
            self.add(layer)

    def add(self, layer: Callable[..., Any]) -> None:
        """Put a Layer or a function at the end.

        Raises:
            TypeError: it cannot be called, or is a class.
            ValueError: it is this model itself.
        """
        if isinstance(layer, type):
            raise TypeError(
                f"Sequential: expected a layer, got the class {layer.__name__}. "
                f"Write {layer.__name__}(...) with its arguments."
            )
        if not callable(layer):
            hint = f"Activation({layer!r})" if isinstance(layer, str) else "a Layer or a function"
            raise TypeError(f"Sequential: expected a layer, got {describe(layer)}. Use {hint}.")
        if layer is self:
            raise ValueError("Sequential: expected another layer, got the model itself. Copy it.")
        self.layers.append(layer)

    def pop(self) -> Any:
        """Take the last layer off and return it; IndexError if there is none."""
        if not self.layers:
            raise IndexError("Sequential.pop: expected a model with layers, got an empty one.")
        return self.layers.pop()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)

    def __getitem__(self, index: int | slice) -> Any:
        """Return one layer, or for a slice a Sequential that shares the layers."""
        return Sequential(self.layers[index]) if isinstance(index, slice) else self.layers[index]

    def forward(self, x: Any, steps: list | None = None) -> Variable:  # type: ignore[override]
        for layer in self.layers:
            x = layer(x)
            if steps is not None:
                steps.append(x)
        return x

    def trace(self, x: Any) -> list[tuple[str, Any, Any]]:
        if type(self).forward is not Sequential.forward:
            return super().trace(x)  # a forward of one's own need not go through all the layers
        steps: list = []
        self(x, steps=steps)
        return [(*pair, y) for pair, y in zip(self.shown_members(), steps, strict=False)]

    def config(self) -> dict[str, Any]:
        return {"layers": [member_entry(f"l{i}", layer) for i, layer in enumerate(self.layers)]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Sequential":
        if set(config) != {"layers"}:
            raise ValueError(f"Sequential: expected 'layers' alone, got {sorted(config)}.")
        return cls([build_member(entry) for entry in config["layers"]])


MODELS["Sequential"] = Sequential

"""Cells one above the other: `RNN(StackedRNNCells([LSTMCell(8), LSTMCell(4)]))`."""

from typing import Any

from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.layers.weighted import Weighted
from dezero.keras.tensors import flat, mapped

__all__ = ["StackedRNNCells"]


class StackedRNNCells(Weighted):
    """Recurrent cells of which each takes the outputs of the one before.

    Args:
        cells: list of cells.
    Raises:
        TypeError: one of them is no cell.
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            if not (isinstance(cell, Layer) and hasattr(cell, "state_size")):
                raise TypeError(
                    f"StackedRNNCells: expected layers with state_size, got {describe(cell)}. "
                    "Take LSTMCell(units), or write a class."
                )
        self.cells: list[Any] = list(cells)

    @property
    def state_size(self) -> list:
        """Features of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """Features of the output."""
        last = self.cells[-1]
        return getattr(last, "output_size", flat(last.state_size)[0])

    def build(self, input_shape: Any) -> None:
        """Build each cell for the outputs of the one before."""
        shape = tuple(input_shape)
        for cell in self.cells:
            cell.build_once([shape])
            shape = (shape[0], getattr(cell, "output_size", flat(cell.state_size)[0]))

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple:
        """Take one time; return the last cell's output and all new states, one after another."""
        given, new, x = iter(flat(states)), [], inputs
        for cell in self.cells:
            own = mapped(lambda _: next(given), cell.state_size)
            own = list(own) if isinstance(own, list | tuple) else [own]
            options = {"training": training} if "training" in cell._takes else {}
            x, after = cell(x, own, **options)
            new += flat(after)
        return x, new

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return super().get_config() | {"cells": [saved_layer(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        return cls(**config | {"cells": [layer_from(cell) for cell in config["cells"]]})

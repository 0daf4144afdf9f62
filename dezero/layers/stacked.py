"""Recurrent layers made of others: both directions, and one on top of the other."""

from collections.abc import Iterable, Sequence
from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe, lookup
from dezero.layers import parameters
from dezero.layers.cell import Cell, Recurrent
from dezero.layers.recurrent import CELLS

MERGES = ("concat", "sum", "mul", "average")


class Bidirectional(Recurrent):
    """Read sequences in both directions with two layers of one kind.

    The states are those of the forward layer, then those of the backward layer.

    Args:
        layer: an RNN, LSTM or GRU that goes forward; its return_sequences and return_state count
            for both. The second layer is made from its configuration.
        merge: "concat" puts both outputs side by side, (..., 2H); "sum", "mul", "average".
        name: for people.
    Raises:
        TypeError: layer is something else.
        ValueError: merge is unknown, or layer goes in reverse itself.
    Reference: Schuster and Paliwal 1997, "Bidirectional recurrent neural networks".
    """

    def __init__(self, layer: Cell, merge: str = "concat", *, name: str | None = None) -> None:
        if not isinstance(layer, Cell):
            raise TypeError(
                f"Bidirectional: expected an RNN, LSTM or GRU, got {describe(layer)}. "
                "Write Bidirectional(LSTM(100))."
            )
        if layer.reverse:
            raise ValueError(
                "Bidirectional: expected a layer that goes forward, got reverse=True. Leave it out."
            )
        lookup("Bidirectional", merge, dict.fromkeys(MERGES))
        self.merge, self.name = merge, name
        self.forward_layer = layer
        self.backward_layer = type(layer)(**{**layer.arguments(), "reverse": True})
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state

    @property
    def state_count(self) -> int:
        return 2 * self.forward_layer.state_count

    def run(self, x: Any, states: Any, mask: Any) -> tuple[Variable, Variable, list[Variable]]:
        """Run both layers over sequences (N, T, I); see `Recurrent`."""
        half = self.forward_layer.state_count
        pair = (None, None) if states is None else (states[:half], states[half:])
        one = self.forward_layer.run(x, pair[0], mask)
        other = self.backward_layer.run(x, pair[1], mask)
        hs, last = (self._merged(a, b) for a, b in zip(one[:2], other[:2], strict=True))
        return hs, last, [*one[2], *other[2]]

    def _merged(self, a: Variable, b: Variable) -> Variable:
        if self.merge == "concat":
            return F.concat([a, b], axis=-1)
        if self.merge == "mul":
            return a * b
        return a + b if self.merge == "sum" else (a + b) / 2

    def step(self, x: Any) -> Variable:
        """Raise a ValueError: the second layer needs the end of the sequence first."""
        raise ValueError(
            f"Bidirectional: expected sequences (N, T, I), got {describe(x)}. "
            "One time alone has no second direction."
        )

    def set_state(self, *states: Any) -> None:
        """Raise a ValueError, as `step` does."""
        self.step(states)

    def details(self) -> str:
        kind = type(self.forward_layer).__name__
        merge = "" if self.merge == "concat" else f", {self.merge}"
        return f"{kind} {self.forward_layer.details()}{merge}"

    def shown_members(self) -> list[tuple[str, Any]]:
        return []

    def config(self) -> dict[str, Any]:
        return {"layer": _entry(self.forward_layer), "merge": self.merge}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Bidirectional":
        return cls(_built(config["layer"], CELLS), config["merge"])


class StackedRNN(Recurrent):
    """Recurrent layers one on top of the other: each reads all outputs of the one below.

    Of return_sequences and return_state those of the last layer count. The states are those of all
    layers, from the first. On (N, I) all layers take one step.

    Args:
        layers: RNN, LSTM, GRU and Bidirectional layers, as many as wanted.
        dropout_ratio: part of the outputs between two layers that is dropped in training.
        name: for people.
    Raises:
        TypeError: layers are something else.
        ValueError: there is none, or dropout_ratio is out of range.
    """

    def __init__(
        self, layers: Sequence[Recurrent], dropout_ratio: float = 0.0, *, name: str | None = None
    ) -> None:
        given = layers
        layers = list(layers) if isinstance(layers, Iterable) else []
        if not layers or not all(isinstance(v, Cell | Bidirectional) for v in layers):
            kinds = f"[{', '.join(type(v).__name__ for v in layers)}]"
            raise TypeError(
                "StackedRNN: expected a list of RNN, LSTM, GRU and Bidirectional layers, got "
                f"{kinds if isinstance(given, Iterable) else describe(given)}. Write "
                "StackedRNN([LSTM(100), LSTM(100)])."
            )
        self.dropout_ratio = parameters.checked_ratio("StackedRNN", dropout_ratio)
        self.layers, self.name = layers, name

    @property
    def return_sequences(self) -> bool:  # type: ignore[override]
        """Whether all outputs are returned, as the last layer says."""
        return self.layers[-1].return_sequences

    @property
    def return_state(self) -> bool:  # type: ignore[override]
        """Whether the states are returned too, as the last layer says."""
        return self.layers[-1].return_state

    @property
    def state_count(self) -> int:
        return sum(layer.state_count for layer in self.layers)

    def states(self) -> list[Variable | None]:
        return [state for layer in self.layers for state in layer.states()]

    def _shared_out(self, states: Any) -> list[Any]:
        """Return for each layer its states."""
        if states is None:
            return [None] * len(self.layers)
        left = iter(states)
        return [[next(left) for _ in range(layer.state_count)] for layer in self.layers]

    def _between(self, i: int, x: Any) -> Any:
        return F.dropout(x, self.dropout_ratio) if i and self.dropout_ratio else x

    def run(self, x: Any, states: Any, mask: Any) -> tuple[Variable, Variable, list[Variable]]:
        """Run all layers over sequences (N, T, I); see `Recurrent`."""
        ends, last = [], x
        for i, (layer, first) in enumerate(zip(self.layers, self._shared_out(states), strict=True)):
            x, last, end = layer.run(self._between(i, x), first, mask)
            ends += end
        return x, last, ends

    def step(self, x: Any) -> Variable:
        """Take one time, (N, I), through all layers; their states are kept."""
        for i, layer in enumerate(self.layers):
            x = layer.step(self._between(i, x))
        return x

    def set_state(self, *states: Any) -> None:
        """Have the next step go on from these, (N, H) each, those of the first layer first."""
        shares = self._shared_out(self._listed(list(states)))
        for layer, share in zip(self.layers, shares, strict=True):
            layer.set_state(*share)

    def details(self) -> str:
        return f"dropout {self.dropout_ratio:g}" if self.dropout_ratio else ""

    def config(self) -> dict[str, Any]:
        entries = [_entry(layer) for layer in self.layers]
        return {"layers": entries, "dropout_ratio": self.dropout_ratio}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "StackedRNN":
        kinds = {**CELLS, "Bidirectional": Bidirectional}
        return cls([_built(entry, kinds) for entry in config["layers"]], config["dropout_ratio"])


def _entry(layer: Recurrent) -> dict[str, Any]:
    return {"class": type(layer).__name__, "config": layer.config()}


def _built(entry: Any, kinds: dict[str, Any]) -> Any:
    return lookup("build_layer", entry["class"], kinds).from_config(dict(entry["config"]))

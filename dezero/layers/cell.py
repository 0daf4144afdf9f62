"""What recurrent layers have in common: states, weights gate by gate, options."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import functions as F
from dezero import initializers
from dezero.backend import xp
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.layers import parameters
from dezero.layers.activation import saved_name, shown_name
from dezero.layers.layer import Layer
from dezero.layers.linear import Linear

INITIAL = ("initializer", "recurrent_initializer", "bias_initializer")
_STEPS = (F.RNNStep, F.LSTMStep, F.GRUStep)


class Recurrent(Layer):
    """Base of what is called on one time, (N, I), or on sequences, (N, T, I).

    A subclass has `step(x)`, which keeps its states and returns the output (N, H), `set_state`, and
    `run(x, states, mask)`, which returns all outputs (N, T, H), the last one, and the last states.
    `return_sequences` asks for all outputs instead of the last, `return_state` for the states too.
    """

    return_sequences = False
    return_state = False
    step: Any
    set_state: Any
    run: Any

    @property
    def state_count(self) -> int:
        """How many states there are, such as 2 for the h and c of an LSTM."""
        return len(self.state_names)

    def forward(  # type: ignore[override]
        self, x: Any, *, mask: Any = None, initial_state: Any = None
    ) -> Any:
        states = None if initial_state is None else self._listed(initial_state)
        x = x if hasattr(x, "ndim") else Variable.wrap(x)
        if x.ndim == 2 and mask is None:
            if states is not None:
                self.set_state(*states)
            y = self.step(x)
            return (y, *self.states()) if self.return_state else y
        if x.ndim != 3:
            beside = "" if mask is None else f" beside mask {describe(mask)}"
            raise ValueError(
                f"{type(self).__name__}: expected one time (N, I), or sequences (N, T, I) and "
                f"perhaps a mask (N, T), got x {describe(x)}{beside}. Reshape x."
            )
        hs, last, states = self.run(x, states, mask)
        y = hs if self.return_sequences else last
        if self.return_sequences and mask is not None:
            y = F.where(Variable.wrap(mask)[:, :, None], hs, 0.0)
        return (y, *states) if self.return_state else y

    def states(self) -> list[Variable | None]:
        """Return what the last step left, such as h and c; None before the first."""
        return [self.__dict__.get(name) for name in self.state_names]

    def _listed(self, states: Any) -> list:
        states = list(states) if isinstance(states, list | tuple) else [states]
        if len(states) != self.state_count:
            raise ValueError(
                f"{type(self).__name__}: expected {self.state_count} states, got {len(states)}. "
                "Give them in a list, as return_state returns them."
            )
        return states


class Cell(Recurrent):
    """Base of RNN, LSTM and GRU: weights from x and from the state to each gate.

    Args:
        hidden_size: units H of the state and of the output.
        in_size: features I of x; None takes them from the first call.
        return_sequences: of sequences, return all outputs (N, T, H) and not only the last (N, H).
        return_state: return a tuple, the output and the last states.
        stateful: begin sequences where the ones before ended; the past is not differentiated.
        reverse: read sequences from their end; the outputs stay in the order of x.
        dtype: floating dtype of the parameters.
        initializer, recurrent_initializer, bias_initializer: first values of the weights of x, of
            the weights of the state, and of biases.
        name: for people.
    """

    gates = ""
    functions: tuple[str, ...] = ("activation",)
    state_bias = False
    state_names = ("h",)
    h: Variable | None = None
    # What a subclass computes: (x, states, W) to the states after, and over all times.
    _one_step: Any
    _all_steps: Any

    def __init__(
        self,
        hidden_size: int,
        in_size: int | None = None,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        stateful: bool = False,
        reverse: bool = False,
        dtype: DTypeLike = np.float32,
        initializer: Any = "lecun_normal",
        recurrent_initializer: Any = "lecun_normal",
        bias_initializer: Any = "zeros",
        name: str | None = None,
    ) -> None:
        kind = type(self).__name__
        H = parameters.checked_size(f"{kind}: expected hidden_size", hidden_size)
        self.hidden_size, self.name = H, name
        self.dtype = parameters.checked_dtype(kind, dtype)
        self.return_sequences, self.return_state = bool(return_sequences), bool(return_state)
        self.stateful, self.reverse = bool(stateful), bool(reverse)
        self.initializer = initializers.get(initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        shared = {"dtype": dtype, "bias_initializer": self.bias_initializer}
        for gate in self.gates:
            layer = Linear(H, in_size=in_size, initializer=self.initializer, **shared)
            setattr(self, f"x2{gate}", layer)
        for gate in self.gates:
            shared["initializer"] = self.recurrent_initializer
            setattr(self, f"h2{gate}", Linear(H, not self.state_bias, in_size=H, **shared))

    @property
    def in_size(self) -> int | None:
        """Features of x; None before the first call has told."""
        return self.__dict__[f"x2{self.gates[0]}"].in_size

    def set_state(self, *states: Any) -> None:
        """Have the next step go on from these Variables or arrays, (N, H) each; h, then c.

        One that is None will be zeros, so that what `states` returns can always be set again.
        """
        listed = self._listed(list(states))
        states = tuple(None if s is None else Variable.wrap(s) for s in listed)
        given = [s for s in states if s is not None]
        if any(s.ndim != 2 or s.shape[1] != self.hidden_size for s in given):
            raise ValueError(
                f"{type(self).__name__}: expected states of shape (N, {self.hidden_size}), got "
                f"{', '.join(describe(s) for s in given)}. Reshape them."
            )
        self._keep(states)

    def _keep(self, states: Any) -> None:
        # Through __dict__: no need to ask whether states are Parameters.
        self.__dict__.update(zip(self.state_names, states, strict=True))

    def step(self, x: Any) -> Variable:
        """Take one time, (N, I): compute the states after it and return h, (N, H)."""
        if self.in_size is None:
            with parameters.learning(self, *self._of_x()):
                self._fill(x)
                return self.step(x)
        states = self.states()
        if self.reverse:
            raise ValueError(
                f"{type(self).__name__}: expected sequences (N, T, I), as it reads in reverse, got "
                f"one time {describe(x)}. Leave reverse out to go step by step."
            )
        if states[0] is not None and len(states[0]) != len(x):
            raise ValueError(
                f"{type(self).__name__}: expected {len(states[0])} samples, as the state h "
                f"{describe(states[0])} is of, got x {describe(x)}. Call reset_state() before a "
                "batch of another size."
            )
        results = self._one_step(x, states, self._joined(x, states[0]))
        self._keep(results)
        return results[0]

    def run(self, x: Any, states: Any, mask: Any) -> tuple[Variable, Variable, list[Variable]]:
        """Run over sequences (N, T, I); return all outputs, the last one, and the last states."""
        if self.in_size is None:
            with parameters.learning(self, *self._of_x()):
                self._fill(x)
                return self.run(x, states, mask)
        if states is None:
            states = self.states() if self.stateful else [None] * self.state_count
        W = self._joined(x, None)
        hs, *states = self._all_steps(x, states, W, mask=mask, reverse=self.reverse)
        if self.stateful:
            self._keep([state.detach() for state in states])
        return hs, states[0], states

    def _parts(self) -> list[Variable]:
        """Return the weights, gate by gate, as JoinGates takes them."""
        members, parts = self.__dict__, []
        for gate in self.gates:
            of_x, of_h = members["x2" + gate], members["h2" + gate]
            parts += of_x.W, of_x.b, of_h.W, of_h.b
        return parts

    def _of_x(self) -> list[Linear]:
        return [self.__dict__["x2" + gate] for gate in self.gates]

    def _fill(self, x: Any) -> None:
        """Give the weights of x the size that it has."""
        size = parameters.last_size(self, x)
        for layer in self._of_x():
            layer.in_size = size
            shape = (size, self.hidden_size)
            parameters.fill_beside(x, layer.W, layer.initializer, shape, layer.dtype)

    def _joined(self, x: Any, h: Any) -> Variable:
        """Return all weights as one Variable: that of the step which made h, if it still holds.

        So the steps of one graph share it, and their gradients meet before they are taken apart.
        """
        parts = self._parts()
        creator = getattr(h, "creator", None)
        if isinstance(creator, _STEPS) and creator.trail is None:
            W = creator.inputs[-1]
            join = W.creator
            if isinstance(join, F.JoinGates) and join.trail is None and _fits(W, join, parts):
                # An optimizer may have changed the parameters in place.
                join.refresh(W)
                return W
        if any(part is None for part in parts):
            first = parts[2].data
            zeros = Variable.constant(xp(first).zeros(first.shape[:1], dtype=first.dtype))
            parts = [zeros if part is None else part for part in parts]
        return F.JoinGates(len(self.gates))(*parts)

    def details(self) -> str:
        size = "?" if self.in_size is None else self.in_size
        names = ("return_sequences", "return_state", "stateful", "reverse")
        flags = [name.replace("return_", "") for name in names if getattr(self, name)]
        return ", ".join([f"{size} -> {self.hidden_size}", *self._special(), *flags])

    def _special(self) -> list[str]:
        """Return what differs from the usual of this class."""
        usual = {"activation": "tanh", "recurrent_activation": "sigmoid"}
        shown = {name: shown_name(getattr(self, name)) for name in self.functions}
        return [f"{name} {value}" for name, value in shown.items() if value != usual[name]]

    def shown_members(self) -> list[tuple[str, Any]]:
        return []

    def arguments(self) -> dict[str, Any]:
        """Return what the constructor needs to make another one, with weights of its own."""
        names = (
            "hidden_size", "in_size", "return_sequences", "return_state", "stateful", "reverse",
            "dtype", *INITIAL, *self.functions,
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}

    def config(self) -> dict[str, Any]:
        saved = self.arguments() | {"dtype": self.dtype.name}
        owner = f"layer {self.name or self.details()}"
        for name in INITIAL:
            saved.update(parameters.saved_initializer(name, saved.pop(name)))
        return saved | {name: saved_name(owner, saved[name]) for name in self.functions}


def _fits(W: Variable, join: Any, parts: list) -> bool:
    """Return whether W was joined from these very Parameters, in the form they have now."""
    first = parts[0].data
    if W.data.dtype != first.dtype or type(W.data) is not type(first):
        return False
    for part, known in zip(parts, join.inputs, strict=True):
        if part is not known and part is not None:
            return False
    return True

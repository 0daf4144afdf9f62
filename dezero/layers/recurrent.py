"""Recurrent layers RNN, LSTM and GRU: a step that remembers, as in the book, or whole sequences."""

from typing import Any

from dezero import functions as F
from dezero import initializers
from dezero.core import Variable
from dezero.layers import parameters
from dezero.layers.activation import function_of
from dezero.layers.cell import Cell


class RNN(Cell):
    """Simple recurrent layer h[t] = tanh(x[t] Wx + b + h[t-1] Wh).

    On (N, I) it takes one step from the state that the last one left, as in the book; on sequences
    (N, T, I) it runs from zeros, or from `initial_state`, and leaves the steps' state alone.

    Args:
        hidden_size, in_size, options: see `Cell`.
        activation: function or its name; "tanh" and "relu" are the quick ones.
    Note: the sublayers x2h and h2h hold the weights; the layer computes without calling them.
    Reference: Elman 1990, "Finding structure in time".
    """

    gates = "h"

    def __init__(
        self,
        hidden_size: int,
        in_size: int | None = None,
        *,
        activation: Any = "tanh",
        **options: Any,
    ) -> None:
        super().__init__(hidden_size, in_size, **options)
        self.activation = function_of(activation)

    def _one_step(self, x: Any, states: list, W: Variable) -> tuple:
        return (F.rnn_step(x, states[0], W, activation=self.activation),)

    def _all_steps(self, x: Any, states: list, W: Variable, **how: Any) -> tuple:
        return F.rnn(x, states[0], W, activation=self.activation, **how)


class LSTM(Cell):
    """Long short-term memory: gates f, i, o and candidate u; c = f * c + i * u, h = o * tanh(c).

    Called as `RNN` is; h and c are the states.

    Args:
        hidden_size, in_size, options: see `Cell`.
        activation, recurrent_activation: functions or their names; others than "tanh" and
            "sigmoid" take about three times as long.
        unit_forget_bias: begin with 1 as bias of the gate f, as Keras does.
    Note: the sublayers x2f, x2i, x2o, x2u and h2f, h2i, h2o, h2u hold the weights.
    Reference: Gers et al. 2000, "Learning to forget"; the bias, Jozefowicz et al. 2015.
    """

    gates = "fiou"
    functions = ("activation", "recurrent_activation")
    state_names = ("h", "c")
    c: Variable | None = None

    def __init__(
        self,
        hidden_size: int,
        in_size: int | None = None,
        *,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        unit_forget_bias: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(hidden_size, in_size, **options)
        self.activation = function_of(activation)
        self.recurrent_activation = function_of(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)
        if self.unit_forget_bias:
            b = self.__dict__["x2f"].b
            parameters.fill(b, initializers.Ones(), (self.hidden_size,), self.dtype)

    def _functions(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "recurrent_activation": self.recurrent_activation,
        }

    def _one_step(self, x: Any, states: list, W: Variable) -> tuple:
        usual = (self.activation, self.recurrent_activation) == (F.tanh, F.sigmoid)
        if states[0] is None or states[1] is None or not usual:
            return F.lstm_step(x, states, W, **self._functions())
        return F.LSTMStep()(x, *states, W)  # what it comes to, without asking again

    def _all_steps(self, x: Any, states: list, W: Variable, **how: Any) -> tuple:
        return F.lstm(x, states, W, **self._functions(), **how)

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"unit_forget_bias": self.unit_forget_bias}


class GRU(Cell):
    """Gated recurrent unit: gates r and z and candidate u; h = z * h + (1 - z) * u.

    Called as `RNN` is.

    Args:
        hidden_size, in_size, options: see `Cell`.
        activation, recurrent_activation: as in `LSTM`.
        reset_after: multiply by r behind the product with the state, as torch and Keras do, with a
            bias there; False, the paper's form, takes about three times as long.
    Note: the sublayers x2r, x2z, x2u and h2r, h2z, h2u hold the weights.
    Reference: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    """

    gates = "rzu"
    functions = ("activation", "recurrent_activation")

    def __init__(
        self,
        hidden_size: int,
        in_size: int | None = None,
        *,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        self.state_bias = self.reset_after = bool(reset_after)
        super().__init__(hidden_size, in_size, **options)
        self.activation = function_of(activation)
        self.recurrent_activation = function_of(recurrent_activation)

    def _functions(self) -> dict[str, Any]:
        return {
            "reset_after": self.reset_after,
            "activation": self.activation,
            "recurrent_activation": self.recurrent_activation,
        }

    def _one_step(self, x: Any, states: list, W: Variable) -> tuple:
        return (F.gru_step(x, states[0], W, **self._functions()),)

    def _all_steps(self, x: Any, states: list, W: Variable, **how: Any) -> tuple:
        return F.gru(x, states[0], W, **self._functions(), **how)

    def _special(self) -> list[str]:
        return super()._special() + ([] if self.reset_after else ["reset before"])

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"reset_after": self.reset_after}


CELLS: dict[str, type[Cell]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}

"""One step of a recurrent network as Keras has it: SimpleRNNCell, LSTMCell, GRUCell."""

from typing import Any, ClassVar

import numpy as np

from dezero import functions as F
from dezero.backend.philox import source_of
from dezero.core import as_array, using_config
from dezero.functions.noise import drawn_keep
from dezero.functions.windows import sizes
from dezero.keras import activations
from dezero.keras.layers.regularization import trains
from dezero.keras.layers.weighted import Weighted

# The functions know these two by heart, and take a quick way.
_QUICK = {activations.tanh: F.tanh, activations.sigmoid: F.sigmoid, activations.relu: F.relu}


class Cell(Weighted):
    """Weights of all gates side by side, (in, gates * units) and (units, gates * units).

    Attributes:
        order: for each gate of dezero's function, its place in Keras's weights.
        states: how many states there are.
    """

    fields = ("units", "activation", "use_bias", "dropout", "recurrent_dropout", "seed")
    roles = ("kernel", "recurrent", "bias")
    order: ClassVar[tuple[int, ...]] = (0,)
    states: ClassVar[int] = 1
    step: ClassVar[Any]
    whole: ClassVar[Any]
    kernel: Any = None
    recurrent_kernel: Any = None
    bias: Any = None
    recurrent_activation: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("implementation", None)
        super().__init__(**kwargs)
        self.units = sizes(type(self).__name__, "units", units, 1, 1)[0]
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.seed = seed
        self._generator = None if seed is None else source_of(seed)
        self._set_roles(
            kernel=(kernel_initializer, kernel_regularizer, kernel_constraint),
            recurrent=(recurrent_initializer, recurrent_regularizer, recurrent_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    @property
    def state_size(self) -> Any:
        """Features of the state, a list where there are several."""
        return self.units if self.states == 1 else [self.units] * self.states

    @property
    def output_size(self) -> int:
        """Features of the output."""
        return self.units

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape, (N, in)."""
        if input_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__}: expected a number of features that is known, got "
                f"{tuple(input_shape)}. Give input_shape."
            )
        width = self.units * len(self.order)
        self.kernel = self._weight("kernel", (input_shape[-1], width))
        shape = (self.units, width)
        self.recurrent_kernel = self._weight("recurrent", shape, name="recurrent_kernel")
        self.bias = self._weight("bias", self._bias_shape()) if self.use_bias else None

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.units * len(self.order),)

    def _gates(self, W: Any) -> Any:
        """Return the gates of weights in the order of the functions."""
        if len(self.order) == 1:
            return [W]
        parts = F.split(W, len(self.order), -1)
        return [parts[i] for i in self.order]

    def joined(self) -> Any:
        """Return all weights as the functions take them."""
        b, bh = (None if b is None else self._gates(b) for b in self._biases())
        return F.join_gates(self._gates(self.kernel), self._gates(self.recurrent_kernel), b, bh)

    def _biases(self) -> tuple[Any, Any]:
        """Return the biases beside the input and beside the state."""
        return self.bias, None

    def _options(self) -> dict[str, Any]:
        options = {"activation": _QUICK.get(self.activation, self.activation)}
        if self.recurrent_activation is not None:
            gate = self.recurrent_activation
            options["recurrent_activation"] = _QUICK.get(gate, gate)
        return options

    def _mask(self, rate: float, shape: tuple, like: Any) -> Any:
        return drawn_keep(as_array(like), shape, rate, self._generator)

    def _drop(self, x: Any, training: Any) -> tuple[Any, Any]:
        """Return x after dropout, the same at all times, and the mask of the state or None."""
        if not trains(training):
            return x, None
        n, features = x.shape[0], x.shape[-1]
        if self.dropout:
            keep = self._mask(self.dropout, (n, *(1,) * (len(x.shape) - 2), features), x)
            with using_config("train", True):
                x = F.dropout(x, self.dropout, mask=keep)
        if not self.recurrent_dropout:
            return x, None
        keep = self._mask(self.recurrent_dropout, (n, self.units), x)
        return x, keep * (1 / max(1 - self.recurrent_dropout, 1e-7))

    def sequence(self, x: Any, states: Any, mask: Any, training: Any) -> tuple:
        """Run over x (N, T, in); return the outputs (N, T, units) and the last states."""
        x, h_mask = self._drop(x, training)
        states = [None] * self.states if states is None else list(states)
        first = states[0] if self.states == 1 else states
        options = self._options() | {"mask": mask, "h_mask": h_mask}
        hs, *ends = type(self).whole(x, first, self.joined(), **options)
        return hs, ends

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple:
        """Take one time (N, in); return the output and the new states, a list as `states` is."""
        listed = isinstance(states, list | tuple)
        given = list(states) if listed else [states]
        x, h_mask = self._drop(inputs, training)
        kept = given[0]
        if h_mask is not None and "h_mask" not in self._step_options(h_mask):
            given = [kept * h_mask.astype(kept.dtype), *given[1:]]
        first = given[0] if self.states == 1 else given
        new = type(self).step(x, first, self.joined(), **self._step_options(h_mask))
        new = list(new) if self.states > 1 else [new]
        return new[0], new if listed else new[0]

    def _step_options(self, h_mask: Any) -> dict[str, Any]:
        """Return the options of one step; h_mask is among them if that can take it."""
        return self._options()

    def get_initial_state(self, batch_size: int) -> list:
        """Return states of zeros."""
        return [np.zeros((batch_size, self.units), np.float32) for _ in range(self.states)]


class SimpleRNNCell(Cell):
    """One step h' = activation(x kernel + h recurrent_kernel + bias); see `SimpleRNN`."""

    step = staticmethod(F.rnn_step)
    whole = staticmethod(F.rnn)


class LSTMCell(Cell):
    """One step of long short-term memory, gates input, forget, candidate, output; see `LSTM`."""

    fields = (
        "units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias", "dropout",
        "recurrent_dropout", "seed",
    )  # fmt: skip
    order = (1, 0, 3, 2)
    states = 2
    step = staticmethod(F.lstm_step)
    whole = staticmethod(F.lstm)

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        first = kernel_initializer, recurrent_initializer, bias_initializer
        penalties = kernel_regularizer, recurrent_regularizer, bias_regularizer
        limits = kernel_constraint, recurrent_constraint, bias_constraint
        shares = dropout, recurrent_dropout, seed
        super().__init__(
            units, activation, use_bias, *first, *penalties, *limits, *shares, **kwargs
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)

    def build(self, input_shape: Any) -> None:
        """Make the weights; with unit_forget_bias, the forget gate begins with a bias of 1."""
        super().build(input_shape)
        if self.bias is not None and self.unit_forget_bias and self.bias.data is not None:
            self.bias.data[self.units : 2 * self.units] = 1


class GRUCell(Cell):
    """One step of a gated recurrent unit, gates update, reset, candidate; see `GRU`."""

    fields = (
        "units", "activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout",
        "reset_after", "seed",
    )  # fmt: skip
    order = (1, 0, 2)
    step = staticmethod(F.gru_step)
    whole = staticmethod(F.gru)

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        first = kernel_initializer, recurrent_initializer, bias_initializer
        penalties = kernel_regularizer, recurrent_regularizer, bias_regularizer
        limits = kernel_constraint, recurrent_constraint, bias_constraint
        shares = dropout, recurrent_dropout, seed
        super().__init__(
            units, activation, use_bias, *first, *penalties, *limits, *shares, **kwargs
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = bool(reset_after)

    def _bias_shape(self) -> tuple[int, ...]:
        width = super()._bias_shape()
        return (2, *width) if self.reset_after else width

    def _biases(self) -> tuple[Any, Any]:
        if self.bias is None or not self.reset_after:
            return self.bias, None
        return self.bias[0], self.bias[1]

    def _options(self) -> dict[str, Any]:
        return super()._options() | {"reset_after": self.reset_after}

    def _step_options(self, h_mask: Any) -> dict[str, Any]:
        return self._options() | {"h_mask": h_mask}

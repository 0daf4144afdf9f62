"""Recurrent layers as Keras has them: RNN around a cell, SimpleRNN, LSTM, GRU."""

from typing import Any, ClassVar

from dezero import functions as F
from dezero.backend import xp
from dezero.core import Variable, as_array
from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.cells import Cell, GRUCell, LSTMCell, SimpleRNNCell
from dezero.keras.layers.stacked import StackedRNNCells
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.layers.weighted import Weighted
from dezero.keras.tensors import flat, packed


class RNN(Weighted):
    """Run a cell over the times of sequences (N, T, features).

    Args:
        cell: a cell such as `LSTMCell`, or a layer with `call(inputs, states)`, which returns the
            output and a list of new states, and with `state_size`.
        return_sequences: return the outputs at all times, not the last one alone.
        return_state: return the last states too.
        go_backwards: begin at the end; outputs come in the order they were computed.
        stateful: begin where the batch before ended.
        unroll: accepted; changes nothing.
        zero_output_for_mask: give 0 at times that are masked, not the output before.
    """

    fields = (
        "return_sequences", "return_state", "go_backwards", "stateful", "unroll",
        "zero_output_for_mask",
    )  # fmt: skip
    supports_masking = True
    state_names = ("h",)
    h: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("input_dim") is not None:  # as Keras 1 says the shape
            kwargs["input_shape"] = (kwargs.pop("input_length", None), kwargs.pop("input_dim"))
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, list | tuple) else cell
        if not (isinstance(cell, Layer) and hasattr(cell, "state_size")):
            raise TypeError(
                f"{type(self).__name__}: expected a layer with state_size as cell, got "
                f"{describe(cell)}. Take LSTMCell(units), or write a class."
            )
        self.cell: Any = cell
        self.return_sequences, self.return_state = bool(return_sequences), bool(return_state)
        self.go_backwards, self.stateful = bool(go_backwards), bool(stateful)
        self.unroll, self.zero_output_for_mask = bool(unroll), bool(zero_output_for_mask)
        if self.stateful and len(self._state_sizes()) > len(self.state_names):
            count = len(self._state_sizes())
            self.__dict__["state_names"] = tuple(f"state_{i}" for i in range(count))

    def _state_sizes(self) -> list:
        return flat(self.cell.state_size)

    def __getattr__(self, name: str) -> Any:
        cell = self.__dict__.get("cell")
        if cell is not None and name in (*type(cell).__dict__.get("fields", ()), "units"):
            return getattr(cell, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")

    def build(self, input_shape: Any) -> None:
        """Build the cell for one time."""
        shape = input_shape[0] if isinstance(input_shape[0], list | tuple) else input_shape
        if len(shape) < 3:
            raise ValueError(
                f"{type(self).__name__}: expected sequences (N, T, features), got {tuple(shape)}. "
                "Add the missing axis with Reshape."
            )
        self.cell.build_once([(shape[0], *shape[2:])])

    def call(
        self, inputs: Any, initial_state: Any = None, mask: Any = None, training: Any = None
    ) -> Any:
        """Return the last output, or all, and the states if they are wanted."""
        if isinstance(inputs, list | tuple):  # as Keras 2 takes initial states
            inputs, initial_state = inputs[0], list(inputs[1:]) or initial_state
            mask = mask[0] if isinstance(mask, list | tuple) else mask
        states = None if initial_state is None else flat(initial_state)
        if states is None and self.stateful and self.__dict__.get(self.state_names[0]) is not None:
            states = [self.__dict__[name] for name in self.state_names]
        x, mask = Variable.wrap(inputs), None if mask is None else as_array(mask) != 0
        if self.go_backwards:
            x, mask = F.flip(x, 1), None if mask is None else mask[:, ::-1]
        run = self.cell.sequence if isinstance(self.cell, Cell) else self._stepwise
        hs, ends = run(x, states, mask, training)
        if self.stateful:
            self.__dict__.update(
                zip(self.state_names, [Variable.wrap(s).detach() for s in ends], strict=True)
            )
        y = self._outputs(hs, ends, mask, states is not None)
        return (y, *self._grouped(ends)) if self.return_state else y

    def _grouped(self, states: list) -> list:
        """Return states as the cell has them: of stacked cells, a list for one with several."""
        size = self.cell.state_size
        return packed(list(size) if isinstance(size, list | tuple) else [size], iter(states))

    def _outputs(self, hs: Any, ends: list, mask: Any, began: bool) -> Any:
        """Return all outputs or the last; where nothing has been seen yet, Keras has 0."""
        if mask is not None and (began or self.zero_output_for_mask):
            seen = mask if self.zero_output_for_mask else mask.cumsum(1) > 0
            hs = F.where(seen[:, :, None], hs, 0.0)
        elif not self.return_sequences and isinstance(self.cell, Cell):
            return ends[0]
        return hs if self.return_sequences else hs[:, -1]

    def _stepwise(self, x: Any, states: Any, mask: Any, training: Any) -> tuple[Any, list]:
        """Run a cell that somebody else wrote."""
        cell, n = self.cell, x.shape[0]
        if states is None:
            if hasattr(cell, "get_initial_state"):
                states = cell.get_initial_state(batch_size=n)
                states = flat(states)
            else:
                zeros, dtype = xp(x.data).zeros, x.data.dtype
                states = [zeros((n, size), dtype=dtype) for size in self._state_sizes()]
        states, outputs = [Variable.wrap(s) for s in states], []
        for t in range(x.shape[1]):
            y, new = cell(x[:, t], list(states))
            new = flat(new)
            if mask is not None:
                now = mask[:, t, None]
                y = F.where(now, y, outputs[-1] if outputs else 0.0)
                new = [F.where(now, a, b) for a, b in zip(new, states, strict=True)]
            states = new
            outputs.append(y)
        return F.stack(outputs, 1), states

    def reset_states(self, states: Any = None) -> None:
        """Begin with zeros again, or with these states."""
        self.reset_state()
        if states is not None:
            states = flat(states)
            self.__dict__.update(
                zip(self.state_names, [Variable.wrap(s) for s in states], strict=True)
            )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs: that of the inputs where all times are returned."""
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        kept = mask if self.return_sequences else None
        return [kept] + [None] * len(self._state_sizes()) if self.return_state else kept

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, a list of shapes with the states."""
        shape = input_shape[0] if isinstance(input_shape[0], list | tuple) else input_shape
        sizes = self._state_sizes()
        width = getattr(self.cell, "output_size", sizes[0])
        y = (shape[0], shape[1], width) if self.return_sequences else (shape[0], width)
        ends = [(shape[0], size) for size in sizes]
        return [y, *self._grouped(ends)] if self.return_state else y

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        inner = {"cell": layer_from(config["cell"])} if "cell" in config else {}
        return cls(**config | inner)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        config = super().get_config()
        if type(self) is RNN:
            return config | {"cell": saved_layer(self.cell)}
        own = self.cell.get_config()
        names = (*type(self.cell).fields, *_rule_names(own))
        own["activity_regularizer"] = config.get("activity_regularizer")  # not the cell's
        return config | {name: own[name] for name in names}


def _rule_names(config: dict[str, Any]) -> list[str]:
    ends = ("_initializer", "_regularizer", "_constraint")
    return [name for name in config if name.endswith(ends)]


class _Ready(RNN):
    """A recurrent layer that makes its own cell."""

    cell_class: ClassVar[type[Cell]]

    def _make(self, given: dict[str, Any]) -> None:
        """Hand the arguments of the constructor to the cell and to `RNN`."""
        given.pop("self")
        others = given.pop("kwargs")
        for name in ("use_cudnn", "implementation", "time_major"):
            given.pop(name, others.pop(name, None))
        for name in ("activity_regularizer", *RNN.fields):
            if name in given:
                others[name] = given.pop(name)
        RNN.__init__(self, self.cell_class(**given, name="cell"), **others)


class SimpleRNN(_Ready):
    """Simple recurrent network: h[t] = activation(x[t] kernel + h[t-1] recurrent_kernel + bias).

    Args:
        units: features of the outputs.
        activation: function or its name.
        use_bias: whether there is a bias.
        kernel_initializer and so on: as in `Dense`, for kernel, recurrent_kernel, bias.
        dropout, recurrent_dropout: parts of the inputs, and of the state, that are dropped in
            training, the same ones at all times; of the state, the same for all gates.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`.
        seed: of its own generator.
    """

    cell_class = SimpleRNNCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        self._make(locals())


class LSTM(_Ready):
    """Long short-term memory, gates input, forget, candidate, output; see `SimpleRNN`.

    Args:
        units, activation, use_bias and so on: as in `SimpleRNN`.
        recurrent_activation: of the gates.
        unit_forget_bias: whether the forget gate begins with a bias of 1.
        use_cudnn: accepted; changes nothing.
    """

    cell_class = LSTMCell
    state_names = ("h", "c")
    c: Any = None

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        self._make(locals())


class GRU(_Ready):
    """Gated recurrent unit, gates update, reset, candidate; see `SimpleRNN`.

    Args:
        units, activation, use_bias and so on: as in `SimpleRNN`.
        recurrent_activation: of the gates.
        reset_after: whether the reset gate comes after the product; then there are two biases.
        use_cudnn: accepted; changes nothing.
    """

    cell_class = GRUCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        self._make(locals())

"""The weights of the gates of a recurrent cell, joined in one array, and how cells read them."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from dezero.backend import kernels, product, xp
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.functions.indexing import get_item
from dezero.functions.joining import concat, split
from dezero.functions.placing import placed

__all__ = ["JoinGates", "join_gates"]

_COMPUTED = frozenset((np.dtype(np.float32), np.dtype(np.float64)))


class JoinGates(Function):
    """Put parts (rows, H) or (H,) one below the other, then as many gates side by side.

    Args:
        gates: a number that divides that of the parts.
    """

    def __init__(self, gates: int) -> None:
        self.gates = gates

    def forward(self, *parts: Any) -> Any:
        self.WT: Any = None
        dtype = np.result_type(*{part.dtype for part in parts})
        height = sum(_rows(part) for part in parts[: len(parts) // self.gates])
        W = xp(parts[0]).empty((self.gates, height, parts[0].shape[-1]), dtype=dtype)
        write_gates(W, parts)
        return W

    def refresh(self, W: Variable) -> None:
        """Write into `W`, the result, what the inputs hold now."""
        write_gates(W.data, [part.data for part in self.inputs])
        self.WT = None

    def transposed(self, W: Any) -> Any:
        """Return `W`, the array of the result, with each gate transposed; made once."""
        if self.WT is None or self.WT.dtype != W.dtype:
            self.WT = xp(W).ascontiguousarray(W.swapaxes(1, 2))
        return self.WT

    def _places(self) -> list[tuple]:
        """Return where in the result each part is."""
        each = len(self.inputs) // self.gates
        sizes = [_rows(v.data) for v in self.inputs[:each]]
        ends = list(accumulate(sizes))
        rows = [
            slice(end - n, end) if v.ndim == 2 else end - 1
            for n, end, v in zip(sizes, ends, self.inputs, strict=False)
        ]
        return [(gate, row) for gate in range(self.gates) for row in rows]

    def backward(self, gW: Variable) -> tuple:
        return tuple(get_item(gW, place) for place in self._places())

    def fast_backward(self, gW: Any) -> tuple:
        return tuple(gW[place] for place in self._places())


def _rows(part: Any) -> int:
    return len(part) if part.ndim == 2 else 1


def write_gates(W: Any, parts: Sequence) -> None:
    """Write the arrays `parts` into what JoinGates made of them, or of others like them."""
    if type(W) is not np.ndarray and W.flags.c_contiguous:  # one launch on a device
        module = xp(W)
        rows = [module.ascontiguousarray(part, dtype=W.dtype) for part in parts]
        kernels(W).gather_arrays(tuple(rows), W.reshape((-1,)))
        return
    rows = [part if part.ndim == 2 else part[None] for part in parts]
    xp(W).concatenate(rows, axis=0, out=W.reshape((-1, W.shape[-1])))


@differentiable
def join_gates(Wx: Any, Wh: Any, b: Any = None, bh: Any = None) -> Variable:
    """Join the weights of all gates of a recurrent cell for `rnn_step`, `lstm`, `gru` and so on.

    Args:
        Wx, Wh: for x @ Wx + h @ Wh: lists of (I, H) and (H, H), one for each gate, or single
            arrays (I, gates * H) and (H, gates * H) with the gates side by side, as in Keras.
        b, bh: biases added to x @ Wx and to h @ Wh, lists of (H,) or one (gates * H,); or None.
    Returns:
        Variable (gates, I + H + 2, H): in every gate the rows of Wx, b, Wh and bh, one below the
        other; zeros for a bias that is None.
    Raises:
        ValueError: the shapes do not fit.
    Note: an LSTM has the gates forget, input, output, candidate, in this order; a GRU reset,
        update, candidate. Join once, before the loop over time.
    """
    Wh = _variables(Wh)
    first = Wh[0] if isinstance(Wh, list) else Wh
    H = first.shape[:1]
    gates = len(Wh) if isinstance(Wh, list) else Wh.shape[-1] // max(*H, 1)
    zeros = [Variable.constant(xp(first.data).zeros(H, dtype=first.dtype))] * gates
    given = (Wx, zeros if b is None else b, Wh, zeros if bh is None else bh)
    parts = [_cut(_variables(value), gates) for value in given]
    wanted = [parts[0][0].shape[:1] + H, H, H + H, H]
    shapes = [[part.shape for part in values] for values in parts]
    if any(s != [w] * gates for s, w in zip(shapes, wanted, strict=True)) or not gates:
        raise ValueError(
            "join_gates: expected for each gate Wx (I, H), Wh (H, H) and biases (H,), got "
            f"{' and '.join(map(str, shapes))}. Give one of each for every gate."
        )
    return JoinGates(gates)(*(values[i] for i in range(gates) for values in parts))


def _variables(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [Variable.wrap(v) for v in value]
    return Variable.wrap(value)


def _cut(value: Any, gates: int) -> list[Variable]:
    """Return a list of all gates, each with the whole array if it cannot be cut."""
    if isinstance(value, list):
        return value
    fits = value.ndim and value.shape[-1] % max(gates, 1) == 0
    return split(value, gates, -1) if gates and fits else [value]


def widened(values: Sequence) -> tuple[Any, Sequence]:
    """Return the dtype of the result, and the arrays in the dtype to compute in.

    Integers take the dtype of the floats; float16 is computed in float32, as in the activations.

    Raises:
        TypeError: one is complex.
    """
    dtype = values[-1].dtype
    if dtype in _COMPUTED and all(v.dtype == dtype for v in values):
        return dtype, values
    floats = [floating(v).dtype for v in values if v.dtype.kind not in "biu"] or [Config.dtype]
    dtype = np.result_type(*floats)
    wide = np.float32 if dtype.itemsize == 2 else dtype
    return dtype, [v.astype(wide, copy=False) for v in values]


def check_shapes(name: str, x: Any, states: Sequence, W: Any, *, gates: int) -> None:
    """Raise a ValueError unless x (N, I) or (N, T, I), states (N, H) and W (gates, K, H) fit."""
    n, units = x.shape[:1], W.shape[-1:]
    ndim = 2 if name.endswith("step") else 3
    fits = x.ndim == ndim and W.ndim == 3 and len(W) == gates
    fits = fits and all(state.shape == n + units for state in states)
    if not fits or W.shape[1] != x.shape[-1] + W.shape[2] + 2:
        axes = "N, I" if ndim == 2 else "N, T, I"
        raise ValueError(
            f"{name}: expected x ({axes}), states (N, H) and W ({gates}, I + H + 2, H) from "
            f"join_gates, got x {x.shape}, states {[state.shape for state in states]}, "
            f"W {W.shape}. Check the features of x; a new batch size needs a new state."
        )


def places(W: Any) -> tuple[slice, slice]:
    """Return where the rows for x and for h are in W; each has a bias behind it."""
    inputs = W.shape[1] - W.shape[2] - 2
    return slice(inputs), slice(inputs + 1, inputs + 1 + W.shape[2])


def rows(x: Any, h: Any) -> Any:
    """Return the array (N, I + H + 2) that W is multiplied by: x, 1, h, 1."""
    inputs = x.shape[1]
    xh = xp(x).empty((len(x), inputs + h.shape[1] + 2), dtype=x.dtype)
    xh[:, :inputs] = x
    xh[:, inputs] = 1
    xh[:, inputs + 1 : -1] = h
    xh[:, -1] = 1
    return xh


def variable_rows(x: Variable, h: Variable) -> Variable:
    """Return the same as a Variable, in the graph of x and h."""
    one = Variable.constant(xp(x.data).ones((len(x), 1), dtype=h.dtype))
    return concat([x, one, h, one], axis=1)


def parts(xh: Any, W: Any) -> tuple[tuple, tuple]:
    """Return what belongs to x and to h, bias included, of both factors of a product."""
    cut = W.shape[1] - W.shape[2] - 1
    return (xh[:, :cut], W[:, :cut]), (xh[:, cut:], W[:, cut:])


def back_through(gz: Any, W: Any, rows: slice, join: Any = None) -> Any:
    """Return the sum over the gates of gz (gates, N, H) times those rows of W, transposed.

    If W is the result of the JoinGates `join`, the steps of a graph share the transposed array.
    """
    # A product with a transposed matrix takes twice as long, which pays for the copy.
    if isinstance(join, JoinGates):
        WT = join.transposed(W)[:, :, rows]
    else:
        WT = xp(W).ascontiguousarray(W[:, rows].swapaxes(1, 2))
    return xp(W).add.reduce(product(gz, WT), 0)


def wrapped(x: Any, states: Sequence, W: Any) -> tuple:
    """Return x, states and W as Variables; a state of None becomes zeros."""
    x, W = Variable.wrap(x), Variable.wrap(W)
    if any(state is None for state in states):
        dtype = W.dtype if x.dtype.kind != "f" else np.result_type(x.dtype, W.dtype)
        zeros = Variable.constant(xp(x.data).zeros((len(x), W.shape[-1]), dtype=dtype))
        states = [zeros if state is None else state for state in states]
    values = (x, *(Variable.wrap(state) for state in states), W)
    for v in values:
        if v.dtype.kind != "f":
            floating(v.data)  # refuses complex numbers
    return values


def dropped(h: Variable, h_mask: Any) -> Variable:
    """Return h times numbers that broadcast to it, in its dtype; h itself if they are None."""
    if h_mask is None:
        return h
    return h * Variable.constant(placed("dropped", h_mask, h.data).astype(h.dtype))

"""One step of a recurrent network: RNN, LSTM, GRU. Whole sequences are in `sequence.py`.

All weights come as one array W, from `join_gates`, so that a step takes one product for all gates
and one more each for the gradients of weights and state.
"""

from typing import Any

from dezero.backend import kernels, product, xp
from dezero.core import Function, Variable, differentiable
from dezero.functions.activation import get_activation, sigmoid
from dezero.functions.gates import (
    back_through,
    check_shapes,
    dropped,
    parts,
    places,
    rows,
    variable_rows,
    widened,
    wrapped,
)
from dezero.functions.joining import concat, stack
from dezero.functions.linalg import linear, matmul
from dezero.functions.rectifier import relu
from dezero.functions.shape import swapaxes
from dezero.functions.trigonometric import tanh

__all__ = ["GRUStep", "LSTMStep", "RNNStep", "gru_step", "lstm_step", "rnn_step"]


class _Products:
    """The products of a step whose gates all see x and h alike: `gz` to gradients of x, h, W."""

    inputs: tuple

    def spread(self, gz: Any, xh: Any, W: Any) -> tuple:
        """Return the gradients of x, h and W as arrays, None where none is asked for."""
        x, h, of_W = self.inputs[0], self.inputs[1], self.inputs[-1]
        at_x, at_h = places(W)
        gx = gh = None
        if x.requires_grad:
            both = back_through(gz, W, slice(at_h.stop), of_W.creator)
            gx, gh = both[:, at_x], both[:, at_h]
        elif h.requires_grad:
            gh = back_through(gz, W, at_h, of_W.creator)
        return gx, gh, product(xh.T, gz) if of_W.requires_grad else None

    def variable_spread(self, gz: Variable, xh: Variable, W: Variable) -> tuple:
        """Return the same as Variables."""
        at_x, at_h = places(W)
        both = matmul(gz, swapaxes(W, 1, 2)).sum(axis=0)
        return both[:, at_x], both[:, at_h], matmul(xh.T, gz)


class RNNStep(_Products, Function):
    def __init__(self, rectified: bool = False) -> None:
        self.rectified = rectified

    def forward(self, *values: Any) -> Any:
        dtype, (x, h, W) = widened(values)
        check_shapes("rnn_step", x, [h], W, gates=1)
        self.xh = rows(x, h)
        y, module = product(self.xh, W[0]), xp(x)
        self.y = module.maximum(y, 0, out=y) if self.rectified else module.tanh(y, out=y)
        return self.y.astype(dtype, copy=False)

    def backward(self, gy: Variable) -> tuple:
        x, h, W = self.inputs
        xh = variable_rows(x, h)
        y = self.outputs[0]()
        gz = gy * Variable.constant(self.y > 0) if self.rectified else gy * (1.0 - y * y)
        return self.variable_spread(gz[None], xh, W)

    def fast_backward(self, gy: Any) -> tuple:
        y, W = self.y, widened([v.data for v in self.inputs])[1][-1]
        gz = gy * (y > 0) if self.rectified else gy - gy * y * y
        return self.spread(gz[None], self.xh, W)


class LSTMStep(_Products, Function):
    def forward(self, *values: Any) -> tuple:
        dtype, (x, h, c, W) = widened(values)
        check_shapes("lstm_step", x, [h, c], W, gates=4)
        self.xh = rows(x, h)
        self.z = product(self.xh, W)
        empty = xp(x).empty
        h, c_new, self.t = empty(c.shape, c.dtype), empty(c.shape, c.dtype), empty(c.shape, c.dtype)
        kernels(x).lstm_forward(self.z, c, c_new=c_new, t=self.t, h=h)
        return h.astype(dtype, copy=False), c_new.astype(dtype, copy=False)

    def backward(self, gh: Variable, gc: Variable) -> tuple:
        x, h, c, W = self.inputs
        xh = variable_rows(x, h)
        z = matmul(xh, W)
        f, i, o = sigmoid(z[:3])
        u = tanh(z[3])
        t = tanh(f * c + i * u)
        gc = gc + gh * o * (1.0 - t * t)
        gs = gc * c * f * (1.0 - f), gc * u * i * (1.0 - i), gh * t * o * (1.0 - o)
        gz = stack([*gs, gc * i * (1.0 - u * u)])
        gx, gh, gW = self.variable_spread(gz, xh, W)
        return gx, gh, gc * f, gW

    def fast_backward(self, gh: Any, gc: Any) -> tuple:
        _, _, c, W = widened([v.data for v in self.inputs])[1]
        gz, gc_old = xp(c).empty(self.z.shape, c.dtype), xp(c).empty(c.shape, c.dtype)
        gh, gc = gh.astype(c.dtype, copy=False), gc.astype(c.dtype, copy=False)
        kernels(c).lstm_backward(self.z, c, self.t, gh, gc, gz=gz, gc_old=gc_old)
        gx, gh, gW = self.spread(gz, self.xh, W)
        return gx, gh, gc_old, gW


class GRUStep(Function):
    def forward(self, *values: Any) -> Any:
        dtype, (x, h, W) = widened(values)
        check_shapes("gru_step", x, [h], W, gates=3)
        self.xh = rows(x, h)
        of_x, of_h = parts(self.xh, W)
        self.z, zh = product(*of_x), product(*of_h)
        h_new = xp(x).empty(h.shape, dtype=h.dtype)
        kernels(x).gru_forward(self.z, zh, h, h_new)
        self.product = zh[2]
        return h_new.astype(dtype, copy=False)

    def backward(self, gy: Variable) -> tuple:
        x, h, W = self.inputs
        (rows_x, Wx), (rows_h, Wh) = parts(variable_rows(x, h), W)
        zx, zh = matmul(rows_x, Wx), matmul(rows_h, Wh)
        r, update = sigmoid(zx[:2] + zh[:2])
        u = tanh(zx[2] + r * zh[2])
        gu = gy * (1.0 - update) * (1.0 - u * u)
        gr = gu * zh[2] * r * (1.0 - r)
        gupdate = gy * (h - u) * update * (1.0 - update)
        gz, gzh = stack([gr, gupdate, gu]), stack([gr, gupdate, gu * r])
        gx = matmul(gz, swapaxes(Wx, 1, 2)).sum(axis=0)[:, :-1]
        gh = matmul(gzh, swapaxes(Wh, 1, 2)).sum(axis=0)[:, :-1]
        gW = concat([matmul(rows_x.T, gz), matmul(rows_h.T, gzh)], axis=1)
        return gx, gh + gy * update, gW

    def fast_backward(self, gy: Any) -> tuple:
        _, h, W = widened([v.data for v in self.inputs])[1]
        x, of_h, of_W = self.inputs
        module, (at_x, at_h) = xp(h), places(W)
        gz, gzh, gh = (module.empty(a.shape, dtype=h.dtype) for a in (self.z, self.z, h))
        gy = gy.astype(h.dtype, copy=False)
        kernels(h).gru_backward(self.z, self.product, h, gy, gz=gz, gzh=gzh, gh_old=gh)
        if of_h.requires_grad:
            gh += back_through(gzh, W, at_h, of_W.creator)
        gx = back_through(gz, W, at_x, of_W.creator) if x.requires_grad else None
        gW = None
        if of_W.requires_grad:
            (rows_x, _), (rows_h, _) = parts(self.xh, W)
            products = product(rows_x.T, gz), product(rows_h.T, gzh)
            gW = module.concatenate(products, axis=1)
        return gx, gh, gW


@differentiable
def rnn_step(x: Any, h: Any, W: Any, *, activation: Any = "tanh") -> Variable:
    """One step of a simple recurrent network, h' = tanh(x Wx + b + h Wh).

    Args:
        x: input, Variable or array (N, I).
        h: state before, (N, H); None for zeros.
        W: weights (1, I + H + 2, H) from `join_gates`.
        activation: function or its name; "tanh" and "relu" are the quick ones.
    Returns:
        Variable (N, H), the state after, which is the output.
    Raises:
        ValueError: the shapes do not fit.
    Reference:
        Elman 1990, "Finding structure in time".
    """
    function = get_activation(activation)
    x, h, W = wrapped(x, [h], W)
    if function is tanh or function is relu:
        return RNNStep(function is relu)(x, h, W)
    check_shapes("rnn_step", x, [h], W, gates=1)
    return function(linear(variable_rows(x, h), W[0]))


@differentiable
def lstm_step(
    x: Any, states: Any, W: Any, *, activation: Any = "tanh", recurrent_activation: Any = "sigmoid"
) -> tuple[Variable, Variable]:
    """One step of long short-term memory: c' = f * c + i * u, h' = o * tanh(c').

    The gates f, i, o = sigmoid(x Wx + b + h Wh) forget, let in and let out; the candidate u is the
    same with tanh and its own weights.

    Args:
        x: input, Variable or array (N, I).
        states: the pair (h, c) before, (N, H) each; None for zeros.
        W: weights (4, I + H + 2, H) from `join_gates`, in the order f, i, o, u.
        activation, recurrent_activation: functions or their names; with others than those above a
            step is put together from smaller functions and takes about three times as long.
    Returns:
        Variables h' and c' after, (N, H) each; h' is the output.
    Raises:
        ValueError: the shapes do not fit.
    Reference:
        Gers et al. 2000, "Learning to forget", eq. 1-9, without peepholes.
    """
    functions = get_activation(activation), get_activation(recurrent_activation)
    x, h, c, W = wrapped(x, (None, None) if states is None else states, W)
    if functions == (tanh, sigmoid):
        return tuple(LSTMStep()(x, h, c, W))
    check_shapes("lstm_step", x, [h, c], W, gates=4)
    function, gate = functions
    z = matmul(variable_rows(x, h), W)
    f, i, o = gate(z[0]), gate(z[1]), gate(z[2])
    c = f * c + i * function(z[3])
    return o * function(c), c


@differentiable
def gru_step(
    x: Any,
    h: Any,
    W: Any,
    *,
    reset_after: bool = True,
    activation: Any = "tanh",
    recurrent_activation: Any = "sigmoid",
    h_mask: Any = None,
) -> Variable:
    """One step of a gated recurrent unit, h' = z * h + (1 - z) * u.

    The gates r, z = sigmoid(x Wx + b + h Wh + bh) reset and update; the candidate is
    u = tanh(x Wx + b + r * (h Wh + bh)), or tanh(x Wx + b + (r * h) Wh + bh) without reset_after.

    Args:
        x: input, Variable or array (N, I).
        h: state before, (N, H); None for zeros.
        W: weights (3, I + H + 2, H) from `join_gates`, in the order r, z, u.
        reset_after: as in torch, cuDNN and Keras; False is the paper's form, put together from
            smaller functions.
        activation, recurrent_activation: as in `lstm_step`.
        h_mask: numbers that broadcast to h, by which it is multiplied where it meets Wh.
    Returns:
        Variable (N, H), the state after, which is the output.
    Raises:
        ValueError: the shapes do not fit.
    Reference:
        Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", eq. 5-8.
    """
    functions = get_activation(activation), get_activation(recurrent_activation)
    x, h, W = wrapped(x, [h], W)
    if functions == (tanh, sigmoid) and reset_after and h_mask is None:
        return GRUStep()(x, h, W)
    check_shapes("gru_step", x, [h], W, gates=3)
    function, gate = functions
    seen = dropped(h, h_mask)
    of_x, of_h = parts(variable_rows(x, seen), W)
    zx, zh = matmul(*of_x), matmul(*of_h)
    r, update = gate(zx[0] + zh[0]), gate(zx[1] + zh[1])
    if reset_after:
        inner = r * zh[2]
    else:
        (reset_rows, Wh) = parts(variable_rows(x, r * seen), W)[1]
        inner = matmul(reset_rows, Wh[2])
    u = function(zx[2] + inner)
    return update * (h - u) + u

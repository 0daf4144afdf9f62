"""Recurrent networks over whole sequences: rnn, lstm, gru.

One product for the input of all times, then a loop over time that holds one product and one kernel.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from dezero.backend import is_readable, kernels, product, xp
from dezero.core import Function, Variable, as_array, differentiable, nondifferentiable
from dezero.core.errors import describe
from dezero.functions.activation import get_activation, sigmoid
from dezero.functions.elementwise import where
from dezero.functions.gates import back_through, check_shapes, dropped, places, widened, wrapped
from dezero.functions.joining import flip, stack
from dezero.functions.placing import placed
from dezero.functions.rectifier import relu
from dezero.functions.recurrent import GRUStep, LSTMStep, RNNStep, gru_step, lstm_step, rnn_step
from dezero.functions.trigonometric import tanh

__all__ = ["GRU", "LSTM", "RNN", "gru", "lstm", "rnn", "sequence_mask"]


class Unrolled:
    """The loop over time, forward and back; for higher orders a chain of steps.

    A subclass says how many `gates` it has, what one `step` is, and how to `run` the gates at one
    time and go `back` through them.

    Args:
        mask: booleans (N, T), False where the states stay as they are; None if they never do.
    """

    name = "rnn"
    gates = 1
    inputs: tuple
    extra: Any
    step: Any
    run: Any
    back: Any

    def __init__(self, mask: Any = None) -> None:
        self.mask = mask

    def _masks(self, T: int) -> list:
        """Return for each time the mask (N, 1), or None where all are known to be True."""
        if self.mask is None:
            return [None] * T
        if not is_readable(self.mask):  # to look would make the host wait
            return [self.mask[:, t, None] for t in range(T)]
        whole = self.mask.all(axis=0)
        return [None if whole[t] else self.mask[:, t, None] for t in range(T)]

    def _clean(self, x: Any) -> Any:
        """Return x with 0 wherever the mask says that it does not count: it may be NaN there."""
        return x if self.mask is None else xp(x).where(self.mask[:, :, None], x, 0)

    def forward(self, *values: Any) -> tuple:
        """Return the outputs at all times and the last states; see `Function`."""
        dtype, (x, *states, W) = widened(values)
        check_shapes(self.name, x, states, W, gates=self.gates)
        module, (N, T, width), H = xp(x), x.shape, W.shape[2]
        # Time first: what belongs to one time lies together.
        self.x = module.empty((T, N, width + 1), dtype=x.dtype)
        self.x[..., :width], self.x[..., width] = self._clean(x).swapaxes(0, 1), 1
        self.z = product(self.x.reshape((T * N, width + 1)), W[:, : width + 1])
        self.z = self.z.reshape((self.gates, T, N, H))
        self.states = [module.empty((T + 1, N, H), dtype=x.dtype) for _ in states]
        for room, state in zip(self.states, states, strict=True):
            room[0] = state
        self.extra = module.empty((T, N, H), dtype=x.dtype) if self.gates > 1 else None
        Wh, bh = module.ascontiguousarray(W[:, places(W)[1]]), W[:, -1:]
        zh, h = module.empty((self.gates, N, H), dtype=x.dtype), self.states[0]
        for t, mask in enumerate(self._masks(T)):
            product(h[t], Wh, out=zh)
            zh += bh
            self.run(t, self.z[:, t], zh)
            if mask is not None:
                for room in self.states:
                    room[t + 1] = module.where(mask, room[t + 1], room[t])
        ends = (room[T].copy() for room in self.states)
        return tuple(y.astype(dtype, copy=False) for y in (h[1:].swapaxes(0, 1), *ends))

    def fast_backward(self, ghs: Any, *last: Any) -> tuple:
        """Return the gradients of x, the states and W as arrays."""
        W = widened([v.data for v in self.inputs])[1][-1]
        module, T = xp(W), self.z.shape[1]
        gz = module.empty(self.z.shape, dtype=W.dtype)
        gzh = module.empty(gz.shape, dtype=W.dtype) if self.gates == 3 else gz
        WT = module.ascontiguousarray(W[:, places(W)[1]].swapaxes(1, 2))
        gs = [g.astype(W.dtype) for g in last]  # copies, to be added to
        ghs = ghs.swapaxes(0, 1)
        for t, mask in reversed(list(enumerate(self._masks(T)))):
            gs[0] += ghs[t]
            passed = None
            if mask is not None:
                passed = [module.where(mask, 0, g) for g in gs]
                gs = [module.where(mask, g, 0) for g in gs]
            direct, *gs[1:] = self.back(t, gs, gz[:, t], gzh[:, t])
            gs[0] = module.add.reduce(product(gzh[:, t], WT), 0)
            if direct is not None:
                gs[0] += direct
            if passed is not None:
                gs = [g + p for g, p in zip(gs, passed, strict=True)]
        gx, gW = self._flat(gz, gzh, W)
        return gx, *gs, gW

    def _flat(self, gz: Any, gzh: Any, W: Any) -> tuple:
        """Return the gradients of x and W: one product each for all times."""
        (G, T, N, H), module = gz.shape, xp(gz)
        gz, gzh = gz.reshape((G, T * N, H)), gzh.reshape((G, T * N, H))
        gx = gW = None
        if self.inputs[0].requires_grad:
            gx = back_through(gz, W, places(W)[0])
            gx = gx.reshape((T, N, gx.shape[-1])).swapaxes(0, 1)
        if self.inputs[-1].requires_grad:
            x = self.x.reshape((T * N, self.x.shape[-1]))
            h = self.states[0][:T].reshape((T * N, H))
            ones = module.ones((1, T * N), dtype=h.dtype)
            products = [product(a, g) for a, g in ((x.T, gz), (h.T, gzh), (ones, gzh))]
            gW = module.concatenate(products, axis=1)
        return gx, gW

    def backward(self, ghs: Variable, *gs: Variable) -> tuple:
        """Return them as Variables: through a chain of steps, which itself has derivatives."""
        x, *states, W = self.inputs
        masks = self._masks(x.shape[1])
        if self.mask is not None:
            x = where(self.mask[:, :, None], x, 0.0)
        steps = []
        for t, mask in enumerate(masks):
            step = self.step()
            results = step(x[:, t], *states, W)
            results = results if isinstance(results, list) else [results]
            steps.append((step, results))
            states = _chosen(mask, results, states)
        gxs, gW, gstates = [], None, list(gs)
        for t, mask in reversed(list(enumerate(masks))):
            gstates[0] = gstates[0] + ghs[:, t]
            passed = _chosen(mask, [0.0] * len(gstates), gstates)
            gx, *before, g = steps[t][0].backward(*_chosen(mask, gstates, [0.0] * len(gstates)))
            if mask is not None:
                before = [a + b for a, b in zip(before, passed, strict=True)]
            gstates, gW = before, g if gW is None else gW + g
            gxs.append(gx)
        return stack(gxs[::-1], axis=1) if gxs else None, *gstates, gW


def _chosen(mask: Any, new: Sequence, old: Sequence) -> list:
    """Return `new` where the mask is True, else `old`; `new` if there is no mask."""
    if mask is None:
        return list(new)
    return [where(mask, a, b) for a, b in zip(new, old, strict=True)]


class RNN(Unrolled, Function):
    def __init__(self, mask: Any = None, rectified: bool = False) -> None:
        super().__init__(mask)
        self.rectified = rectified

    def step(self) -> Function:
        return RNNStep(self.rectified)

    def run(self, t: int, z: Any, zh: Any) -> None:
        (h,), module = self.states, xp(z)
        z += zh
        if self.rectified:
            module.maximum(z[0], 0, out=h[t + 1])
        else:
            module.tanh(z[0], out=h[t + 1])

    def back(self, t: int, gs: list, gz: Any, gzh: Any) -> list:
        (gh,), h = gs, self.states[0][t + 1]
        gz[0] = gh * (h > 0) if self.rectified else gh - gh * h * h
        return [None]


class LSTM(Unrolled, Function):
    name = "lstm"
    gates = 4
    step = LSTMStep

    def run(self, t: int, z: Any, zh: Any) -> None:
        h, c = self.states
        z += zh
        kernels(z).lstm_forward(z, c[t], c_new=c[t + 1], t=self.extra[t], h=h[t + 1])

    def back(self, t: int, gs: list, gz: Any, gzh: Any) -> list:
        (gh, gc), c = gs, self.states[1][t]
        kernels(c).lstm_backward(self.z[:, t], c, self.extra[t], gh, gc, gz=gz, gc_old=gc)
        return [None, gc]


class GRU(Unrolled, Function):
    name = "gru"
    gates = 3
    step = GRUStep

    def run(self, t: int, z: Any, zh: Any) -> None:
        (h,) = self.states
        kernels(z).gru_forward(z, zh, h[t], h[t + 1])
        self.extra[t] = zh[2]

    def back(self, t: int, gs: list, gz: Any, gzh: Any) -> list:
        (gh,), h = gs, self.states[0][t]
        kernels(h).gru_backward(self.z[:, t], self.extra[t], h, gh, gz=gz, gzh=gzh, gh_old=gh)
        return [gh]


def _run(
    kind: Any, given: tuple, mask: Any, reverse: bool, *, fused: Any, step: Callable[..., Any]
) -> tuple:
    """Run function `fused`, or where it is None a chain of calls of `step`, over time."""
    x, *states, W = wrapped(*given)
    check_shapes(kind.name, x, states, W, gates=kind.gates)
    mask = None if mask is None else _checked_mask(kind.name, mask, x)
    if reverse:
        x, mask = flip(x, 1), None if mask is None else mask[:, ::-1]
    if fused is not None or not x.shape[1]:  # without a time there is no activation either
        hs, *states = (fused or kind)(mask)(x, *states, W)
    else:
        outputs = []
        if mask is not None:
            x = where(mask[:, :, None], x, 0.0)
        for t in range(x.shape[1]):
            now = None if mask is None else mask[:, t, None]
            states = _chosen(now, step(x[:, t], states, W), states)
            outputs.append(states[0])
        hs = stack(outputs, axis=1)
    return (flip(hs, 1) if reverse else hs, *states)


def _checked_mask(name: str, mask: Any, x: Variable) -> Any:
    mask = placed(name, mask, x.data)
    if mask.shape != x.shape[:2]:
        raise ValueError(
            f"{name}: expected a mask of shape {x.shape[:2]}, as x {describe(x)} has samples and "
            f"times, got {describe(mask)}. Make it with sequence_mask from the lengths."
        )
    return mask if mask.dtype.kind == "b" else mask != 0


@differentiable
def rnn(
    x: Any,
    h: Any,
    W: Any,
    *,
    mask: Any = None,
    reverse: bool = False,
    activation: Any = "tanh",
    h_mask: Any = None,
) -> tuple[Variable, Variable]:
    """Run a simple recurrent network over sequences, h[t] = tanh(x[t] Wx + b + h[t-1] Wh).

    Args:
        x: sequences, Variable or array (N, T, I).
        h: first state, (N, H); None for zeros.
        W: weights (1, I + H + 2, H) from `join_gates`.
        mask: booleans (N, T); where False the state stays, and nothing is learnt. By default all
            count. `sequence_mask` makes it from lengths.
        reverse: go from the last time to the first; the outputs stay in the order of x.
        activation: as in `rnn_step`.
        h_mask: numbers (N, H), or (1, H), by which the state is multiplied where it meets Wh, the
            same at all times: dropout of the recurrence. Takes several times as long.
    Returns:
        Variables: the states at all times, (N, T, H), and the one that was reached last, (N, H).
    Raises:
        ValueError: the shapes do not fit.
    """
    function = get_activation(activation)
    fused = None
    if h_mask is None and (function is tanh or function is relu):
        fused = partial(RNN, rectified=function is relu)

    def step(x: Any, states: list, W: Any) -> list:
        return [rnn_step(x, dropped(states[0], h_mask), W, activation=function)]

    return _run(RNN, (x, [h], W), mask, reverse, fused=fused, step=step)


@differentiable
def lstm(
    x: Any,
    states: Any,
    W: Any,
    *,
    mask: Any = None,
    reverse: bool = False,
    activation: Any = "tanh",
    recurrent_activation: Any = "sigmoid",
    h_mask: Any = None,
) -> tuple[Variable, Variable, Variable]:
    """Run long short-term memory over sequences; formulas in `lstm_step`.

    Args:
        x: sequences, Variable or array (N, T, I).
        states: the first (h, c), (N, H) each; None for zeros.
        W: weights (4, I + H + 2, H) from `join_gates`.
        mask, reverse, h_mask: as in `rnn`.
        activation, recurrent_activation: as in `lstm_step`.
    Returns:
        Variables: the outputs at all times, (N, T, H), and the last h and c, (N, H) each.
    Raises:
        ValueError: the shapes do not fit.
    """
    functions = get_activation(activation), get_activation(recurrent_activation)
    options = dict(zip(("activation", "recurrent_activation"), functions, strict=True))

    def step(x: Any, states: list, W: Any) -> tuple:
        return lstm_step(x, (dropped(states[0], h_mask), states[1]), W, **options)

    fused = LSTM if functions == (tanh, sigmoid) and h_mask is None else None
    states = (None, None) if states is None else states
    return _run(LSTM, (x, states, W), mask, reverse, fused=fused, step=step)


@differentiable
def gru(
    x: Any,
    h: Any,
    W: Any,
    *,
    mask: Any = None,
    reverse: bool = False,
    reset_after: bool = True,
    activation: Any = "tanh",
    recurrent_activation: Any = "sigmoid",
    h_mask: Any = None,
) -> tuple[Variable, Variable]:
    """Run a gated recurrent unit over sequences; formulas in `gru_step`.

    Args:
        x: sequences, Variable or array (N, T, I).
        h: first state, (N, H); None for zeros.
        W: weights (3, I + H + 2, H) from `join_gates`.
        mask, reverse, h_mask: as in `rnn`.
        reset_after, activation, recurrent_activation: as in `gru_step`.
    Returns:
        Variables: the states at all times, (N, T, H), and the one that was reached last, (N, H).
    Raises:
        ValueError: the shapes do not fit.
    """
    functions = get_activation(activation), get_activation(recurrent_activation)
    options = dict(zip(("activation", "recurrent_activation"), functions, strict=True))

    def step(x: Any, states: list, W: Any) -> list:
        return [gru_step(x, states[0], W, reset_after=reset_after, h_mask=h_mask, **options)]

    plain = reset_after and h_mask is None
    fused = GRU if plain and functions == (tanh, sigmoid) else None
    return _run(GRU, (x, [h], W), mask, reverse, fused=fused, step=step)


@nondifferentiable
def sequence_mask(lengths: Any, size: int | None = None) -> Variable:
    """Return y[..., t] = t < lengths[...]: True in the sequence, False in the padding behind it.

    Args:
        lengths: integers, array, list or Variable of any shape.
        size: places on the new last axis; the largest length by default.
    Returns:
        Variable of booleans, (*lengths.shape, size).
    Raises:
        TypeError: lengths, or size, are not integers.
        ValueError: one is negative or larger than size; on a device only size is looked at.
    """
    lengths = as_array(lengths)
    if lengths.dtype.kind not in "iu" or not isinstance(size, int | np.integer | None):
        given = describe(lengths) if size is None else f"{describe(lengths)} and size {size!r}"
        raise TypeError(
            f"sequence_mask: expected integers as lengths and size, got {given}. "
            "Convert them with astype(int)."
        )
    if size is not None and not is_readable(lengths):
        return Variable.constant(xp(lengths).arange(size) < lengths[..., None])
    low, high = (int(lengths.min()), int(lengths.max())) if lengths.size else (0, 0)
    size = high if size is None else size
    if low < 0 or high > size:
        raise ValueError(
            f"sequence_mask: expected lengths from 0 to size {size}, got {low} to {high}. "
            "Give the number of times of the padded array as size."
        )
    return Variable.constant(xp(lengths).arange(size) < lengths[..., None])

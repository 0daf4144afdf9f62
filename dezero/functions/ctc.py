"""Connectionist temporal classification: the loss of labels whose places in time are unknown."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dezero.backend import to_host, xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.activation import log_softmax
from dezero.functions.elementwise import exp, logaddexp, where
from dezero.functions.indexing import take_along_axis
from dezero.functions.joining import concat, stack
from dezero.functions.loss import reduced
from dezero.functions.shape import astype, reshape

__all__ = ["CTC", "ctc_loss"]

# For the logarithm of 0: two -inf beside each other would make NaN.
LOW = -1e30


class _Ops(NamedTuple):
    """What the recursions are written in, once for arrays and once for Variables."""

    shift: Callable[[Any, int], Any]
    add: Callable[[Any, Any], Any]
    choose: Callable[[Any, Any, Any], Any]


def _shift_array(a: Any, by: int) -> Any:
    """Return `a` (N, S) moved `by` states, LOW in the places that become free."""
    moved = xp(a).full_like(a, LOW)
    if abs(by) >= a.shape[1]:
        return moved
    if by > 0:
        moved[:, by:] = a[:, :-by]
    else:
        moved[:, :by] = a[:, -by:]
    return moved


def _shift_variable(a: Variable, by: int) -> Variable:
    size = min(abs(by), a.shape[1])
    free = Variable.constant(xp(a.data).full((a.shape[0], size), LOW, dtype=a.dtype))
    kept = a[:, : a.shape[1] - size] if by > 0 else a[:, size:]
    return concat([free, kept] if by > 0 else [kept, free], axis=1)


ARRAYS = _Ops(
    _shift_array, lambda a, b: xp(a).logaddexp(a, b), lambda c, a, b: xp(c).where(c, a, b)
)
VARIABLES = _Ops(_shift_variable, logaddexp, where)


class _Lattice(NamedTuple):
    """Which states (N, S) a path may begin and end in, which it may jump to, and its last step."""

    starts: Any
    ends: Any
    jumps: Any
    last: Any  # (N, T), true at the last step


def _alphas(e: Any, lattice: _Lattice, ops: _Ops) -> list:
    """Return, for each step, the log probability of all beginnings of paths that end in a state.

    Graves et al. 2006, eq. 6 and 7, in logarithms.
    """
    a = ops.choose(lattice.starts, e[:, 0], LOW)
    found = [a]
    for step in range(1, e.shape[1]):
        jumped = ops.choose(lattice.jumps, ops.shift(a, 2), LOW)
        a = ops.add(ops.add(a, ops.shift(a, 1)), jumped) + e[:, step]
        found.append(a)
    return found


def _betas(e: Any, lattice: _Lattice, ops: _Ops, end: Any) -> list:
    """Return, for each step, the log probability of all rests of paths after it (eq. 10 and 11)."""
    b, found = end, [end]
    for step in range(e.shape[1] - 2, -1, -1):
        onward = b + e[:, step + 1]
        jumped = ops.shift(ops.choose(lattice.jumps, onward, LOW), -2)
        b = ops.add(ops.add(onward, ops.shift(onward, -1)), jumped)
        b = ops.choose(lattice.last[:, step : step + 1], end, b)
        found.append(b)
    return found[::-1]


class CTC(Function):
    """Minus the log probability of all paths through log probabilities of states (N, T, S)."""

    def __init__(self, lattice: _Lattice) -> None:
        self.lattice = lattice

    def forward(self, e: Any) -> Any:
        self.alphas = _alphas(e, self.lattice, ARRAYS)
        module, last = xp(e), self.lattice.last
        final = module.full_like(self.alphas[0], LOW)
        for step, a in enumerate(self.alphas):
            final = module.where(last[:, step : step + 1] & self.lattice.ends, a, final)
        top = final.max(axis=1)
        return -(top + module.log(module.exp(final - top[:, None]).sum(axis=1)))

    def _ends(self, e: Any) -> tuple[Any, Any]:
        """Return what paths end with, and which steps (N, T, 1) are within the lengths."""
        last = self.lattice.last
        end = xp(e).where(self.lattice.ends, 0.0, LOW).astype(e.dtype)
        # Within: the last step is at this one or later.
        within = xp(e).flip(xp(e).flip(last, 1).cumsum(1), 1) > 0
        return end, within[:, :, None]

    def backward(self, gy: Variable) -> Variable:
        (e,) = self.inputs
        end, within = self._ends(e.data)
        alphas = _alphas(e, self.lattice, VARIABLES)
        betas = _betas(e, self.lattice, VARIABLES, Variable.constant(end))
        loss = reshape(self.outputs[0](), (-1, 1))
        shares = [exp(a + b + loss) for a, b in zip(alphas, betas, strict=True)]
        inside = Variable.constant(within.astype(e.dtype))
        return -reshape(gy, (-1, 1, 1)) * stack(shares, axis=1) * inside

    def fast_backward(self, gy: Any) -> Any:
        e, module = self.inputs[0].data, xp(gy)
        end, within = self._ends(e)
        betas = _betas(e, self.lattice, ARRAYS, end)
        loss = self.outputs[0]().data[:, None]  # type: ignore[union-attr,index]
        shares = [module.exp(a + b + loss) for a, b in zip(self.alphas, betas, strict=True)]
        return -gy[:, None, None] * module.stack(shares, axis=1) * within


@differentiable
def ctc_loss(
    x: Any,
    t: Any,
    x_lengths: Any = None,
    t_lengths: Any = None,
    *,
    blank: int = 0,
    reduction: str = "mean",
) -> Variable:
    """CTC loss: minus the log probability that x says the labels t, at whatever steps.

    Args:
        x: logits (N, T, C), floating Variable or array.
        t: integer labels (N, L), in front of each row.
        x_lengths: N numbers of steps that count; all T if None.
        t_lengths: N numbers of labels; if None, how many of each row are not blank.
        blank: the class that stands for no label.
        reduction: "mean" over the samples, "sum", or "none" for one value each.
    Returns:
        Variable, 0-d, or (N,) for "none"; dtype of x.
    Raises:
        ValueError: shapes do not fit, a label or length is out of range, there are fewer steps
            than the labels need, there is no sample, or reduction is unknown.
        TypeError: t is not integer.
    Note: torch takes log_softmax of x as (T, N, C), and divides the mean by the label lengths.
    Reference: Graves et al. 2006, "Connectionist temporal classification", eq. 3 to 14.
    """
    x = Variable.wrap(x)
    x = x if x.dtype.kind == "f" else astype(x, floating(x.data).dtype)
    labels = to_host(Variable.wrap(t).data)
    states, lattice = _lattice(x, labels, x_lengths, t_lengths, blank)
    wide = x if x.dtype.itemsize > 2 else astype(x, "float32")
    module = xp(x.data)
    states = module.asarray(np.broadcast_to(states[:, None], (*x.shape[:2], states.shape[1])))
    e = take_along_axis(log_softmax(wide, axis=-1), states, axis=-1)  # (N, T, S)
    values = CTC(_Lattice(*(module.asarray(part) for part in lattice)))(e)
    return reduced("ctc_loss", values if wide is x else astype(values, x.dtype), reduction)


def _lattice(x: Variable, t: Any, x_lengths: Any, t_lengths: Any, blank: int) -> tuple:
    """Return the class of each state (N, S), and where paths may go, on the host."""
    if x.ndim != 3 or t.ndim != 2 or len(t) != x.shape[0] or 0 in x.shape:
        raise ValueError(
            f"ctc_loss: expected logits (N, T, C) and labels (N, L), got {describe(x)} and "
            f"{describe(t)}. Pad the labels to one length."
        )
    if t.dtype.kind not in "iu":
        raise TypeError(
            f"ctc_loss: expected integer labels, got {describe(t)}. Convert them with astype(int)."
        )
    N, T, C = x.shape
    t = t.astype("int64")
    t_lengths = _lengths("t_lengths", t_lengths, (t != blank).sum(1), 0, t.shape[1])
    x_lengths = _lengths("x_lengths", x_lengths, np.full(N, T), 1, T)
    used = np.arange(t.shape[1]) < t_lengths[:, None]
    wrong = used & ((t < 0) | (t >= C) | (t == blank))
    if wrong.any() or not 0 <= blank < C:
        raise ValueError(
            f"ctc_loss: expected labels from 0 to {C - 1} beside blank={blank}, got "
            f"{t[wrong][:1].tolist()} in {describe(t)}. Put the labels in front, padding behind."
        )
    t = np.where(used, t, blank)
    _check_steps(t, used, x_lengths)
    states = np.full((N, 2 * t.shape[1] + 1), blank)
    states[:, 1::2] = t
    place = np.arange(states.shape[1])
    ends = (place == 2 * t_lengths[:, None]) | (place == 2 * t_lengths[:, None] - 1)
    jumps = np.zeros(states.shape, bool)
    jumps[:, 2:] = (states[:, 2:] != blank) & (states[:, 2:] != states[:, :-2])
    starts = np.broadcast_to(place < 2, states.shape)
    return states, (starts, ends, jumps, np.arange(T) == x_lengths[:, None] - 1)


def _lengths(name: str, given: Any, usual: Any, low: int, high: int) -> Any:
    lengths = usual if given is None else to_host(Variable.wrap(given).data).reshape(-1)
    fits = lengths.shape == usual.shape and lengths.dtype.kind in "iu"
    if not fits or (lengths < low).any() or (lengths > high).any():
        raise ValueError(
            f"ctc_loss: expected {len(usual)} integers from {low} to {high} as {name}, got "
            f"{describe(lengths)}. Give one for each sample."
        )
    return lengths.astype("int64")


def _check_steps(t: Any, used: Any, x_lengths: Any) -> None:
    again = (t[:, 1:] == t[:, :-1]) & used[:, 1:]  # equal neighbours need a blank between them
    needed = used.sum(1) + again.sum(1)
    short = needed > x_lengths
    if short.any():
        i = int(short.argmax())
        raise ValueError(
            f"ctc_loss: expected at least {needed[i]} steps for the labels of sample {i}, got "
            f"{x_lengths[i]}. Shorten the labels, or pool less over time."
        )

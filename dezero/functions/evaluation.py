"""Functions that judge results; they have no gradient."""

from typing import Any

from dezero.core import Variable, nondifferentiable
from dezero.core.config import STATE
from dezero.core.errors import describe
from dezero.functions.placing import placed

__all__ = ["accuracy"]


@nondifferentiable
def accuracy(y: Any, t: Any, *, axis: int = 1) -> Variable:
    """Part of the samples whose largest score is at their label, mean(argmax(y) == t).

    Args:
        y: scores or probabilities, Variable or array (N, C) or (N, C, ...).
        t: integer labels of the shape of y without `axis`, which may also have length 1.
        axis: the axis of the classes.
    Returns:
        Variable, 0-d, `Config.dtype`.
    Raises:
        ValueError: the shapes do not fit, or there is no sample.
    Note: of equal scores the first counts.
    """
    y = Variable.wrap(y).data
    t = placed("accuracy", t, y)
    if not -y.ndim <= axis < y.ndim:
        raise ValueError(
            f"accuracy: expected scores y with axis {axis}, got {describe(y)}. "
            "Give one row of scores per sample."
        )
    axis %= y.ndim
    wanted = y.shape[:axis] + y.shape[axis + 1 :]
    if t.shape == (*y.shape[:axis], 1, *y.shape[axis + 1 :]):
        t = t.reshape(wanted)
    if t.shape != wanted:
        raise ValueError(
            f"accuracy: expected labels t of shape {wanted} for scores y {describe(y)}, got "
            f"{describe(t)}. Use t.reshape(-1) for labels (1, N), t.argmax(1) for one-hot ones."
        )
    if y.size == 0:
        raise ValueError(
            f"accuracy: expected at least one sample, got y {describe(y)}. Leave empty batches out."
        )
    return Variable.constant((y.argmax(axis=axis) == t).mean().astype(STATE.get().dtype))

"""Keras's losses as functions of (y_true, y_pred), one value per sample."""

from typing import Any

import numpy as np

from dezero import functions as F
from dezero.core import Variable, as_array
from dezero.keras.backend import epsilon

__all__ = [
    "aligned", "binary_crossentropy", "categorical_crossentropy", "categorical_hinge",
    "cosine_similarity", "hinge", "huber", "kl_divergence", "log_cosh", "mean_absolute_error",
    "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "poisson", "sparse_categorical_crossentropy", "squared_hinge",
]  # fmt: skip


def aligned(y: Any, t: Any) -> tuple[Any, Any]:
    """Return outputs and targets of as many axes if one has a last axis of size 1 too many."""
    if y.ndim == t.ndim + 1 and y.shape[-1] == 1:
        return (y, t[..., None]) if t.ndim == 1 else (y.reshape(y.shape[:-1]), t)
    if t.ndim == y.ndim + 1 and t.shape[-1] == 1:
        return (y[..., None], t) if y.ndim == 1 else (y, t.reshape(t.shape[:-1]))
    return y, t


def _pair(y_true: Any, y_pred: Any) -> tuple[Variable, Variable]:
    """Return both as Variables of as many axes, targets in the dtype of the predictions."""
    y = Variable.wrap(y_pred)
    y = y if y.dtype.kind == "f" else F.astype(y, "float32")
    t = y_true if isinstance(y_true, Variable) else Variable.constant(np.asarray(as_array(y_true)))
    y, t = aligned(y, t if t.dtype == y.dtype else F.astype(t, y.dtype))
    return t, y


def _inner(values: Variable) -> Variable:
    return F.mean(values, axis=-1) if values.ndim else values


def _logits(y: Variable, from_logits: bool) -> Variable | None:
    """Return the logits: y, or what softmax or sigmoid made it from; None if neither did."""
    made_by: Any = y.creator if not y.hooks else None
    if from_logits or not isinstance(made_by, F.Softmax | F.Sigmoid):
        return y if from_logits else None
    return made_by.inputs[0] if getattr(made_by, "axis", -1) in (-1, y.ndim - 1) else None


def mean_squared_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean((t - y)**2) over the last axis."""
    t, y = _pair(y_true, y_pred)
    return _inner(F.mean_squared_error(y, t, "none"))


def mean_absolute_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(|t - y|) over the last axis."""
    t, y = _pair(y_true, y_pred)
    return _inner(F.mean_absolute_error(y, t, "none"))


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Variable:
    """Return 100 mean(|t - y| / max(|t|, epsilon)) over the last axis."""
    t, y = _pair(y_true, y_pred)
    return _inner(abs((t - y) / F.clip(abs(t), epsilon()))) * 100.0


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean((ln(1 + t) - ln(1 + y))**2) over the last axis; below epsilon is epsilon."""
    t, y = _pair(y_true, y_pred)
    logs = [F.log(F.clip(v, epsilon()) + 1.0) for v in (y, t)]
    return _inner(F.mean_squared_error(logs[0], logs[1], "none"))


def cosine_similarity(y_true: Any, y_pred: Any, axis: Any = -1) -> Variable:
    """Return minus the cosine of the angle between t and y over an axis: -1 is the best."""
    t, y = _pair(y_true, y_pred)
    return -F.sum(F.normalize(t, axis=axis) * F.normalize(y, axis=axis), axis=axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Variable:
    """Return the mean over the last axis of d**2 / 2, beyond `delta` of its tangent."""
    t, y = _pair(y_true, y_pred)
    return _inner(F.huber(y, t, delta=delta, reduction="none"))


def log_cosh(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(ln(cosh(y - t))) over the last axis."""
    t, y = _pair(y_true, y_pred)
    d = y - t
    return _inner(d + F.softplus(d * -2.0) - float(np.log(2.0)))


def _signs(t: Variable) -> Variable:
    """Return labels 0 and 1 as -1 and 1; others as they are."""
    return t * 2.0 - 1.0 if bool(((t.data == 0) | (t.data == 1)).all()) else t  # type: ignore


def hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(max(1 - t y, 0)) over the last axis, labels being -1 and 1, or 0 and 1."""
    t, y = _pair(y_true, y_pred)
    return _inner(F.clip(1.0 - _signs(t) * y, 0.0))


def squared_hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(max(1 - t y, 0)**2) over the last axis, labels as in `hinge`."""
    t, y = _pair(y_true, y_pred)
    return _inner(F.square(F.clip(1.0 - _signs(t) * y, 0.0)))


def categorical_hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return max(1 + largest wrong score - right score, 0), t one-hot."""
    t, y = _pair(y_true, y_pred)
    right, wrong = F.sum(t * y, axis=-1), F.max((1.0 - t) * y, axis=-1)
    return F.clip(wrong - right + 1.0, 0.0)


def kl_divergence(y_true: Any, y_pred: Any) -> Variable:
    """Return sum(t ln(t / y)) over the last axis, both from epsilon to 1."""
    t, y = (F.clip(v, epsilon(), 1.0) for v in _pair(y_true, y_pred))
    return F.sum(t * F.log(t / y), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(y - t ln(y + epsilon)) over the last axis."""
    t, y = _pair(y_true, y_pred)
    return _inner(y - t * F.log(y + epsilon()))


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return the mean over an axis of -t ln(y) - (1 - t) ln(1 - y)."""
    t, y = _pair(y_true, y_pred)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    logits = _logits(y, from_logits)
    if logits is None:
        return F.mean(F.binary_cross_entropy(y, t, "none"), axis=axis)
    return F.mean(F.sigmoid_cross_entropy(logits, t, "none"), axis=axis)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return -sum(t ln(y)) over an axis, t one-hot or probabilities."""
    t, y = _pair(y_true, y_pred)
    options: dict[str, Any] = {
        "axis": axis, "label_smoothing": label_smoothing, "reduction": "none",
    }  # fmt: skip
    logits = _logits(y, from_logits)
    if logits is None:
        return F.categorical_cross_entropy(y, t, **options)
    return F.softmax_cross_entropy(logits, t, **options)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Variable:
    """Return -ln(y[t]), t class numbers; 0 where t is `ignore_class`."""
    t, y = np.asarray(as_array(y_true)), Variable.wrap(y_pred)
    if t.ndim == y.ndim and t.shape[axis] == 1:
        t = t.squeeze(axis)
    t = t.astype("int64") if t.dtype.kind not in "iu" else t
    counted = None if ignore_class is None else t != ignore_class
    if counted is not None:
        t = np.where(counted, t, 0)
    logits = _logits(y, from_logits)
    if logits is None:
        values = F.categorical_cross_entropy(y, t, axis=axis, reduction="none")
    else:
        values = F.softmax_cross_entropy(logits, t, axis=axis, reduction="none")
    return values if counted is None else F.where(counted, values, 0.0)

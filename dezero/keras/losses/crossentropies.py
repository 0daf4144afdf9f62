"""Keras's crossentropies as functions of (y_true, y_pred), one value per sample."""

import warnings
from typing import Any

from dezero import functions as F
from dezero.backend import xp
from dezero.core import Variable
from dezero.keras.losses.pairs import class_numbers, in_words_of, paired, warn_of_one_class

__all__ = [
    "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy",
    "sparse_categorical_crossentropy",
]  # fmt: skip


def _logits(y: Variable, from_logits: bool) -> Variable | None:
    """Return what softmax or sigmoid made y from, as Keras does; else y if it is logits, or None.

    Warns if both are said: `from_logits=True` of outputs of softmax would squash them twice.
    """
    made_by: Any = y.creator if not y.hooks else None
    if isinstance(made_by, F.Softmax | F.Sigmoid):
        if getattr(made_by, "axis", -1) in (-1, y.ndim - 1):
            if from_logits:
                warnings.warn(
                    f"crossentropy: expected scores with from_logits=True, got what "
                    f"{type(made_by).__name__.lower()} made of them; the loss takes the scores. "
                    "Leave out one of the two.",
                    stacklevel=4,
                )
            return made_by.inputs[0]
    return y if from_logits else None


def _towards_half(t: Variable, smoothing: float) -> Variable:
    return t * (1.0 - smoothing) + 0.5 * smoothing if smoothing else t


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return the mean over an axis of -t ln(y) - (1 - t) ln(1 - y)."""
    t, y = paired("binary_crossentropy", y_true, y_pred)
    t = _towards_half(t, label_smoothing)
    logits = _logits(y, from_logits)
    with in_words_of("binary_crossentropy"):
        if logits is None:
            return F.mean(F.binary_cross_entropy(y, t, "none"), axis=axis)
        return F.mean(F.sigmoid_cross_entropy(logits, t, "none"), axis=axis)


def binary_focal_crossentropy(  # noqa: PLR0917 (Keras's signature)
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return the mean over an axis of (1 - p)**gamma times the crossentropy, p of the right side.

    With `apply_class_balancing` label 1 counts `alpha` and label 0 counts 1 - alpha.
    """
    t, y = paired("binary_focal_crossentropy", y_true, y_pred)
    t = _towards_half(t, label_smoothing)
    options: dict[str, Any] = {
        "alpha": alpha if apply_class_balancing else None, "gamma": gamma, "reduction": "none"
    }  # fmt: skip
    logits = None if from_logits else _logits(y, False)
    with in_words_of("binary_focal_crossentropy"):
        if logits is not None:
            return F.mean(F.sigmoid_focal_cross_entropy(logits, t, **options), axis=axis)
        p = F.sigmoid(y) if from_logits else y
        return F.mean(F.binary_focal_cross_entropy(p, t, **options), axis=axis)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return -sum(t ln(y)) over an axis, t one-hot or probabilities."""
    t, y = paired("categorical_crossentropy", y_true, y_pred)
    warn_of_one_class("categorical_crossentropy", y)
    options: dict[str, Any] = {
        "axis": axis, "label_smoothing": label_smoothing, "reduction": "none",
    }  # fmt: skip
    logits = _logits(y, from_logits)
    with in_words_of("categorical_crossentropy"):
        if logits is None:
            return F.categorical_cross_entropy(y, t, **options)
        return F.softmax_cross_entropy(logits, t, **options)


def categorical_focal_crossentropy(  # noqa: PLR0917 (Keras's signature)
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Variable:
    """Return -sum(alpha (1 - y)**gamma t ln(y)) over an axis, t one-hot or probabilities."""
    t, y = paired("categorical_focal_crossentropy", y_true, y_pred)
    warn_of_one_class("categorical_focal_crossentropy", y)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + label_smoothing / t.shape[-1]
    p = F.softmax(y, axis) if from_logits else y
    with in_words_of("categorical_focal_crossentropy"):
        return F.categorical_focal_cross_entropy(
            p, t, alpha=alpha, gamma=gamma, axis=axis, reduction="none"
        )


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Variable:
    """Return -ln(y[t]), t class numbers; 0 where t is `ignore_class`."""
    name, y = "sparse_categorical_crossentropy", Variable.wrap(y_pred)
    t = class_numbers(name, y_true, y, axis)
    counted = None if ignore_class is None else t != ignore_class
    if counted is not None:
        t = xp(t).where(counted, t, 0)
    logits = _logits(y, from_logits)
    with in_words_of(name):
        if logits is None:
            values = F.categorical_cross_entropy(y, t, axis=axis, reduction="none")
        else:
            values = F.softmax_cross_entropy(logits, t, axis=axis, reduction="none")
    return values if counted is None else F.where(counted, values, 0.0)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float = 0.5) -> Variable:
    """Return (1 - y[t]**q) / q, t class numbers."""
    name, y = "categorical_generalized_cross_entropy", Variable.wrap(y_pred)
    with in_words_of(name):
        return F.generalized_cross_entropy(
            y, class_numbers(name, y_true, y, -1), q=q, reduction="none"
        )

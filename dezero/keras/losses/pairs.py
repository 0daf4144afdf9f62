"""What Keras's losses share: targets beside predictions, and errors in Keras's own words."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dezero import functions as F
from dezero.backend import is_readable, xp
from dezero.core import Variable, as_array
from dezero.core.errors import describe

__all__ = ["aligned", "check_shapes", "class_numbers", "in_words_of", "paired", "warn_of_one_class"]

OURS = (
    "binary_cross_entropy", "categorical_cross_entropy", "categorical_focal_cross_entropy",
    "generalized_cross_entropy", "sigmoid_cross_entropy", "softmax_cross_entropy",
)  # fmt: skip
HAS_SPARSE = ("categorical_accuracy", "categorical_crossentropy", "top_k_categorical_accuracy")
WORDS = {
    "For logits, use sigmoid_cross_entropy.":
        "Give the last layer activation='sigmoid', or the loss from_logits=True.",
    "For logits, use softmax_cross_entropy.":
        "Give the last layer activation='softmax', or the loss from_logits=True.",
    "For logits, use softmax first.": "Give the last layer activation='softmax'.",
    "ignore_label": "ignore_class",
}  # fmt: skip


def aligned(y: Any, t: Any) -> tuple[Any, Any]:
    """Return outputs and targets of as many axes if one has a last axis of size 1 too many."""
    if y.ndim == t.ndim + 1 and y.shape[-1] == 1:
        return (y, t[..., None]) if t.ndim == 1 else (y.reshape(y.shape[:-1]), t)
    if t.ndim == y.ndim + 1 and t.shape[-1] == 1:
        return (y[..., None], t) if y.ndim == 1 else (y, t.reshape(t.shape[:-1]))
    return y, t


def paired(name: str, y_true: Any, y_pred: Any) -> tuple[Variable, Variable]:
    """Return targets and predictions as Variables of one shape and of the predictions' dtype.

    Raises:
        ValueError: the shapes do not fit, such as class numbers where one-hot targets belong.
    """
    y = Variable.wrap(y_pred)
    y = y if y.dtype.kind == "f" else F.astype(y, "float32")
    t = y_true if isinstance(y_true, Variable) else Variable.constant(as_array(y_true))
    y, t = aligned(y, t if t.dtype == y.dtype else F.astype(t, y.dtype))
    check_shapes(name, t, y)
    return t, y


def check_shapes(name: str, t: Any, y: Any) -> None:
    """Refuse targets of another shape than the predictions: they would be broadcast silently.

    Raises:
        ValueError: the shapes differ.
    """
    if t.shape != y.shape:
        raise ValueError(
            f"{name}: expected y_true of the shape of y_pred, {y.shape}, got {t.shape}. "
            + _fix(name, t, y)
        )


def warn_of_one_class(name: str, y: Any) -> None:
    """Warn where there is one class: its probability is 1 and the loss 0, whatever is true."""
    if y.ndim and y.shape[-1] == 1:
        warnings.warn(
            f"{name}: expected more than one class, got y_pred {y.shape}, whose loss is always 0. "
            "Use binary_crossentropy with sigmoid for one unit.",
            stacklevel=4,
        )


def _fix(name: str, t: Any, y: Any) -> str:
    if t.size == y.size:
        return f"Reshape y_true to {y.shape}."
    numbers = t.shape in (y.shape[:-1], (*y.shape[:-1], 1))
    if not numbers:
        return "Check the units of the last layer, and that both are of the same samples."
    hot = f"utils.to_categorical(y_true, {y.shape[-1]})"
    if name in HAS_SPARSE:
        return f"For class numbers use sparse_{name}, or {hot}."
    return f"For class numbers use {hot}; for one number a sample, a last layer of 1 unit."


def class_numbers(name: str, y_true: Any, y: Any, axis: int) -> Any:
    """Return class numbers as integers without an axis of 1 for the classes.

    Raises:
        ValueError: they are one-hot, or are no whole numbers.
    """
    t = as_array(y_true)
    if not y.ndim:
        raise ValueError(
            f"{name}: expected y_pred (N, ..., C), got a single number. "
            "Give one score for each class."
        )
    if t.ndim == y.ndim and t.shape[axis] == 1:
        t = t.squeeze(axis)
    if t.shape == y.shape and t.ndim:
        other = name.removeprefix("sparse_") if "sparse" in name else "categorical_crossentropy"
        raise ValueError(
            f"{name}: expected class numbers, one for each row of y_pred {y.shape}, got y_true "
            f"{describe(t)}. For one-hot targets use {other}, or argmax(-1)."
        )
    if t.dtype.kind in "iu":
        return t
    if t.dtype.kind == "f" and not is_readable(t):  # no class there: its figures become NaN
        module = xp(t)
        whole = (module.floor(t) == t) & (abs(t) < 2**31)
        return module.where(whole, t, -1).astype("int64")
    found = t.astype("int64")
    if t.dtype.kind == "f" and not (found == t).all():
        raise ValueError(
            f"{name}: expected class numbers, got y_true {describe(t)} that are no whole numbers, "
            f"such as {t[found != t][0]}. Use a loss of regression for numbers."
        )
    return found


@contextmanager
def in_words_of(name: str) -> Iterator[None]:
    """Let errors of the library's own losses name Keras's loss, and its options."""
    try:
        yield
    except (ValueError, TypeError) as error:
        head, _, rest = str(error).partition(": ")
        if head not in OURS:
            raise
        for ours, words in WORDS.items():
            rest = rest.replace(ours, words)
        raise type(error)(f"{name}: {rest}") from error

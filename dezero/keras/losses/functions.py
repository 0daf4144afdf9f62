"""Keras's losses as functions of (y_true, y_pred), one value per sample; crossentropies apart."""

from typing import Any

from dezero import functions as F
from dezero.backend import is_readable, xp
from dezero.core import Variable, as_array
from dezero.keras.backend import epsilon
from dezero.keras.losses.pairs import aligned, paired

__all__ = [
    "aligned", "categorical_hinge", "circle", "cosine_similarity", "ctc", "dice", "hinge", "huber",
    "kl_divergence", "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error",
    "mean_squared_error", "mean_squared_logarithmic_error", "poisson", "squared_hinge", "tversky",
]  # fmt: skip


def _inner(values: Variable) -> Variable:
    return F.mean(values, axis=-1) if values.ndim else values


def mean_squared_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean((t - y)**2) over the last axis."""
    t, y = paired("mean_squared_error", y_true, y_pred)
    return _inner(F.mean_squared_error(y, t, "none"))


def mean_absolute_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(|t - y|) over the last axis."""
    t, y = paired("mean_absolute_error", y_true, y_pred)
    return _inner(F.mean_absolute_error(y, t, "none"))


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Variable:
    """Return 100 mean(|t - y| / max(|t|, epsilon)) over the last axis."""
    t, y = paired("mean_absolute_percentage_error", y_true, y_pred)
    return _inner(F.mean_absolute_percentage_error(y, t, eps=epsilon(), reduction="none"))


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Variable:
    """Return mean((ln(1 + t) - ln(1 + y))**2) over the last axis; below epsilon is epsilon."""
    t, y = paired("mean_squared_logarithmic_error", y_true, y_pred)
    return _inner(F.mean_squared_logarithmic_error(y, t, eps=epsilon(), reduction="none"))


def cosine_similarity(y_true: Any, y_pred: Any, axis: Any = -1) -> Variable:
    """Return minus the cosine of the angle between t and y over an axis: -1 is the best."""
    t, y = paired("cosine_similarity", y_true, y_pred)
    return -F.cosine_similarity(y, t, axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Variable:
    """Return the mean over the last axis of d**2 / 2, beyond `delta` of its tangent."""
    t, y = paired("huber", y_true, y_pred)
    return _inner(F.huber(y, t, delta=delta, reduction="none"))


def log_cosh(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(ln(cosh(y - t))) over the last axis."""
    t, y = paired("log_cosh", y_true, y_pred)
    return _inner(F.log_cosh(y, t, reduction="none"))


def _hinge(name: str, y_true: Any, y_pred: Any, squared: bool) -> Variable:
    t, y = paired(name, y_true, y_pred)
    are_bits = ((t.data == 0) | (t.data == 1)).all()  # type: ignore
    if not is_readable(are_bits):  # on a device, which is not waited for
        t = F.where(are_bits, t * 2.0 - 1.0, t)
    elif are_bits:
        t = t * 2.0 - 1.0
    # Keras takes numbers beside -1 and 1 too, such as weights of the pairs.
    signed = t * y
    ones = xp(y.data).ones_like(y.data)
    return _inner(F.hinge(signed, ones, squared=squared, reduction="none"))


def hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(max(1 - t y, 0)) over the last axis, labels being -1 and 1, or 0 and 1."""
    return _hinge("hinge", y_true, y_pred, False)


def squared_hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(max(1 - t y, 0)**2) over the last axis, labels as in `hinge`."""
    return _hinge("squared_hinge", y_true, y_pred, True)


def categorical_hinge(y_true: Any, y_pred: Any) -> Variable:
    """Return max(1 + largest wrong score - right score, 0), t one-hot."""
    t, y = paired("categorical_hinge", y_true, y_pred)
    return F.categorical_hinge(y, t, reduction="none")


def kl_divergence(y_true: Any, y_pred: Any) -> Variable:
    """Return sum(t ln(t / y)) over the last axis, both from epsilon to 1."""
    t, y = (F.clip(v, epsilon(), 1.0) for v in paired("kl_divergence", y_true, y_pred))
    return F.kl_divergence(y, t, reduction="none")


def poisson(y_true: Any, y_pred: Any) -> Variable:
    """Return mean(y - t ln(y + epsilon)) over the last axis."""
    t, y = paired("poisson", y_true, y_pred)
    return _inner(F.poisson_loss(y, t, eps=epsilon(), reduction="none"))


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Variable:
    """Return 1 - 2 sum(t y) / (sum(t) + sum(y)), over all axes or those of `axis`."""
    t, y = paired("dice", y_true, y_pred)
    return F.dice_loss(y, t, _axes(axis), eps=epsilon())


def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None
) -> Variable:
    """Return 1 - sum(t y) / (sum(t y) + alpha sum(t (1 - y)) + beta sum(y (1 - t))).

    Note: alpha weighs what was missed, whatever Keras's own text says of false positives.
    """
    t, y = paired("tversky", y_true, y_pred)
    return F.tversky_loss(y, t, _axes(axis), missed=alpha, added=beta, eps=epsilon())


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def circle(  # noqa: PLR0917 (Keras's signature)
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Variable:
    """Return the circle loss of normalized embeddings y and class numbers t, one per sample."""
    y = Variable.wrap(y_pred)
    y = y if y.dtype.kind == "f" else F.astype(y, "float32")
    numbers = [
        None if labels is None else as_array(labels).astype("int32")
        for labels in (y_true, ref_labels)
    ]
    options: dict[str, Any] = {"gamma": gamma, "margin": margin}
    return F.circle_loss(
        y, numbers[0], ref_embeddings, numbers[1], remove_diagonal=remove_diagonal, **options
    )


def ctc(y_true: Any, y_pred: Any) -> Variable:
    """Return the CTC loss of logits y (N, T, C) and labels t (N, L), 0 being blank and padding."""
    t = as_array(y_true)
    t = t.astype("int64") if t.dtype.kind == "f" else t
    return F.ctc_loss(y_pred, t, reduction="none")

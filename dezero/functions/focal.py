"""Losses for pictures of mostly background: focal cross entropies, and overlaps of regions."""

from typing import Any

from dezero.core import Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.activation import sigmoid
from dezero.functions.cross_entropy import SigmoidCrossEntropy, binary_cross_entropy
from dezero.functions.elementwise import clip, log
from dezero.functions.loss import check_probabilities, paired, raised, reduced
from dezero.functions.placing import placed
from dezero.functions.reduction import sum

__all__ = [
    "binary_focal_cross_entropy", "categorical_focal_cross_entropy", "dice_loss",
    "sigmoid_focal_cross_entropy", "tversky_loss",
]  # fmt: skip


def _factor(name: str, miss: Variable, gamma: float) -> Variable | float:
    """Return miss**gamma; the derivative of a root at 0 is taken at 1e-7."""
    if not gamma >= 0:
        raise ValueError(f"{name}: expected gamma >= 0, got {gamma!r}. 2 is usual.")
    return raised(miss, 1e-7) ** float(gamma) if gamma else 1.0


def _focused(name: str, values: Variable, p: Variable, t: Variable, options: tuple) -> Variable:
    alpha, gamma = options
    values = values * _factor(name, t * (1.0 - p) + (1.0 - t) * p, gamma)
    return values if alpha is None else values * (t * alpha + (1.0 - t) * (1.0 - alpha))


@differentiable
def binary_focal_cross_entropy(
    p: Any, t: Any, *, alpha: float | None = None, gamma: float = 2.0, reduction: str = "mean"
) -> Variable:
    """Binary cross entropy, each value times (1 - p_t)**gamma, p_t what the right answer got.

    Args:
        p: probabilities, floating Variable or array, any shape.
        t: labels 0 or 1, or probabilities, of that shape.
        alpha: weight of label 1, and 1 - alpha of label 0; None for no weights.
        gamma: number, at least 0; how little those count that are right already. 0: plain.
        reduction: "mean", "sum", "batch" (the sum by len(p)), or "none" for the values.
    Raises:
        ValueError: gamma is negative, p is outside [0, 1], the shapes differ, there is no sample,
            or reduction is unknown.
    Reference: Lin et al. 2017, "Focal loss for dense object detection", eq. 4 and 5.
    """
    name = "binary_focal_cross_entropy"
    p, t = paired(name, p, t)
    values = binary_cross_entropy(p, t, "none")
    return reduced(name, _focused(name, values, p, t, (alpha, gamma)), reduction)


@differentiable
def sigmoid_focal_cross_entropy(
    x: Any, t: Any, *, alpha: float | None = None, gamma: float = 2.0, reduction: str = "mean"
) -> Variable:
    """`binary_focal_cross_entropy` of sigmoid(x), exact also where that rounds to 0 or 1.

    Args:
        x: logits, floating Variable or array, any shape.
        t, alpha, gamma, reduction: as there.
    Raises:
        ValueError: gamma is negative, the shapes differ, there is no sample, or reduction is
            unknown.
    """
    name = "sigmoid_focal_cross_entropy"
    x, t = paired(name, x, t)
    values = SigmoidCrossEntropy()(x, t)
    return reduced(name, _focused(name, values, sigmoid(x), t, (alpha, gamma)), reduction)


@differentiable
def categorical_focal_cross_entropy(
    p: Any,
    t: Any,
    *,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    axis: int = -1,
    reduction: str = "mean",
) -> Variable:
    """Cross entropy -sum(alpha * (1 - p)**gamma * t * ln(p)) along `axis`.

    Args:
        p: probabilities, floating Variable or array; divided by their sums along axis.
        t: probabilities of that shape, such as one-hot labels.
        alpha: number, or an array that broadcasts with p, such as one number per class.
        gamma: as in `binary_focal_cross_entropy`.
        axis: int, that of the classes.
        reduction: "mean" over the samples, "sum", or "none" for one value each.
    Raises:
        ValueError: gamma is negative, p is outside [0, 1], the shapes differ, there is no sample,
            or reduction is unknown.
    Note: p counts as at least 1e-7 and at most 1 - 1e-7.
    """
    name = "categorical_focal_cross_entropy"
    p, t = paired(name, p, t)
    p = check_probabilities(name, p, hint="For logits, use softmax first.")
    p = clip(raised(p / sum(p, axis, True), 1e-7), None, 1.0 - 1e-7)
    values = -t * log(p) * _factor(name, 1.0 - p, gamma)
    weight: Any = alpha
    if not isinstance(alpha, int | float):
        weight = Variable.constant(placed(name, alpha, p.data).astype(p.dtype))
    return reduced(name, sum(values * weight, axis), reduction)


@differentiable
def dice_loss(p: Any, t: Any, axis: Any = None, *, eps: float = 1e-7) -> Variable:
    """How little two regions overlap, 1 - 2 * sum(p * t) / (sum(p) + sum(t) + eps).

    Args:
        p: probabilities of being inside, floating Variable or array, any shape.
        t: 1 inside and 0 outside, of that shape.
        axis: int or tuple of ints to sum over, such as those of a picture; None for all.
        eps: number; makes two empty regions cost 1 rather than NaN.
    Returns:
        Variable without axis.
    Raises:
        ValueError: the shapes differ.
    Reference: Milletari et al. 2016, "V-Net", section 3, with sums for sums of squares.
    """
    p, t = paired("dice_loss", p, t)
    return 1.0 - 2.0 * sum(p * t, axis) / (sum(t, axis) + sum(p, axis) + eps)


@differentiable
def tversky_loss(
    p: Any,
    t: Any,
    axis: Any = None,
    *,
    missed: float = 0.5,
    added: float = 0.5,
    eps: float = 1e-7,
) -> Variable:
    """Like `dice_loss`, 1 - both / (both + missed * (t without p) + added * (p without t) + eps).

    Args:
        p, t, axis, eps: as in `dice_loss`; both is sum(p * t).
        missed: weight of what is in t and not in p, sum(t * (1 - p)).
        added: weight of what is in p and not in t.
    Returns:
        Variable without axis.
    Raises:
        ValueError: the shapes differ, or a weight is negative.
    Reference: Salehi et al. 2017, "Tversky loss function for image segmentation", eq. 2.
    """
    p, t = paired("tversky_loss", p, t)
    if not (missed >= 0 and added >= 0):
        raise ValueError(
            f"tversky_loss: expected weights of at least 0, got missed={missed!r} and "
            f"added={added!r} for {describe(p)}. 0.5 each is the dice loss."
        )
    both = sum(p * t, axis)
    outside = sum((1.0 - p) * t, axis) * missed + sum(p * (1.0 - t), axis) * added
    return 1.0 - both / (both + outside + eps)

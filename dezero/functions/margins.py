"""Losses that compare scores of right and wrong: categorical hinge, circle, generalized entropy."""

from typing import Any

from dezero.backend import xp
from dezero.core import Variable, differentiable
from dezero.core.errors import describe
from dezero.functions.activation import softplus
from dezero.functions.cross_entropy import check_labels, marked, one_hot
from dezero.functions.elementwise import clip, where
from dezero.functions.linalg import whole_matmul
from dezero.functions.loss import check_probabilities, paired, raised, reduced
from dezero.functions.reduction import logsumexp, max, sum

__all__ = ["categorical_hinge", "circle_loss", "generalized_cross_entropy"]


@differentiable
def categorical_hinge(x: Any, t: Any, *, axis: int = -1, reduction: str = "mean") -> Variable:
    """Hinge of classes, mean(max(1 + max((1 - t) * x) - sum(t * x), 0)) along `axis`.

    Args:
        x: scores, floating Variable or array.
        t: targets of that shape, 1 at the right class and 0 elsewhere.
        axis: int, that of the classes.
        reduction: "mean" over the samples, "sum", or "none" for one value each.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    Note: the right class counts among the others as 0, so that scores below 0 cost more.
    Reference: Crammer and Singer 2001, "On the algorithmic implementation of multiclass
        kernel-based vector machines", section 3, which leaves the right class out.
    """
    x, t = paired("categorical_hinge", x, t)
    wrong, right = max((1.0 - t) * x, axis=axis), sum(t * x, axis=axis)
    return reduced("categorical_hinge", clip(wrong - right + 1.0, 0.0), reduction)


@differentiable
def generalized_cross_entropy(
    p: Any, t: Any, *, q: float = 0.5, reduction: str = "mean"
) -> Variable:
    """Cross entropy that wrong labels harm less, mean((1 - p[t]**q) / q).

    Args:
        p: probabilities (N, ..., C), floating Variable or array.
        t: integer labels (N, ...).
        q: number in (0, 1]; near 0 it is the cross entropy, at 1 the mean absolute error.
        reduction: "mean" over the samples, "sum", or "none" for one value each.
    Raises:
        ValueError: q is out of range, p is outside [0, 1], a label is out of range, shapes do not
            fit, there is no sample, or reduction is unknown.
        TypeError: t is not integer.
    Note: p[t] below 1e-14 counts as that, with the gradient there.
    Reference: Zhang and Sabuncu 2018, "Generalized cross entropy loss", eq. 6.
    """
    name = "generalized_cross_entropy"
    if not 0 < q <= 1:
        raise ValueError(f"{name}: expected q above 0 and up to 1, got {q!r}. 0.5 is usual.")
    p, t = Variable.wrap(p), Variable.wrap(t)
    bad = check_labels(name, t.data, p.shape, p.ndim - 1)
    p = check_probabilities(name, p, hint="For logits, use softmax first.")
    hot = Variable.constant(one_hot(t.data, p.shape[-1], p.ndim - 1, p.ndim))
    right = raised(sum(p * hot, axis=-1), 1e-14)
    return reduced(name, marked((1.0 - right**q) / q, bad), reduction)


@differentiable
def circle_loss(
    x: Any,
    labels: Any,
    references: Any = None,
    reference_labels: Any = None,
    *,
    gamma: float = 80.0,
    margin: float = 0.4,
    remove_diagonal: bool = True,
) -> Variable:
    """Circle loss of vectors: those of one label are to point one way, others elsewhere.

    Args:
        x: vectors of length 1, floating Variable or array (N, D).
        labels: N integers.
        references, reference_labels: what x is compared with, (M, D) and M; x itself if None.
        gamma: scale of the exponents.
        margin: from 0 to 1; how strict the circle is.
        remove_diagonal: whether vector i and reference i are one and not to be compared.
    Returns:
        Variable (N,), 0 for a vector without one of the same label or without one of another.
    Raises:
        ValueError: the shapes do not fit, or there is no vector.
    Note: the weights of the pairs are differentiated too, as in Keras.
    Reference: Sun et al. 2020, "Circle loss: a unified perspective of pair similarity
        optimization", eq. 6 and 8, with distances 1 - s.
    """
    x = Variable.wrap(x)
    others = x if references is None else Variable.wrap(references)
    own, theirs = _pair_labels(x, others, labels, reference_labels)
    far = clip(1.0 - whole_matmul(x, others.T), 0.0)  # (N, M)
    same = own.reshape(-1, 1) == theirs
    other = ~same
    if remove_diagonal:
        same = same & ~xp(same).eye(*same.shape, dtype=bool)
    attract = (far + margin) * (far - margin) * gamma
    repel = clip(1.0 + margin - far, 0.0) * (1.0 - margin - far) * gamma
    sums = [_log_sum(attract, same), _log_sum(repel, other)]
    return softplus(sums[0] + sums[1])


def _log_sum(values: Variable, kept: Any) -> Variable:
    # Not -inf: two of them with a large number beside would be NaN; this low softplus gives 0.
    low = -1e4 if values.dtype.itemsize == 2 else -1e30
    return logsumexp(where(kept, values, low), axis=1)


def _pair_labels(x: Variable, others: Variable, labels: Any, reference_labels: Any) -> tuple:
    own = Variable.wrap(labels).data
    theirs = own if reference_labels is None else Variable.wrap(reference_labels).data
    fits = x.ndim == others.ndim == 2 and x.shape[1:] == others.shape[1:]
    fits = fits and 0 not in (*x.shape, *others.shape)
    if not fits or own.size != len(x.data) or theirs.size != len(others.data):  # type: ignore
        raise ValueError(
            f"circle_loss: expected vectors (N, D), (M, D) with N and M labels, got {describe(x)} "
            f"and {describe(others)} with {describe(own)} and {describe(theirs)}. "
            "Give references together with their labels."
        )
    return own.reshape(-1), theirs.reshape(-1)  # type: ignore

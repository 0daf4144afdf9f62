"""Cross entropies: the losses of classifiers, from logits and from probabilities."""

from typing import Any

import numpy as np

from dezero.backend import is_readable, is_seed, kernels, to_host, xp
from dezero.core import Function, Variable, as_variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.activation import log_softmax, sigmoid, softmax
from dezero.functions.elementwise import log
from dezero.functions.loss import (
    beside,
    check_probabilities,
    divisor,
    paired,
    product,
    raised,
    reduced,
)
from dezero.functions.placing import placed, poison
from dezero.functions.shape import reshape, transpose

__all__ = [
    "SigmoidCrossEntropy",
    "SoftmaxCrossEntropy",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "softmax_cross_entropy_simple",
]


def check_labels(name: str, t: Any, shape: tuple[int, ...], axis: int, ignore: Any = None) -> Any:
    """Raise unless array `t` holds class numbers for predictions of `shape`, classes on `axis`.

    Returns:
        None; of labels on a device, whose values are not looked at, where they are wrong.
    """
    wanted = shape[:axis] + shape[axis + 1 :]
    if t.shape != wanted:
        fits = t.size == product(wanted)
        raise ValueError(
            f"{name}: expected labels of shape {wanted} or probabilities of shape {shape}, "
            f"got {describe(t)}. "
            + (f"Write t.reshape({wanted})." if fits else "Take x and t of the same samples.")
        )
    if t.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: expected integer labels, got {describe(t)}. Convert them with t.astype(int)."
        )
    classes = shape[axis]
    if not is_readable(t):
        bad = (t < 0) | (t >= classes)
        return bad if ignore is None else bad & (t != ignore)
    # Seen as unsigned, negative labels are huge ones: one comparison finds both.
    if ignore is None and (t.size == 0 or t.astype("i8", copy=False).view("u8").max() < classes):
        return None
    bad = (t < 0) | (t >= classes)
    if ignore is not None:
        bad &= t != ignore
    if bad.any():
        raise _label_error(name, t, bad, classes)
    return None


def marked(values: Variable, bad: Any) -> Variable:
    """Return the values, NaN for those whose labels `check_labels` found to be wrong."""
    return values if bad is None else values * poison(bad, values.dtype)


def squeezed_labels(t: Variable, shape: tuple[int, ...], axis: int) -> Variable:
    """Return integer labels with an axis of length 1 for the classes, (N, 1), without it, (N,)."""
    if t.dtype.kind in "iu" and t.shape == (*shape[:axis], 1, *shape[axis + 1 :]) != shape:
        return reshape(t, shape[:axis] + shape[axis + 1 :])
    return t


def _label_error(name: str, t: Any, bad: Any, classes: int) -> ValueError:
    where = tuple(int(i[0]) for i in bad.nonzero())
    return ValueError(
        f"{name}: expected labels from 0 to {classes - 1}, got {t[where]} at "
        f"t[{', '.join(map(str, where))}]. Number the classes from 0; a label to leave out is "
        "named by ignore_label."
    )


def one_hot(t: Any, classes: int, axis: int, ndim: int) -> Any:
    """Return booleans, True at the class `t` says, with the classes on `axis` of `ndim` axes."""
    module = xp(t)
    numbers = module.arange(classes).reshape([classes if i == axis else 1 for i in range(ndim)])
    return module.expand_dims(t, axis) == numbers


class SoftmaxCrossEntropy(Function):
    """Softmax cross entropy of logits (N, C) and labels (N,)."""

    gx: Any

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction

    def forward(self, x: Any, t: Any) -> Any:
        if x.ndim != 2:
            raise ValueError(
                f"softmax_cross_entropy: expected logits of shape (N, C), got {describe(x)}. "
                "Reshape x, or use the function, which takes more axes."
            )
        if t.shape != x.shape[:1] or t.dtype.kind not in "iu":
            check_labels("softmax_cross_entropy", t, x.shape, 1)
        n = x.shape[0]
        if self.reduction != "mean" or not n:
            n = divisor("softmax_cross_entropy", self.reduction, t.shape)
        self.n, x = n, floating(x)
        self.is_whole = n == len(t) and type(x) is not np.ndarray
        if self.is_whole:
            y, self.gx = self._mean(x, t)
            return y.astype(x.dtype, copy=False)
        wide = x if x.dtype.itemsize > 2 else x.astype("f4")
        found = kernels(x).softmax_cross_entropy(wide, t)
        if found is None:
            host, classes = to_host(t), x.shape[1]
            bad = (host < 0) | (host >= classes)
            raise _label_error("softmax_cross_entropy", host, bad, classes)
        values, self.gx = found
        if n is not None:
            values = xp(x).add.reduce(values, 0) / n
        return values if wide is x else values.astype(x.dtype)

    def backward(self, gy: Variable) -> tuple:
        x, t = self.inputs
        hot = Variable.constant(one_hot(t.data, x.shape[1], 1, 2).astype(gy.dtype))
        c = reshape(gy, (-1, 1)) if self.n is None else gy / self.n
        return c * (softmax(x, axis=1) - hot), None

    def _mean(self, x: Any, t: Any) -> tuple:
        """Return the loss and its gradient by x, whole: one launch on a device."""
        wide = x if x.dtype.itemsize > 2 else x.astype("f4")
        return kernels(x).softmax_cross_entropy_mean(wide, t)

    def fast_backward(self, gy: Any) -> tuple:
        if self.n is None:
            return self.gx * gy.reshape((-1, 1)), None
        if not self.is_whole:
            return kernels(self.gx).scaled(self.gx, gy, self.n), None
        gx, self.gx = self.gx, None  # it is given away, and made anew if somebody asks again
        if gx is None:
            gx = self._mean(floating(self.inputs[0].data), self.inputs[1].data)[1]
        return gx if is_seed(gy) else kernels(gy).scaled(gx, gy, 1), None


@differentiable
def softmax_cross_entropy(
    x: Any,
    t: Any,
    *,
    axis: int = 1,
    ignore_label: int | None = None,
    class_weight: Any = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Variable:
    """Cross entropy -sum(t * log softmax(x)) along `axis`, of logits x and labels t.

    Args:
        x: logits, floating Variable or array, (N, C) or (N, C, ...).
        t: integer labels of the shape of x without `axis`, which may also have length 1, or
            probabilities of the shape of x.
        axis: the axis of the C classes.
        ignore_label: samples with this label count nothing.
        class_weight: C numbers; a sample counts as much as its class.
        label_smoothing: this part of each label is spread over all classes, 0 to 1.
        reduction: "mean" over the samples, weighted ones by their weights; "sum"; or "none" for
            one value each.
    Returns:
        Variable, 0-d, or without `axis` for "none"; dtype of x.
    Raises:
        ValueError: shapes differ, a label is out of range, there is no sample, or an option is
            out of range.
        TypeError: t is not integer.
    Note: if all samples are ignored the loss is 0, where PyTorch gives NaN.
    """
    plain = ignore_label is None and class_weight is None and not label_smoothing
    if plain and axis in (1, -1) and [getattr(v, "ndim", None) for v in (x, t)] == [2, 1]:
        return SoftmaxCrossEntropy(reduction)(x, t)
    x, t = Variable.wrap(x), Variable.wrap(t)
    axis = _checked_options("softmax_cross_entropy", x, axis, label_smoothing)
    t = squeezed_labels(t, x.shape, axis)
    weight = None if class_weight is None else _class_weight(x, class_weight, axis)
    if t.shape != x.shape:
        values, share = _labelled(x, t.data, axis, (ignore_label, weight, label_smoothing))
        if share is None or reduction != "mean":
            return reduced("softmax_cross_entropy", values, reduction)
        return (values * Variable.constant(share)).sum()
    if ignore_label is not None:
        raise ValueError(
            "softmax_cross_entropy: expected integer labels beside ignore_label, got "
            f"probabilities {t.shape}. Set the rows to leave out to 0."
        )
    t = _smoothed(beside(x, t), label_smoothing, axis)
    return reduced("softmax_cross_entropy", _dense(x, t, weight, axis), reduction)


def _checked_options(name: str, x: Variable, axis: int, smoothing: float) -> int:
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"{name}: expected an axis of the predictions, got axis={axis} and {describe(x)}. "
            "They have one axis more than labels, that of the classes."
        )
    if not 0 <= smoothing <= 1:
        raise ValueError(
            f"{name}: expected label_smoothing from 0 to 1, got {smoothing}. 0.1 is usual."
        )
    return axis % x.ndim


def _smoothed(t: Variable, smoothing: float, axis: int) -> Variable:
    return t * (1 - smoothing) + smoothing / t.shape[axis] if smoothing else t


def _class_weight(x: Variable, class_weight: Any, axis: int) -> Any:
    """Return the weights as an array beside `x`."""
    weight = placed("softmax_cross_entropy", class_weight, x.data)
    weight = weight.astype(floating(x.data).dtype, copy=False)
    if weight.shape != (x.shape[axis],):
        raise ValueError(
            f"softmax_cross_entropy: expected class_weight of shape ({x.shape[axis]},), one number "
            f"per class, got {describe(weight)}. Give every class a weight."
        )
    return weight


def _dense(x: Variable, t: Any, weight: Any, axis: int) -> Variable:
    """Return -sum(t * weight * log softmax(x)) along `axis`; t is a Variable or a number."""
    log_p = log_softmax(x, axis=axis)
    if weight is not None:
        shape = [len(weight) if i == axis else 1 for i in range(x.ndim)]
        log_p = log_p * Variable.constant(weight.reshape(shape))
    return -(log_p * t).sum(axis=axis)


def _labelled(x: Variable, t: Any, axis: int, options: tuple) -> tuple[Variable, Any]:
    """Return the value of each sample, and the share of each in the mean; None if all are equal."""
    ignore, weight, smoothing = options
    check_labels("softmax_cross_entropy", t, x.shape, axis, ignore)
    kept = None if ignore is None else t != ignore
    if kept is not None:
        t = t * kept
    classes = x.shape[axis]
    rows = reshape(moved_last(x, axis), (-1, classes))
    values = reshape(SoftmaxCrossEntropy("none")(rows, t.reshape(-1)), t.shape)
    counts = None if weight is None else weight[t]
    if counts is not None:
        values = values * Variable.constant(counts)
    if smoothing:
        values = values * (1 - smoothing) + _dense(x, smoothing / classes, weight, axis)
    if kept is not None:
        kept = kept.astype(values.dtype)
        values = values * Variable.constant(kept)
        counts = kept if counts is None else counts * kept
    if counts is None:
        return values, None
    total = counts.sum(dtype="f8")
    # `values` are weighted already. All samples left out: 0 / 1.
    return values, (xp(t).ones(t.shape, "f8") / (total + (total == 0))).astype(values.dtype)


def moved_last(x: Variable, axis: int) -> Variable:
    """Return `x` with `axis` as its last axis."""
    if axis == x.ndim - 1:
        return x
    return transpose(x, (*(i for i in range(x.ndim) if i != axis), axis))


@differentiable
def softmax_cross_entropy_simple(x: Any, t: Any) -> Variable:
    """The book's didactic form: softmax, then minus the mean logarithm at the labels.

    Args:
        x: logits (N, C).
        t: integer labels (N,) or (N, 1).
    Returns:
        Variable, 0-d.
    Raises:
        ValueError: shapes differ, a label is out of range, or there is no sample.
    """
    x = as_variable(x)
    t = squeezed_labels(Variable.wrap(t), x.shape, 1)
    bad = check_labels("softmax_cross_entropy_simple", t.data, x.shape, 1)
    n = divisor("softmax_cross_entropy_simple", "mean", t.shape)
    log_p = log(raised(softmax(x, axis=1), 1e-15))
    return -marked(log_p[xp(t.data).arange(n), t.data], bad).sum() / n


class SigmoidCrossEntropy(Function):
    """Binary cross entropy of logits, elementwise."""

    def forward(self, x: Any, t: Any) -> Any:
        x = floating(x)
        return kernels(x).sigmoid_cross_entropy(x, t.astype(x.dtype, copy=False))

    def backward(self, gy: Variable) -> tuple:
        x, t = self.inputs
        return gy * (sigmoid(x) - t), -gy * x if t.requires_grad else None

    def fast_backward(self, gy: Any) -> tuple:
        x, t = floating(self.inputs[0].data), self.inputs[1].data
        t = t.astype(x.dtype, copy=False)
        gx = kernels(gy).sigmoid_cross_entropy_gradient(gy, x, t)
        return gx, -gy * x if self.inputs[1].requires_grad else None


@differentiable
def sigmoid_cross_entropy(x: Any, t: Any, reduction: str = "batch") -> Variable:
    """Binary cross entropy -t log s(x) - (1 - t) log(1 - s(x)) of logits x, s the sigmoid.

    Args:
        x: logits, floating Variable or array, any shape.
        t: labels 0 or 1, or probabilities, of the shape of x; where x is (N, 1), also (N,).
        reduction: "batch" divides the sum by N = len(x), as in the book; "mean" by the number
            of elements, "sum" by 1; "none" returns the values.
    Returns:
        Variable, 0-d, or of the shape of x for "none"; dtype of x. Finite for every finite x.
    Raises:
        ValueError: the shapes differ, there is no sample, or reduction is unknown.
    """
    x, t = _pair("sigmoid_cross_entropy", x, t)
    return reduced("sigmoid_cross_entropy", SigmoidCrossEntropy()(x, t), reduction)


@differentiable
def binary_cross_entropy(p: Any, t: Any, reduction: str = "batch") -> Variable:
    """Binary cross entropy -t log p - (1 - t) log(1 - p) of probabilities p.

    Args:
        p: probabilities, floating Variable or array, any shape.
        t, reduction: as in `sigmoid_cross_entropy`.
    Returns:
        Variable, 0-d, or of the shape of p for "none"; dtype of p.
    Raises:
        ValueError: p is outside [0, 1], the shapes differ, there is no sample, or reduction is
            unknown.
    Note: p and 1 - p below 1e-7 count as 1e-7, with the gradient there: finite, and never dead.
        From logits, `sigmoid_cross_entropy` is exact.
    """
    p, t = _pair("binary_cross_entropy", p, t)
    hint = "For logits, use sigmoid_cross_entropy."
    p = check_probabilities("binary_cross_entropy", p, hint=hint)
    values = -(t * log(raised(p, 1e-7)) + (1 - t) * log(raised(1 - p, 1e-7)))
    return reduced("binary_cross_entropy", values, reduction)


def _pair(name: str, x: Any, t: Any) -> tuple[Variable, Variable]:
    x, t = Variable.wrap(x), Variable.wrap(t)
    one, other = sorted((x.shape, t.shape), key=len)
    if other == (*one, 1):
        t = reshape(t, x.shape)
    return paired(name, x, t)


@differentiable
def categorical_cross_entropy(
    p: Any, t: Any, *, axis: int = -1, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Variable:
    """Cross entropy -sum(t * log(p / sum(p))) along `axis`, of probabilities p and labels t.

    Args:
        p: probabilities, such as the result of softmax, floating Variable or array.
        t: integer labels of the shape of p without `axis`, or probabilities of the shape of p.
        axis: the axis of the classes.
        label_smoothing: this part of each label is spread over all classes, 0 to 1.
        reduction: "mean" over the samples, "sum", or "none" for one value each.
    Returns:
        Variable, 0-d, or without `axis` for "none"; dtype of p.
    Raises:
        ValueError: p is outside [0, 1], shapes differ, a label is out of range, there is no
            sample, or an option is out of range.
        TypeError: t is not integer.
    Note: p below 1e-7 counts as 1e-7, as in Keras, but with the gradient there. From logits,
        `softmax_cross_entropy` is exact.
    """
    name = "categorical_cross_entropy"
    p, t = Variable.wrap(p), Variable.wrap(t)
    axis = _checked_options(name, p, axis, label_smoothing)
    bad = None
    if t.shape != p.shape:
        bad = check_labels(name, t.data, p.shape, axis)
        t = Variable.constant(one_hot(t.data, p.shape[axis], axis, p.ndim))
    t = _smoothed(beside(p, t), label_smoothing, axis)
    p = check_probabilities(name, p, hint="For logits, use softmax_cross_entropy.")
    p = raised(p, 1e-7)
    log_p = log(p / p.sum(axis=axis, keepdims=True))
    return reduced(name, marked(-(log_p * t).sum(axis=axis), bad), reduction)

"""From what Keras's `compile` is given to what `dezero.training` trains with."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dezero import functions as F
from dezero import losses, metrics
from dezero.core import Variable, as_array
from dezero.keras import losses as keras_losses
from dezero.keras import metrics as keras_metrics
from dezero.keras.losses.pairs import (
    aligned,
    check_shapes,
    class_numbers,
    in_words_of,
    warn_of_one_class,
)
from dezero.metrics.base import unread

__all__ = ["ChosenAccuracy", "aligned", "loss_of", "metric_of"]

CROSSENTROPIES = (
    "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
)  # fmt: skip
# The library's own, for they are the same and need no graph.
QUICK = ("mae", "mean_absolute_error", "mean_squared_error", "mse")
# Keras's differ from the library's of the same name: other labels, or numbers cut at epsilon.
KERAS_ALONE = ("hinge", "kl_divergence", "kld", "squared_hinge")


class InKerasOrder:
    """`function(y_true, y_pred)` to be called as `f(y, t)`; no closure, so that it can be pickled.

    Args:
        function: of targets and outputs.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, y: Any, t: Any) -> Any:
        y, t = aligned(y, t)
        return self.function(t, y)


class KerasLoss(losses.Loss):
    """A loss in Keras's order, `function(y_true, y_pred)`, called as `loss(y, t, weight)`.

    Args:
        function: returns one value per sample or more; or an object of Keras's class Loss, which
            reduces and weighs by itself.
        name: what it is reported by; the function's own if None.
    """

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.original = function
        self.reduces = hasattr(function, "call") and not isinstance(function, type)
        inner = getattr(function, "function", getattr(function, "fn", function))
        self.reads_graph = "crossentropy" in getattr(inner, "__name__", "")
        super().__init__(InKerasOrder(function), name or _name_of(function))

    def __call__(self, y: Any, t: Any, sample_weight: Any = None) -> Variable:
        """Return the loss as a 0-d Variable."""
        if not self.reduces:
            return super().__call__(y, t, sample_weight)
        if sample_weight is None:
            return self._call(y, t, {})
        return self.original(t, y, sample_weight=sample_weight)


class NamedLoss(losses.Loss):
    """A loss of the library's own as Keras takes it: shapes (N,) and (N, 1) go together.

    A crossentropy of what softmax or sigmoid made is one of their logits: sigmoid's for
    "binary_crossentropy", softmax's for the others, whichever of the two it was, as in Keras.
    """

    def __init__(self, name: str) -> None:
        loss = losses.get(name)
        self.own = loss.function
        self.reads_graph = loss.name in CROSSENTROPIES
        super().__init__(self._aligned, loss.name, **{**loss.options, "reduction": "mean"})

    def _aligned(self, y: Any, t: Any, reduction: str = "mean") -> Any:
        y, t = aligned(y, t)
        with in_words_of(self.name):
            if not self.reads_graph:
                return self.own(y, t, reduction=reduction)
            if self.name.startswith("sparse"):
                t = class_numbers(self.name, t, y, -1)
            else:
                check_shapes(self.name, t, y)
                if self.name.startswith("categorical"):
                    warn_of_one_class(self.name, y)
            made_by: Any = y.creator if isinstance(y, Variable) and not y.hooks else None
            if isinstance(made_by, F.Softmax | F.Sigmoid):
                return self.own(made_by.inputs[0], t, from_logits=True, reduction=reduction)
            return self.own(y, t, reduction=reduction)


class KerasMetric(metrics.Metric):
    """A metric object of Keras's kind, `update_state(y_true, y_pred, sample_weight)`."""

    def __init__(self, metric: Any) -> None:
        self.metric = metric
        super().__init__(metric.name)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        """Take in a batch."""
        if weight is None:
            self.metric.update_state(t, y)
        else:
            self.metric.update_state(t, y, sample_weight=weight)

    def result(self) -> Any:
        """Return the figure so far, a plain float or array."""
        found = self.metric.result()
        if isinstance(found, float):
            return float(found)
        return np.asarray(found) if isinstance(found, np.ndarray) else found

    def reset(self) -> None:
        """Forget all batches."""
        old = not hasattr(self.metric, "reset_state")  # Keras 2 called it so at first
        (self.metric.reset_states if old else self.metric.reset_state)()


class MeanOfFunction(metrics.FromFunction):
    """Mean of a function of one's own, given in Keras's order.

    One figure for a batch counts once, as in Keras, however many samples there are in it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(InKerasOrder(function), _name_of(function))

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        """Take in a batch."""
        values = as_array(self.function(as_array(y), as_array(t)))
        if values.ndim:
            self._add(values, weight)
        else:
            share = 1.0 if weight is None else unread(as_array(weight).sum())
            self.total += unread(values) * share
            self.count += share


class AlignedMetric(metrics.Metric):
    """A metric of the library's own by name: shapes (N,) and (N, 1) go together."""

    def __init__(self, name: str) -> None:
        self.metric = metrics.get(name)
        super().__init__(name)

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        """Take in a batch."""
        y, t = aligned(as_array(y), as_array(t))
        if weight is None:
            self.metric.update(y, t)
        else:
            self.metric.update(y, t, weight)

    def result(self) -> Any:
        """Return the figure so far."""
        return self.metric.result()

    def reset(self) -> None:
        """Forget all batches."""
        self.metric.reset()


class ChosenAccuracy(metrics.Mean):
    """The accuracy that Keras means by "accuracy": its kind follows from the shapes.

    Outputs (..., 1) are compared with 0.5; labels are for outputs (..., C), targets of C columns
    too, whatever the loss: ten softmax outputs under binary_crossentropy count the right classes.
    """

    default_name = "accuracy"

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        """Take in a batch."""
        y, t = as_array(y), as_array(t)
        if y.ndim < 2 or y.shape[-1] == 1:
            hits = (y > 0.5) == (t.reshape(y.shape) if t.size == y.size else t)
        elif t.ndim < y.ndim or t.shape[-1] == 1:
            hits = y.argmax(-1) == t.reshape(y.shape[:-1])
        else:
            hits = y.argmax(-1) == t.argmax(-1)
        self._add(hits, weight)


def _chosen_crossentropy(y_true: Any, y_pred: Any) -> Variable:
    """Return the crossentropy whose kind follows from the shapes, as in `ChosenAccuracy`."""
    if y_pred.shape[-1] == 1:
        return keras_losses.binary_crossentropy(y_true, y_pred)
    if y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1:
        return keras_losses.sparse_categorical_crossentropy(y_true, y_pred)
    return keras_losses.categorical_crossentropy(y_true, y_pred)


def loss_of(loss: Any) -> Any:
    """Return the loss as `dezero.training` takes it, for a name, an object or a function."""
    if loss is None or isinstance(loss, losses.Loss):
        return loss
    if isinstance(loss, str):
        if loss.lower() in ("crossentropy", "ce"):
            return KerasLoss(_chosen_crossentropy, loss)
        if losses.ALIASES.get(loss, loss) in losses.LOSSES and loss not in KERAS_ALONE:
            return NamedLoss(loss)
        loss = keras_losses.get(loss)
    if loss is keras_losses.circle:  # its mean is of what is above 0, which the object knows
        loss = keras_losses.Circle()
    return KerasLoss(loss)


def metric_of(metric: Any) -> Any:
    """Return the metric as `dezero.training` takes it, for a name, an object or a function."""
    if isinstance(metric, str):
        if metric.lower() in ("accuracy", "acc"):
            return ChosenAccuracy(metric)
        if metric in QUICK or (metric in metrics.METRICS and not keras_metrics.is_known(metric)):
            return AlignedMetric(metric)
        found = KerasMetric(keras_metrics.get(metric))
        found.name = metric
        return found
    if isinstance(metric, type):
        metric = metric()
    if isinstance(metric, metrics.Metric) or metric is None:
        return metric
    if hasattr(metric, "update_state"):
        return KerasMetric(metric)
    return MeanOfFunction(metric)


def of_all(function: Callable[[Any], Any], spec: Any) -> Any:
    """Return the losses or metrics of a spec, one or a list or dict of them."""
    if isinstance(spec, Mapping):
        return {key: of_all(function, part) for key, part in spec.items()}
    if isinstance(spec, list | tuple):
        return [of_all(function, part) for part in spec]
    return function(spec)


def _name_of(function: Any) -> str:
    return getattr(function, "name", None) or getattr(function, "__name__", type(function).__name__)

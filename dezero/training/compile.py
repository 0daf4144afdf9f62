"""`compile`: which optimizer, loss and metrics a model is trained with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dezero import losses, metrics, optimizers
from dezero.training.objective import Objective, named_metric


@dataclass
class Compiled:
    """What `compile` chose for a model; kept as `model.compiled`.

    `loss` is an Objective, which holds the metrics, for models of several outputs.
    """

    optimizer: optimizers.Optimizer
    loss: losses.Loss | Objective
    metrics: list[metrics.Metric]

    @property
    def names(self) -> list[str]:
        """Keys of the figures in logs and history, "loss" first."""
        if isinstance(self.loss, Objective):
            return ["loss", *(key for key, *_ in self.loss.figures())]
        return ["loss", *(metric.name for metric in self.metrics)]

    @property
    def all_named(self) -> bool:
        """Whether `names` is complete, which it may not be before the first outputs are seen."""
        return not isinstance(self.loss, Objective) or bool(self.loss.outputs)

    @property
    def needs_targets(self) -> bool:
        """Whether a batch without targets is an error."""
        return not isinstance(self.loss, Objective) or self.loss.needs_targets


def compile(
    model: Any,
    optimizer: Any = "rmsprop",
    loss: Any = None,
    metrics: Any = None,
    *,
    loss_weights: Any = None,
    weighted_metrics: Any = None,
) -> None:
    """Choose what `fit` trains `model` with.

    Args:
        model: a Layer, or anything callable with `params()` and `cleargrads()`.
        optimizer: a name such as "adam", or an Optimizer.
        loss: a name such as "softmax_cross_entropy", a Loss, or a function f(y, t). For a model of
            several outputs one for all of them, a list, or a dict by their names.
        metrics: a name, Metric or function, or a list of them; "accuracy" finds its kind from the
            shapes it sees. For several outputs a list of lists or a dict.
        loss_weights: factors of several losses in their sum, a list or a dict.
        weighted_metrics: metrics that count each sample by its weight.
    Raises:
        ValueError: a name is unknown (the nearest one is given), or two metrics share a name.
        TypeError: no loss is given, or an argument is of another kind.
    Note: only a model that says so (`loss_is_optional`) may have no loss at all: it adds its own.
    """
    if loss is None and not getattr(model, "loss_is_optional", False):
        raise TypeError(
            "compile: expected a loss, got None. "
            "Name one, such as loss='softmax_cross_entropy' for labels against scores."
        )
    found = optimizers.get(optimizer)
    if _is_simple(model, loss, metrics, loss_weights, weighted_metrics):
        chosen = Compiled(found, losses.get(loss), _metrics(metrics))  # type: ignore[arg-type]
    else:
        names = getattr(model, "output_names", None)
        masks = getattr(model, "output_masks", None)
        only = getattr(model, "only_output_name", None)
        options = {"loss_weights": loss_weights, "names": names, "masks": masks, "only_name": only}
        chosen = Compiled(found, Objective(loss, metrics, weighted_metrics, **options), [])
    if len(set(chosen.names)) < len(chosen.names):
        raise ValueError(
            f"compile: expected metrics of different names, got {chosen.names[1:]}. "
            "Give one of them another name=."
        )
    chosen.optimizer.setup(model)
    model.compiled, model.optimizer = chosen, chosen.optimizer


def _is_simple(model: Any, loss: Any, metrics: Any, *more: Any) -> bool:
    """Return whether there is one output with one loss, and metrics without weights."""
    if any(part is not None for part in more) or hasattr(model, "output_names"):
        return False
    if loss is None or isinstance(loss, list | tuple) or isinstance(metrics, Mapping):
        return False
    by_name = isinstance(loss, Mapping) and "name" not in loss
    nested = isinstance(metrics, list | tuple) and any(isinstance(m, list | tuple) for m in metrics)
    return not by_name and not nested


def _metrics(chosen: Any) -> list[metrics.Metric]:
    if chosen is None:
        return []
    if not isinstance(chosen, list | tuple):
        chosen = [chosen]
    return [named_metric(metric) for metric in chosen]


def compiled(model: Any, what: str) -> Compiled:
    """Return what `compile` chose for `model`.

    Raises:
        RuntimeError: `compile` was not called.
    """
    found = getattr(model, "compiled", None)
    if found is None:
        raise RuntimeError(
            f"{what}: expected a compiled model, got {type(model).__name__} without loss. "
            "Call model.compile(optimizer, loss, metrics) first."
        )
    return found

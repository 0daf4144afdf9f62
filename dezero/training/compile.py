"""`compile`: which optimizer, loss and metrics a model is trained with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dezero import losses, metrics, optimizers


@dataclass
class Compiled:
    """What `compile` chose for a model; kept as `model.compiled`."""

    optimizer: optimizers.Optimizer
    loss: losses.Loss
    metrics: list[metrics.Metric]

    @property
    def names(self) -> list[str]:
        """Keys of the figures in logs and history, "loss" first."""
        return ["loss", *(metric.name for metric in self.metrics)]


def compile(model: Any, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None) -> None:
    """Choose what `fit` trains `model` with.

    Args:
        model: a Layer, or anything callable with `params()` and `cleargrads()`.
        optimizer: a name such as "adam", or an Optimizer.
        loss: a name such as "softmax_cross_entropy", a Loss, or a function f(y, t).
        metrics: a name, Metric or function, or a list of them; "accuracy" finds its kind from the
            shapes it sees.
    Raises:
        ValueError: a name is unknown (the nearest one is given), or two metrics share a name.
        TypeError: no loss is given, or an argument is of another kind.
    """
    if loss is None:
        raise TypeError(
            "compile: expected a loss, got None. "
            "Name one, such as loss='softmax_cross_entropy' for labels against scores."
        )
    chosen = Compiled(optimizers.get(optimizer), losses.get(loss), _metrics(metrics))
    if len(set(chosen.names)) < len(chosen.names):
        raise ValueError(
            f"compile: expected metrics of different names, got {chosen.names[1:]}. "
            "Give one of them another name=."
        )
    chosen.optimizer.setup(model)
    model.compiled, model.optimizer = chosen, chosen.optimizer


def _metrics(chosen: Any) -> list[metrics.Metric]:
    if chosen is None:
        return []
    if not isinstance(chosen, list | tuple):
        chosen = [chosen]
    return [_named(metric) for metric in chosen]


def _named(metric: str | metrics.Metric | Callable) -> metrics.Metric:
    found = metrics.get(metric)
    if isinstance(metric, str):
        found.name = metric  # the history key is what the user typed: "acc" or "accuracy"
    return found


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

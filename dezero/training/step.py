"""One training step, one pass of evaluation, and the means they report."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Variable, no_grad, test_mode
from dezero.core.errors import describe
from dezero.training.batches import check_targets
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import Compiled
from dezero.training.weights import class_weighted


class NonFiniteLoss(RuntimeError):
    """A loss of NaN or inf; raised before anything was changed."""

    def __init__(self, value: float, where: str, model: Any) -> None:
        spoilt = [n for n, p in named_params(model) if not bool(xp(p.data).isfinite(p.data).all())]
        state = (
            f"{spoilt[0]!r} has been NaN or infinite since an earlier step"
            if spoilt
            else "The parameters are as they were before this step"
        )
        super().__init__(
            f"{where}: expected a finite loss, got {value}. {state}. "
            "Lower the learning rate, scale the inputs, or look for NaN in the data."
        )


class Means:
    """Mean loss and metrics over the samples seen so far.

    Metrics are not weighted, as in Keras: what is learnt from is weighted, what is reported is not.
    """

    def __init__(self, chosen: Compiled) -> None:
        self.metrics = chosen.metrics
        self.total = 0.0
        self.count = 0
        for metric in self.metrics:
            metric.reset()

    def add(self, loss: float, y: Any, t: Any) -> None:
        """Take in one batch."""
        n = len(y)
        self.total += loss * n
        self.count += n
        for metric in self.metrics:
            metric.update(y, t)

    def logs(self) -> dict[str, Any]:
        """Return {"loss": mean, metric name: result}."""
        logs: dict[str, Any] = {"loss": self.total / max(self.count, 1)}
        for metric in self.metrics:
            logs[metric.name] = _plain(metric.result())
        return logs


def _plain(value: Any) -> Any:
    """Return a Python number for whatever holds one."""
    if isinstance(value, int | float):
        return float(value) if isinstance(value, np.generic) else value
    if isinstance(value, Variable):
        value = value.data
    return value.item() if getattr(value, "shape", None) == () else value


class Stepper:
    """What stays the same from step to step of one training.

    Args:
        model, chosen: what is trained, and what `compile` chose for it.
        what: the function the user called, for errors.
        class_weight: {label: weight}, or None.
        check: raise if the loss is not finite; else such a step changes nothing.
    """

    def __init__(
        self,
        model: Any,
        chosen: Compiled,
        what: str,
        *,
        class_weight: dict[int, float] | None = None,
        check: bool = True,
    ) -> None:
        self.model, self.chosen, self.what = model, chosen, what
        self.class_weight, self.check = class_weight, check
        self.penalties: Callable[[], Iterable[Variable]] = getattr(model, "penalties", tuple)
        find = getattr(model, "named_constraints", tuple)
        self.limits = [(param, limit) for _, param, limit in find()]

    def train(self, batch: tuple, at: tuple[int, int] | None = None) -> tuple[float, Any]:
        """Make one update; return the loss as a number and the outputs as an array.

        Args:
            batch: x, targets, and weights or None.
            at: epoch and step from 0, for errors.
        Raises:
            RuntimeError: the loss is not finite; nothing has been changed.
            ValueError, TypeError: the batch has no samples, or no targets.
        """
        x, t, weight = batch
        check_batch(x, t, self.what)
        if self.class_weight is not None:
            weight = class_weighted(t, weight, self.class_weight)
        model, chosen = self.model, self.chosen
        y = model(x)
        loss = chosen.loss(y, t, weight)
        for penalty in self.penalties():
            loss = loss + penalty
        value, outputs = float(loss.data), y.data
        if not math.isfinite(value):
            if self.check:
                place = f": epoch {at[0] + 1}, step {at[1] + 1}" if at else ""
                raise NonFiniteLoss(value, self.what + place, model)
            return value, outputs
        del y  # so that backward can let the activations go as it passes them
        model.cleargrads()
        loss.backward()
        chosen.optimizer.update()
        for param, limit in self.limits:
            if param.data is not None and param.requires_grad:
                # In place: the optimizer knows the parameter by its memory.
                param.data[...] = limit(param.data)
        return value, outputs


def check_batch(x: Any, t: Any, what: str) -> None:
    """Refuse a batch without samples or without targets."""
    if len(x) == 0:
        raise ValueError(
            f"{what}: expected batches with samples, got x {describe(x)}. Skip empty batches."
        )
    check_targets(x, t, what)


def run_test(
    model: Any, chosen: Compiled, batches: Any, watchers: CallbackList, what: str
) -> dict[str, Any]:
    """Return {"loss": ..., metric: ...} over all batches, without training."""
    watchers.call("on_test_begin", {})
    means = Means(chosen)
    begins, ends = watchers.listens("on_test_batch_begin"), watchers.listens("on_test_batch_end")
    with no_grad(), test_mode():
        for step, (x, t, weight) in enumerate(batches):
            check_batch(x, t, what)
            if begins:
                watchers.call("on_test_batch_begin", step, {})
            y = model(x)
            means.add(float(chosen.loss(y, t, weight).data), y.data, t)
            if ends:
                watchers.call("on_test_batch_end", step, means.logs())
        if not means.count:
            raise ValueError(
                f"{what}: expected at least one batch, got none. A generator that is used up "
                "gives no more: limit its steps, or use a DataLoader."
            )
        penalty = sum(float(p.data) for p in getattr(model, "penalties", tuple)())
    logs = means.logs()
    logs["loss"] += penalty
    watchers.call("on_test_end", logs)
    return logs


def named_params(model: Any) -> list[tuple[str, Any]]:
    """Return (name, Parameter) of all that have data, also of models that give no names."""
    if hasattr(model, "named_params"):
        named = model.named_params()
    else:
        named = ((p.name or f"param{i}", p) for i, p in enumerate(model.params()))
    return [(name, param) for name, param in named if param.data is not None]

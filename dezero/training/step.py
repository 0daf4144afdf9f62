"""One training step, one pass of evaluation, and the means they report."""

import math
from typing import Any

from dezero.core import no_grad, test_mode
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import Compiled


class NonFiniteLoss(RuntimeError):
    """A loss of NaN or inf; raised before anything was changed."""

    def __init__(self, value: float, where: str = "train_on_batch") -> None:
        super().__init__(
            f"{where}: expected a finite loss, got {value}. The parameters are as they were before "
            "this step. Lower the learning rate, scale the inputs, or look for NaN in the data."
        )
        self.value = value

    def located(self, epoch: int, step: int) -> "NonFiniteLoss":
        """Return the same error with epoch and step, counted from 1."""
        return NonFiniteLoss(self.value, f"fit: epoch {epoch + 1}, step {step + 1}")


class Means:
    """Mean loss and metrics over the samples seen so far."""

    def __init__(self, chosen: Compiled) -> None:
        self.chosen = chosen
        self.total = 0.0
        self.count = 0
        for metric in chosen.metrics:
            metric.reset()

    def add(self, loss: float, y: Any, t: Any, weight: Any) -> None:
        """Take in one batch."""
        self.total += loss * len(y)
        self.count += len(y)
        for metric in self.chosen.metrics:
            metric.update(y, t, weight)

    def logs(self) -> dict[str, Any]:
        """Return {"loss": mean, metric name: result}."""
        logs = {"loss": self.total / max(self.count, 1)}
        for metric in self.chosen.metrics:
            logs[metric.name] = metric.result()
        return logs


def train_step(
    model: Any, chosen: Compiled, x: Any, t: Any, weight: Any, *, check: bool = True
) -> tuple[float, Any]:
    """Make one update; return the loss as a number and the outputs as an array.

    Raises:
        RuntimeError: the loss is not finite; nothing has been changed.
    """
    if len(x) == 0:
        raise ValueError(f"fit: expected batches with samples, got x of shape {x.shape}.")
    y = model(x)
    loss = chosen.loss(y, t, weight)
    for penalty in model.penalties() if hasattr(model, "penalties") else ():
        loss = loss + penalty
    value = float(loss.data)
    outputs = y.data
    if not math.isfinite(value):
        if check:
            raise NonFiniteLoss(value)
        return value, outputs  # a callback deals with it; the parameters stay as they are
    del y  # so that backward can let the activations go as it passes them
    model.cleargrads()
    loss.backward()
    chosen.optimizer.update()
    return value, outputs


def run_test(model: Any, chosen: Compiled, batches: Any, watchers: CallbackList) -> dict[str, Any]:
    """Return {"loss": ..., metric: ...} over all batches, without training."""
    watchers.call("on_test_begin", {})
    means = Means(chosen)
    begins, ends = watchers.listens("on_test_batch_begin"), watchers.listens("on_test_batch_end")
    with no_grad(), test_mode():
        for step, (x, t, weight) in enumerate(batches):
            if begins:
                watchers.call("on_test_batch_begin", step, {})
            y = model(x)
            means.add(float(chosen.loss(y, t, weight).data), y.data, t, weight)
            if ends:
                watchers.call("on_test_batch_end", step, means.logs())
    logs = means.logs()
    watchers.call("on_test_end", logs)
    return logs

"""The figures of an epoch: the mean loss and metrics of the batches so far."""

from collections.abc import Mapping
from typing import Any

from dezero.core.errors import describe
from dezero.training.compile import Compiled
from dezero.training.objective import Objective, ObjectiveMeans
from dezero.training.sums import Part, Sum, plain, read_together


class Means:
    """Mean loss and metrics over the samples seen so far.

    Metrics are not weighted, as in Keras: what is learnt from is weighted, what is reported is not.
    """

    def __init__(self, chosen: Compiled) -> None:
        self.metrics, self.loss = chosen.metrics, Sum()
        self.reset()

    def reset(self) -> None:
        """Forget all batches."""
        self.loss.reset()
        for metric in self.metrics:
            metric.reset()

    @property
    def count(self) -> int:
        """The number of samples."""
        return self.loss.count

    def parts(self, loss: Any, y: Any, t: Any, weight: Any = None) -> list[Part]:
        """Return what a batch is to be taken in by."""
        found: list[Part] = [(self.loss, self.loss.add, (loss, len(y)))]
        return found + [(metric, metric.update, (y, t)) for metric in self.metrics]

    def add(self, loss: Any, y: Any, t: Any, weight: Any = None) -> None:
        """Take in one batch."""
        self.loss.add(loss, len(y))
        for metric in self.metrics:
            metric.update(y, t)

    def logs(self) -> dict[str, Any]:
        """Return {"loss": mean, metric name: result}."""
        read_together([self.loss, *self.metrics])
        logs: dict[str, Any] = {"loss": self.loss.mean()}
        for metric in self.metrics:
            logs[metric.name] = plain(metric.result())
        return logs


class ReportedFigures:
    """The figures that a model's own step returned last."""

    def __init__(self, model: Any) -> None:
        self.count = 0
        self._logs: dict[str, Any] = {}
        getattr(model, "reset_metrics", _nothing)()

    def take(self, logs: Any, what: str) -> None:
        """Keep what a step returned; dicts inside it are opened."""
        if not isinstance(logs, Mapping):
            raise TypeError(
                f"{what}: expected the model's own step to return a dict of figures, "
                f"got {describe(logs)}. Return such as {{'loss': loss}}."
            )
        self.count += 1
        self._logs = {}
        for name, value in logs.items():
            self._logs.update(value if isinstance(value, Mapping) else {name: value})

    def logs(self) -> dict[str, Any]:
        """Return them as numbers."""
        return {name: plain(value) for name, value in self._logs.items()}


def _nothing() -> None:
    """Stand in for `reset_metrics` of a model that has none."""


def means_of(chosen: Compiled) -> Any:
    """Return what gathers the figures of batches, all at their beginning."""
    loss = chosen.loss
    return ObjectiveMeans(loss) if isinstance(loss, Objective) else Means(chosen)

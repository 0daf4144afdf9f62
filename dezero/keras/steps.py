"""`Steps`: what a subclass of a Keras model may write anew: its steps, its loss, its metrics."""

from typing import Any

from dezero.core import as_array
from dezero.core.errors import describe
from dezero.metrics.base import as_number, unread
from dezero.training.compile import Compiled, compiled
from dezero.training.figures import means_of
from dezero.training.mode import trained_call
from dezero.training.nest import count, mapped
from dezero.training.step import arrays_of, whole_loss

__all__ = ["CompiledMetrics", "LossTracker", "Steps", "unpack_x_y_sample_weight"]


class LossTracker:
    """Mean of the losses of an epoch, each counted by its batch."""

    def __init__(self, name: str = "loss") -> None:
        self.name = name
        self.reset_state()

    def update_state(self, loss: Any, sample_weight: Any = None) -> None:
        """Take in the loss of a batch of so many samples."""
        n = 1 if sample_weight is None else float(sample_weight)
        self.total += unread(as_array(loss)) * n
        self.count += n

    def result(self) -> float:
        """Return the mean, 0 before the first loss."""
        self.total = as_number(self.total)
        return self.total / self.count if self.count else 0.0

    def reset_state(self) -> None:
        """Forget all losses."""
        self.total: Any = 0.0
        self.count = 0.0


class CompiledMetrics:
    """The metrics that `compile` was given, as one: `update_state(y_true, y_pred)`."""

    def __init__(self, chosen: Compiled, name: str = "compile_metrics") -> None:
        self.chosen, self.name = chosen, name
        self.reset_state()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        objective: Any = self.chosen.loss
        found = len(objective.outputs_of(y_pred))
        if len(objective.masks) != found:  # the loss was another's
            objective.masks = [None] * found
        if len(objective.parts) != found:
            objective.parts = [None] * found
        self._means.add(0.0, mapped(as_array, arrays_of(y_pred)), y_true, sample_weight)

    def result(self) -> dict[str, Any]:
        """Return {name: figure}."""
        logs = self._means.logs()
        del logs["loss"]
        return logs

    def reset_state(self) -> None:
        """Forget all batches."""
        self._means: Any = means_of(self.chosen)


class Steps:
    """The usual steps of a model of `dezero.keras`."""

    compiled: Compiled | None = None
    optimizer: Any = None
    _tracker: LossTracker | None = None
    _compiled_metrics: CompiledMetrics | None = None

    def own_step(self, name: str) -> Any:
        """Return the step that is not the usual one, or None, for `dezero.training`."""
        kind = type(self)
        parts = (name,) if name == "predict_step" else (name, "compute_loss", "compute_metrics")
        usual = all(getattr(kind, part) is getattr(Steps, part) for part in parts)
        return None if usual else getattr(self, name)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Make one update from a batch, x, (x, y) or (x, y, sample_weight); return its figures."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = trained_call(self, x)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        self._loss_tracker.update_state(loss, sample_weight=count(x))
        self.cleargrads()  # type: ignore[attr-defined]
        self.optimizer.scale(loss).backward()
        self.optimizer.update()
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Return the figures of a batch without an update."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x)  # type: ignore[operator]
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        self._loss_tracker.update_state(loss, sample_weight=count(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch x."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x)  # type: ignore[operator]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the loss of a batch, with what layers add to it.

        Raises:
            RuntimeError: there is none, or the model is not compiled.
        """
        chosen = compiled(self, "compute_loss")
        penalties = getattr(self, "penalties", tuple)()
        return whole_loss(chosen.loss(y_pred, y, sample_weight), penalties, "compute_loss")

    def compiled_loss(
        self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
    ) -> Any:
        """Return the loss as Keras 2 called it, with `regularization_losses` added."""
        chosen = compiled(self, "compiled_loss")
        losses = regularization_losses or ()
        return whole_loss(chosen.loss(y_pred, y, sample_weight), losses, "compiled_loss")

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict:
        """Take a batch into the metrics, and return all figures so far."""
        if y is not None:
            self.compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return {name: figure} of all metrics."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        return results

    @property
    def compiled_metrics(self) -> CompiledMetrics:
        """The metrics that `compile` was given."""
        chosen = compiled(self, "metrics")
        held = self._compiled_metrics
        if held is None or held.chosen is not chosen:
            held = self._compiled_metrics = CompiledMetrics(chosen)
        return held

    @property
    def metrics(self) -> list[Any]:
        """Everything that `reset_metrics` resets: the loss, those of `compile`, and the model's."""
        held = (self._tracker, self._compiled_metrics)
        found = [value for value in self.__dict__.values() if _is_metric(value)]
        own = [metric for metric in found if all(metric is not one for one in held)]
        return [self._loss_tracker, self.compiled_metrics, *own] if self.compiled else own

    @property
    def metrics_names(self) -> list[str]:
        """Names of the figures that `evaluate` returns, once outputs have been seen."""
        return compiled(self, "metrics_names").names

    def reset_metrics(self) -> None:
        """Start all figures anew."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def _loss_tracker(self) -> LossTracker:
        if self._tracker is None:
            self._tracker = LossTracker()
        return self._tracker


def unpack_x_y_sample_weight(data: Any) -> tuple:
    """Return (x, y, sample_weight) of a batch, None for what it has not.

    Raises:
        ValueError: it has more than three parts.
    """
    if not isinstance(data, list | tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"unpack_x_y_sample_weight: expected (x,), (x, y) or (x, y, sample_weight), got "
            f"{describe(data)}. Give one to three parts."
        )
    return (*data, None, None)[:3]


def _is_metric(value: Any) -> bool:
    names = ("update_state", "result", "reset_state")
    return not isinstance(value, type) and all(hasattr(value, name) for name in names)

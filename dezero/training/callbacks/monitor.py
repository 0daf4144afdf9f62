"""What callbacks that watch one figure share: its name, its direction, its best value."""

import math
from typing import Any

from dezero.core.errors import nearest
from dezero.training.callbacks.base import Callback

RISING = ("acc", "auc", "f1", "precision", "recall", "top_k", "score")


class Monitor(Callback):
    """Base of callbacks that compare `logs[monitor]` with the best value so far.

    Args:
        monitor: name of the figure, such as "val_loss".
        min_delta: smallest change that counts as better.
        mode: "min", "max", or "auto": "max" for accuracies and the like, else "min".
    Raises:
        ValueError: mode is none of these, or min_delta is negative.
    """

    def __init__(self, monitor: str, min_delta: float, mode: str) -> None:
        name = type(self).__name__
        if mode not in ("auto", "min", "max"):
            raise ValueError(
                f"{name}: expected mode 'auto', 'min' or 'max', got {mode!r}. Choose one."
            )
        if not min_delta >= 0:
            raise ValueError(
                f"{name}: expected min_delta >= 0, got {min_delta!r}. mode tells the direction."
            )
        if mode == "auto":
            mode = "max" if any(word in monitor for word in RISING) else "min"
        self.monitor, self.min_delta, self.mode = monitor, min_delta, mode
        self.reset_best()

    def set_patience(self, patience: int) -> None:
        """Keep how many epochs to wait; ValueError if negative."""
        if not patience >= 0:
            raise ValueError(
                f"{type(self).__name__}: expected patience >= 0, got {patience!r}. 5 is usual."
            )
        self.patience = patience

    def reset_best(self) -> None:
        """Forget the best value."""
        self.best = -math.inf if self.mode == "max" else math.inf

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Look for the figure before an epoch is spent on training without it.

        Raises:
            ValueError: the logs will have no such figure.
        """
        known = self.params.get("figures")
        if known is not None and self.monitor not in known:
            self._refuse(known)

    def value(self, logs: dict[str, Any] | None) -> float | None:
        """Return the figure; None in an epoch without validation, as `validation_freq` makes them.

        Raises:
            ValueError: the logs have no such figure.
        """
        if logs and self.monitor in logs:
            return float(logs[self.monitor])
        passed_over = self.monitor.startswith("val_") and self.params.get("validated") is False
        if not passed_over:
            self._refuse(logs or {})
        return None

    def is_better(self, value: float, than: float) -> bool:
        """Return whether value is better by more than min_delta, as Keras compares."""
        if self.mode == "max":
            return value - self.min_delta > than
        return value + self.min_delta < than

    def _refuse(self, known: Any) -> None:
        hint = (
            " Figures that start with val_ need validation_data or validation_split."
            if self.monitor.startswith("val_")
            else ""
        )
        raise ValueError(
            f"{type(self).__name__}: unknown figure {self.monitor!r}. "
            f"{nearest(self.monitor, known)}{hint}"
        )

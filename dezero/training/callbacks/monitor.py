"""What callbacks that watch one figure share: its name, its direction, its best value."""

import math
from typing import Any

from dezero.core.errors import nearest
from dezero.training.callbacks.base import Callback


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
        super().__init__()
        name = type(self).__name__
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"{name}: expected mode 'auto', 'min' or 'max', got {mode!r}.")
        if not min_delta >= 0:
            raise ValueError(f"{name}: expected min_delta >= 0, got {min_delta!r}.")
        if mode == "auto":
            rising = ("acc", "auc", "f1", "precision", "recall", "top_k", "score")
            mode = "max" if any(word in monitor for word in rising) else "min"
        self.monitor, self.min_delta, self.mode = monitor, min_delta, mode
        self.reset_best()

    def reset_best(self) -> None:
        """Forget the best value."""
        self.best = -math.inf if self.mode == "max" else math.inf

    def value(self, logs: dict[str, Any] | None) -> float:
        """Return the figure.

        Raises:
            ValueError: the logs have no such figure.
        """
        if not logs or self.monitor not in logs:
            raise ValueError(
                f"{type(self).__name__}: unknown figure {self.monitor!r}. "
                f"{nearest(self.monitor, logs or {})} "
                "Figures that start with val_ need validation_data or validation_split."
            )
        return float(logs[self.monitor])

    def is_better(self, value: float, than: float) -> bool:
        """Return whether value is better by more than min_delta, as Keras compares."""
        if self.mode == "max":
            return value - self.min_delta > than
        return value + self.min_delta < than

"""Callbacks that change the learning rate between epochs."""

import inspect
from collections.abc import Callable
from typing import Any

from dezero.core.errors import describe
from dezero.training.callbacks.base import Callback
from dezero.training.callbacks.monitor import Monitor


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of every epoch.

    Args:
        schedule: function of (epoch, current rate), or of the epoch alone, that returns the rate.
        verbose: 1 prints the rate.
    Raises:
        TypeError: schedule is not callable, or returns no number.
        RuntimeError: the optimizer has a schedule of its own.
    Note: the rate is written into the epoch's figures as "lr".
    """

    adds = ("lr",)

    def __init__(self, schedule: Callable, verbose: int = 0) -> None:
        if not callable(schedule):
            raise TypeError(
                f"LearningRateScheduler: expected a function, got {describe(schedule)}. "
                "Write lambda epoch: 0.01 * 0.9**epoch."
            )
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two(schedule)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Look at the optimizer."""
        _settable(self)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Ask the schedule."""
        optimizer = self.model.compiled.optimizer
        rate = self.schedule(epoch, optimizer.lr) if self._takes_rate else self.schedule(epoch)
        if isinstance(rate, bool | str) or not hasattr(rate, "__float__"):
            raise TypeError(
                f"LearningRateScheduler: expected the schedule to return a number, got {rate!r}. "
                "Return the learning rate of the epoch."
            )
        optimizer.lr = float(rate)
        if self.verbose:
            self.say(epoch, optimizer.lr)

    def say(self, epoch: int, rate: float) -> None:
        """Print the rate."""
        print(f"Epoch {epoch + 1}: learning rate {rate:.6g}")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the rate into the figures."""
        if logs is not None:
            logs["lr"] = self.model.compiled.optimizer.lr


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` when a figure has not become better for a while.

    Args:
        monitor, mode: the figure, as in EarlyStopping.
        factor: between 0 and 1.
        patience: epochs to wait for a better figure.
        verbose: 1 prints the new rate.
        min_delta: smallest change that counts as better.
        cooldown: epochs after a reduction in which none is counted.
        min_lr: lower bound.
    Raises:
        ValueError: factor is not below 1, or the figure is not in the logs.
        RuntimeError: the optimizer has a schedule of its own.
    Note: the rate of the epoch is written into its figures as "lr".
    """

    adds = ("lr",)

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        *,
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        if not 0 < factor < 1:
            raise ValueError(
                f"ReduceLROnPlateau: expected factor between 0 and 1, got {factor!r}. "
                "0.1 to 0.5 is usual."
            )
        self.set_patience(patience)
        self.factor, self.verbose = factor, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.wait, self.resting = 0, 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start waiting anew."""
        super().on_train_begin(logs)
        _settable(self)
        self.reset_best()
        self.wait, self.resting = 0, 0

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compare, and reduce when patience is at its end."""
        value = self.value(logs)
        optimizer = self.model.compiled.optimizer
        if logs is not None:
            logs["lr"] = optimizer.lr
        if value is None:
            return
        if self.resting > 0:
            self.resting -= 1
            self.wait = 0
        if self.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif self.resting <= 0:
            self.wait += 1
            if self.wait >= self.patience and optimizer.lr > self.min_lr:
                optimizer.lr = max(optimizer.lr * self.factor, self.min_lr)
                self.resting, self.wait = self.cooldown, 0
                if self.verbose:
                    self.say(epoch, optimizer.lr)

    def say(self, epoch: int, rate: float) -> None:
        """Print the new rate."""
        print(f"Epoch {epoch + 1}: reducing the learning rate to {rate:.6g}")


def _takes_two(schedule: Callable) -> bool:
    """Return whether `schedule(epoch, rate)` is a possible call."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except (TypeError, ValueError):  # ValueError: some built-in functions have no signature
        return False
    return True


def _settable(callback: Any) -> None:
    optimizer = callback.model.compiled.optimizer
    if callable(optimizer.schedule):
        raise RuntimeError(
            f"{type(callback).__name__}: expected an optimizer with a number as lr, got the "
            f"schedule {optimizer.schedule!r}. Use one of the two."
        )

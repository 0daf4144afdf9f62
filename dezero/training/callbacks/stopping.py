"""Callbacks that end a training."""

import math
from typing import Any

from dezero.training.callbacks.base import Callback
from dezero.training.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Stop when a figure has not become better for `patience` epochs.

    Args:
        monitor: name of the figure.
        min_delta: smallest change that counts as better.
        patience: epochs to wait for it.
        verbose: 1 prints when it stops and what it restores.
        mode: "min", "max" or "auto" (by the name of the figure).
        baseline: while no value is better than this, a better one does not renew the patience.
        restore_best_weights: end with the parameters and buffers of the best epoch, however the
            training ends.
        start_from_epoch: epochs to let pass first.
    Raises:
        ValueError: an argument is out of range, or the figure is not in the logs.
    """

    adds = ()

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        *,
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, abs(min_delta), mode)
        self.set_patience(patience)
        self.verbose, self.baseline = verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._begin()

    def _begin(self) -> None:
        self.reset_best()
        self.wait, self.stopped_epoch, self.best_epoch = 0, 0, 0
        self._weights: list[Any] | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start waiting anew."""
        super().on_train_begin(logs)
        self._begin()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compare, remember, and stop when patience is at its end."""
        value = self.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        better = self.is_better(value, self.best)
        if better:
            self.best, self.best_epoch = value, epoch
        if self.restore_best_weights and (better or self._weights is None):
            # The first ones too where its figure is NaN: nothing better may follow.
            self._weights, self.best_epoch = snapshot(self.model), epoch
        self.wait += 1
        if better:
            if self.baseline is None or self.is_better(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            self.say_stopped()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Restore the best weights, also when every epoch was run or Ctrl-C ended them."""
        if self._weights is not None:
            restore(self.model, self._weights)
            self._weights = None
            self.say_restored()

    def say_stopped(self) -> None:
        """Print that it stops, if `verbose`."""
        if self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")

    def say_restored(self) -> None:
        """Print what it restored, if `verbose`."""
        if self.verbose:
            print(f"Restored the weights of the best epoch: {self.best_epoch + 1}")


def snapshot(model: Any) -> list[Any]:
    """Return copies of the parameters and buffers of `model`, None for those without data."""
    return [None if array is None else array.copy() for array in _arrays(model)]


def restore(model: Any, saved: list[Any]) -> None:
    """Write what `snapshot` returned back into `model`, in place."""
    for array, old in zip(_arrays(model), saved, strict=True):
        if old is not None:
            array[...] = old


def _arrays(model: Any) -> list[Any]:
    buffers = model.named_buffers() if hasattr(model, "named_buffers") else ()
    return [param.data for param in model.params()] + [buffer for _, buffer in buffers]


class TerminateOnNaN(Callback):
    """Stop when the loss is NaN or infinite, instead of raising; that step changes nothing."""

    handles_nan = True
    adds = ()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            self.say(batch, loss)
            self.model.stop_training = True

    def say(self, batch: int, loss: float) -> None:
        """Print why it stops."""
        print(f"Batch {batch + 1}: the loss is {loss}, stopping")

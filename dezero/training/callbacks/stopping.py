"""Callbacks that end a training."""

import math
from typing import Any

from dezero.backend import to_host
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
        baseline: the first value that counts as better than this starts the waiting.
        restore_best_weights: end with the parameters and buffers of the best epoch, however the
            training ends.
        start_from_epoch: epochs to let pass first.
    Raises:
        ValueError: an argument is out of range, or the figure is not in the logs.
    """

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
        if patience < 0:
            raise ValueError(f"EarlyStopping: expected patience >= 0, got {patience}.")
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.stopped_epoch = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Start waiting anew."""
        self.reset_best()
        self.wait, self.stopped_epoch, self.best_epoch = 0, 0, None
        self._weights: dict[str, Any] | None = None

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compare, remember, and stop when patience is at its end."""
        value = self.value(logs)
        if epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.is_better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self._weights = snapshot(self.model)
            if self.baseline is None or self.is_better(value, self.baseline):
                self.wait = 0
        if self.wait >= self.patience and self.wait > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True
            if self.verbose:
                print(f"Epoch {epoch + 1}: early stopping")

    def on_train_end(self, logs: dict | None = None) -> None:
        """Restore the best weights, also when every epoch was run or Ctrl-C ended them."""
        if self._weights is not None:
            restore(self.model, self._weights)
            self._weights = None
            if self.verbose and self.best_epoch is not None:
                print(f"Restored the weights of the best epoch: {self.best_epoch + 1}")


def snapshot(model: Any) -> dict[str, Any]:
    """Return copies of the parameters and buffers of `model` by path."""
    named = {name: param.data for name, param in model.named_params() if param.data is not None}
    return {name: array.copy() for name, array in {**named, **dict(model.named_buffers())}.items()}


def restore(model: Any, arrays: dict[str, Any]) -> None:
    """Write what `snapshot` returned back into `model`, in place."""
    for name, param in model.named_params():
        if name in arrays:
            param.data[...] = arrays[name]
    for name, buffer in model.named_buffers():
        buffer[...] = arrays[name]


class TerminateOnNaN(Callback):
    """Stop when the loss is NaN or infinite, instead of raising."""

    handles_nan = True

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(float(to_host(loss))):
            print(f"Batch {batch + 1}: the loss is {loss}, stopping")
            self.model.stop_training = True

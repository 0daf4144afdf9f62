"""Keras's callbacks: the library's own, with Keras's arguments and words."""

import csv
import os
import warnings
from collections.abc import Callable
from typing import Any

from dezero import training
from dezero.keras.events import TensorBoard
from dezero.training import Callback, History

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]


class _Watching:
    """What those that watch a figure have in common: one that is not there is warned of."""

    monitor: str
    what = "Early stopping conditioned on"

    def _refuse(self, known: Any) -> None:
        names = ",".join(sorted(known))
        warnings.warn(
            f"{self.what} metric `{self.monitor}` which is not available. "
            f"Available metrics are: {names}",
            stacklevel=4,
        )


class EarlyStopping(_Watching, training.EarlyStopping):
    """Stop when a figure has not become better for `patience` epochs."""

    adds = ()

    def __init__(  # noqa: PLR0917
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(
            monitor,
            min_delta,
            patience,
            verbose,
            mode,
            baseline=baseline,
            restore_best_weights=restore_best_weights,
            start_from_epoch=start_from_epoch,
        )

    def say_restored(self) -> None:
        """Print it in Keras's words, if `verbose`."""
        if self.verbose:
            print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")


class ModelCheckpoint(_Watching, training.ModelCheckpoint):
    """Save the model after every epoch, every epoch that is the best, or every so many batches."""

    adds = ()
    what = "Can save best model only with"

    def __init__(  # noqa: PLR0917
        self,
        filepath: str | os.PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
        *,
        period: int = 1,
        options: Any = None,
    ) -> None:
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(
                f"ModelCheckpoint: expected save_freq 'epoch' or a number of batches, "
                f"got {save_freq!r}. Choose one."
            )
        kinds = {"save_best_only": save_best_only, "save_weights_only": save_weights_only}
        start = {"mode": mode, "initial_value": initial_value_threshold}
        super().__init__(filepath, monitor, verbose, **kinds, **start)
        self.save_freq, self.period = save_freq, period
        self._batches, self._epoch = 0, 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember which epoch it is."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Save after so many batches."""
        self._batches += 1
        if self.save_freq != "epoch" and self._batches % int(self.save_freq) == 0:
            self.save(self._epoch, {"epoch": self._epoch + 1, "batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save if the epoch deserves it."""
        if self.save_freq == "epoch" and (epoch + 1) % self.period == 0:
            super().on_epoch_end(epoch, logs)

    def save(self, epoch: int, logs: dict[str, Any]) -> None:
        """Save; also if the figure is not there to say whether it is the best."""
        chosen = self.save_best_only
        if chosen and self.monitor not in logs:
            self._refuse(logs)
            self.save_best_only = False
        try:
            super().save(epoch, logs)
        finally:
            self.save_best_only = chosen

    def say(self, epoch: int, path: str | None, before: float, value: float | None) -> None:
        """Print it in Keras's words, if `verbose`."""
        if not self.verbose:
            return
        start = f"\nEpoch {epoch + 1}: "
        if path is None:
            print(f"{start}{self.monitor} did not improve from {before:.5f}")
        elif value is None:
            print(f"{start}saving model to {path}")
        else:
            change = f"{self.monitor} improved from {before:.5f} to {value:.5f}"
            print(f"{start}{change}, saving model to {path}")


class ReduceLROnPlateau(_Watching, training.ReduceLROnPlateau):
    """Multiply the learning rate by `factor` when a figure has not become better for a while.

    Note: it writes the rate into the figures as "learning_rate", and as "lr" like Keras 2.
    """

    adds = ("lr", "learning_rate")
    what = "Learning rate reduction is conditioned on"

    def __init__(  # noqa: PLR0917
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        limits = {"min_delta": min_delta, "cooldown": cooldown, "min_lr": min_lr}
        super().__init__(monitor, factor, patience, verbose, mode, **limits)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Compare, and reduce when patience is at its end."""
        super().on_epoch_end(epoch, logs)
        _both_names(logs)

    def say(self, epoch: int, rate: float) -> None:
        """Print it in Keras's words."""
        print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate}.")


class LearningRateScheduler(training.LearningRateScheduler):
    """Set the learning rate at the start of every epoch.

    Note: it writes the rate into the figures as "learning_rate", and as "lr" like Keras 2.
    """

    adds = ("lr", "learning_rate")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the rate into the figures."""
        super().on_epoch_end(epoch, logs)
        _both_names(logs)

    def say(self, epoch: int, rate: float) -> None:
        """Print it in Keras's words."""
        print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")


class CSVLogger(training.CSVLogger):
    """Write the figures of every epoch as a line of a CSV file; "NA" for what an epoch lacks."""

    adds = ()

    def __init__(
        self, filename: str | os.PathLike, separator: str = ",", append: bool = False
    ) -> None:
        super().__init__(filename, separator, append)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write one line; the head first if the file is new."""
        row = {"epoch": epoch, **dict(sorted((logs or {}).items()))}
        if not self._columns:
            names = self.model.compiled.names if self.params.get("validated") is False else ()
            self._columns = [*row, *sorted(f"val_{name}" for name in names)]
            self._write(self._columns)
        self._write([row.get(column, "NA") for column in self._columns])

    def _write(self, cells: list) -> None:
        csv.writer(self._file, delimiter=self.separator).writerow(cells)  # type: ignore[arg-type]
        self._file.flush()  # type: ignore[union-attr]


class TerminateOnNaN(training.TerminateOnNaN):
    """Stop when the loss is NaN or infinite; that step changes nothing."""

    adds = ()

    def say(self, batch: int, loss: float) -> None:
        """Print it in Keras's words."""
        print(f"Batch {batch}: Invalid loss, terminating training")


class LambdaCallback(training.LambdaCallback):
    """A callback from functions: `LambdaCallback(on_epoch_end=lambda epoch, logs: ...)`."""

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        **points: Callable | None,
    ) -> None:
        super().__init__(
            on_epoch_begin=on_epoch_begin,
            on_epoch_end=on_epoch_end,
            on_train_begin=on_train_begin,
            on_train_end=on_train_end,
            **points,
        )


class BackupAndRestore(training.BackupAndRestore):
    """Keep the state of a training on disk, and go on with it after an interruption."""

    adds = ()

    def __init__(
        self,
        backup_dir: str | os.PathLike,
        save_freq: int | str = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        **ignored: Any,
    ) -> None:
        # The file is replaced in one step, so that a second copy of it has no use.
        super().__init__(backup_dir, save_freq, delete_checkpoint=delete_checkpoint)


def _both_names(logs: dict | None) -> None:
    if logs is not None:
        logs["learning_rate"] = logs["lr"]

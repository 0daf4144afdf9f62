"""Callbacks that write to disk: checkpoints and logs."""

import csv
import os
from pathlib import Path
from typing import Any, TextIO

from dezero.core.errors import describe, lookup
from dezero.training.callbacks.base import OTHER_NAMES, POINTS, Callback
from dezero.training.callbacks.monitor import Monitor


class ModelCheckpoint(Monitor):
    """Save the model after every epoch, or after every epoch that is the best so far.

    Args:
        path: file to write; "{epoch:02d}" and figures such as "{val_loss:.3f}" are filled in.
        monitor, mode: the figure that says what is best, as in EarlyStopping.
        verbose: 1 prints what is saved.
        save_best_only: skip epochs that are not the best so far.
        save_weights_only: `save_weights` instead of `save`.
        initial_value: the best value of earlier trainings.
    Raises:
        ValueError: mode is unknown, path names a figure that is not in the logs, or monitor does.
    Note: files are written to a temporary name and renamed: a kill leaves the old one whole.
    """

    comes_last = True
    adds = ()

    def __init__(
        self,
        path: str | os.PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        *,
        mode: str = "auto",
        initial_value: float | None = None,
    ) -> None:
        super().__init__(monitor, 0.0, mode)
        self.path, self.verbose = os.fspath(path), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        if initial_value is not None:
            self.best = initial_value

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Look for what will be needed, before an epoch is spent on training."""
        if self.save_best_only:
            super().on_train_begin(logs)
        method = "save_weights" if self.save_weights_only else "save"
        if not hasattr(self.model, method):
            raise TypeError(
                f"ModelCheckpoint: expected a model with {method}(path), got "
                f"{type(self.model).__name__}. Derive it from dezero.Model."
            )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save if the epoch deserves it."""
        self.save(epoch, {"epoch": epoch + 1, **(logs or {})})

    def save(self, epoch: int, logs: dict[str, Any]) -> None:
        """Save if the figures are the best or every epoch is to be saved."""
        before, value = self.best, None
        if self.save_best_only:
            value = self.value(logs)
            if value is None or not self.is_better(value, self.best):
                self.say(epoch, None, before, value)
                return
            self.best = value
        try:
            path = self.path.format(**logs)
        except (KeyError, IndexError, ValueError) as error:
            names = sorted(set(logs) - {"epoch"})
            raise ValueError(
                f"ModelCheckpoint: expected a path with 'epoch' and figures among {names}, "
                f"got {self.path!r} ({error}). Correct what is in braces."
            ) from error
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        self.say(epoch, path, before, value)

    def say(self, epoch: int, path: str | None, before: float, value: float | None) -> None:
        """Print where it saved, if `verbose`; path is None if it did not."""
        if self.verbose and path is not None:
            print(f"Epoch {epoch + 1}: saved {path}")


class CSVLogger(Callback):
    """Write the figures of every epoch as a line of a CSV file, flushed at once.

    Args:
        path: file to write.
        separator: between the columns.
        append: go on with a file that exists.
    Raises:
        ValueError: the file to go on with has other columns; it is left as it is.
    """

    adds = ()

    def __init__(self, path: str | os.PathLike, separator: str = ",", append: bool = False) -> None:
        self.path, self.separator, self.append = Path(path), separator, append
        self._columns: list[str] = []
        self._file: TextIO | None = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._columns = self._old_columns() if self.append else []
        mode = "a" if self._columns else "w"
        self._file = open(self.path, mode, newline="", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write one line; the head first if the file is new."""
        row = {"epoch": epoch, **(logs or {})}
        writer = csv.writer(self._file, delimiter=self.separator)  # type: ignore[arg-type]
        if not self._columns:
            self._columns = list(row)
            writer.writerow(self._columns)
        if set(row) != set(self._columns):
            raise ValueError(
                f"CSVLogger: expected the columns of {str(self.path)!r}, {self._columns}, "
                f"got {list(row)}. Write to another file, or leave append out."
            )
        writer.writerow([row[column] for column in self._columns])
        self._file.flush()  # type: ignore[union-attr]

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _old_columns(self) -> list[str]:
        if not self.path.exists():
            return []
        with open(self.path, newline="", encoding="utf-8") as file:
            return next(csv.reader(file, delimiter=self.separator), [])


class LambdaCallback(Callback):
    """A callback from functions: `LambdaCallback(on_epoch_end=lambda epoch, logs: ...)`.

    Args:
        points: functions by the names of Callback's points.
    Raises:
        ValueError: there is no such point.
        TypeError: one of them is no function.
    """

    def __init__(self, **points: Any) -> None:
        for name, function in points.items():
            lookup("LambdaCallback", name, dict.fromkeys((*POINTS, *OTHER_NAMES.values())))
            if function is not None and not callable(function):
                raise TypeError(
                    f"LambdaCallback: expected a function for {name}, got {describe(function)}. "
                    "Write lambda epoch, logs: ..."
                )
            if function is not None:
                setattr(self, name, function)

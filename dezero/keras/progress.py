"""How `fit`, `evaluate` and `predict` show themselves: as Keras 2 does."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from dezero.io.progress import is_live, write
from dezero.keras.config import is_interactive_logging_enabled
from dezero.keras.utils.progbar import counted_line, progress_line
from dezero.training.progress import EpochDisplay, figures, length, level

__all__ = ["EpochLines", "TestLine"]

INTERVAL = 0.05  # seconds between two drawings in a terminal


def verbosity(verbose: Any) -> int:
    """Return 0, 1 or 2; "auto" is 1, or 2 without interactive logging, as Keras takes it."""
    drawn = 1 if is_interactive_logging_enabled() else 2
    return level(drawn if verbose == "auto" else verbose)


class _Line:
    """One line of progress, drawn anew in a terminal and once at its end elsewhere."""

    def __init__(self, verbose: int, steps: int | None, logs: Callable[[], dict]) -> None:
        self.verbose, self.steps, self.logs = verbose, steps, logs
        self.file = sys.stdout
        self.live = verbose == 1 and is_live(self.file)
        self.count, self.first, self.shown, self.next = 0, 0.0, 0, 0.0
        self.start = time.perf_counter()

    def tick(self) -> None:
        """Count a step, and draw if it is time."""
        self.count += 1
        if self.live or self.count == 1:
            now = time.perf_counter() - self.start
            if self.count == 1:
                self.first = now
            if self.live and now >= self.next and self.count != self.steps:
                self.next = now + INTERVAL
                self.draw(now, self.steps, self.logs(), "")

    def close(self, logs: dict[str, Any]) -> None:
        """Draw the last state and end the line."""
        if self.verbose:
            # An epoch that was cut short, or whose length nobody knew, has as many as were done.
            self.draw(time.perf_counter() - self.start, self.count, logs, "\n")

    def draw(self, now: float, steps: int | None, logs: dict[str, Any], end: str) -> None:
        """Write the line."""
        shown = figures(logs)
        if self.verbose == 2:
            line = counted_line(self.count, steps, now, shown)
        else:
            line = progress_line(self.count, steps, now, shown, first=self.first)
        padding = " " * (self.shown - len(line)) if self.live else ""
        self.shown = len(line)
        write(self.file, ("\r" if self.live else "") + line + padding + end)


class EpochLines(EpochDisplay):
    """Shows the epochs of one `fit`: "Epoch 1/5", and below it the bar with the figures.

    Args:
        verbose: 0 silent, 1 a bar, 2 a line without one; "auto" is 1.
        epochs: how many there are.
        steps: batches per epoch, None if unknown.
    """

    def __init__(self, verbose: Any, epochs: int, steps: int | None) -> None:
        super().__init__(verbosity(verbose), epochs, steps)
        self._line: _Line | None = None

    def begin(self, epoch: int, logs: Callable[[], dict[str, Any]]) -> None:
        """Start the line of `epoch`, numbered from 0; `tick` then counts a batch."""
        if self.level:
            write(sys.stdout, f"Epoch {epoch + 1}/{self.epochs}\n")
            if self._line is not None:
                self.steps = self._line.count if self.steps is None else self.steps
            self._line = _Line(self.level, self.steps, logs)
            self.tick = self._line.tick

    def end(self, logs: dict[str, Any]) -> None:
        """Close the epoch's line with its figures."""
        if self._line is not None:
            self._line.close(logs)

    def abandon(self) -> None:
        """Close the line of an epoch that did not come to its end."""
        if self._line is not None and self._line.live and self._line.count:
            write(self._line.file, "\n")


class TestLine:
    """Iterate over batches above one line of progress, as `evaluate` and `predict` show them.

    Args:
        batches: what to iterate over.
        verbose: as in `fit`.
        label: not shown, as in Keras.
    """

    __test__ = False  # pytest would collect it

    def __init__(self, batches: Any, verbose: Any, label: str) -> None:
        self.batches = batches
        self._line = _Line(verbosity(verbose), length(batches), dict)

    def __enter__(self) -> "TestLine":
        return self

    def __exit__(self, kind: Any, *rest: object) -> None:
        if kind is not None and self._line.live and self._line.count:
            write(self._line.file, "\n")

    def __iter__(self) -> Iterator[Any]:
        for batch in self.batches:
            yield batch
            self._line.tick()

    def finish(self, logs: dict[str, Any]) -> None:
        """Close the line with the final figures."""
        if self._line.count:
            self._line.close(logs)

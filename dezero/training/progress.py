"""What a person sees while a model trains: a bar in a terminal, a line per epoch elsewhere."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from dezero.io.progress import ProgressBar, is_live

_MODES = ("quiet", "live", "line")


def level(verbose: Any) -> int:
    """Return 0, 1 or 2 for a `verbose` argument; "auto" is 1 in a terminal or notebook, else 2.

    Raises:
        ValueError: verbose is none of these.
    """
    if verbose == "auto":
        return 1 if is_live(sys.stdout) else 2
    if verbose in (0, 1, 2):
        return int(verbose)
    raise ValueError(f"verbose: expected 'auto', 0, 1 or 2, got {verbose!r}. 0 is silent.")


def figures(logs: dict[str, Any]) -> dict[str, float]:
    """Return those of `logs` that are single numbers."""
    return {name: value for name, value in logs.items() if isinstance(value, int | float)}


def length(batches: Any) -> int | None:
    """Return how many batches there are, None if nobody knows."""
    try:
        return len(batches)
    except TypeError:
        return None


def _nothing() -> None:
    """Count no step: there is no bar, or nothing of it is drawn before the end."""


class EpochDisplay:
    """Shows the epochs of one `fit`.

    Args:
        verbose: as in `fit`.
        epochs: how many there are.
        steps: batches per epoch, None if unknown.
    """

    def __init__(self, verbose: Any, epochs: int, steps: int | None) -> None:
        self.level, self.epochs, self.steps = level(verbose), epochs, steps
        self.tick: Callable[[], None] = _nothing
        self._bar: ProgressBar | None = None

    def begin(self, epoch: int, logs: Callable[[], dict[str, Any]]) -> None:
        """Start the line of `epoch`, numbered from 0; `tick` then counts a batch.

        Args:
            epoch: its number.
            logs: called for the figures whenever something is drawn.
        """
        if self.level:
            width = len(str(self.epochs))
            label = f"Epoch {epoch + 1:{width}}/{self.epochs}"
            bar = ProgressBar(self.steps, label=label, unit="step", mode=_MODES[self.level])
            bar.update(0, lambda: figures(logs()) if bar.count else {})
            self._bar, self.tick = bar, bar.update

    def end(self, logs: dict[str, Any]) -> None:
        """Close the epoch's line with its figures."""
        if self._bar is not None:
            self._bar.close(figures(logs))

    def abandon(self) -> None:
        """Close the line of an epoch that did not come to its end."""
        if self._bar is not None and self.level == 1:
            if not self._bar.count:
                print()  # a bar without steps leaves its line open
            self._bar.close()

    def interrupted(self, done: int) -> None:
        """Say that Ctrl-C ended the training."""
        if self.level:
            epochs = "epoch" if done == 1 else "epochs"
            print(f"Interrupted after {done} complete {epochs}; the history so far is kept.")


class counted:
    """Iterate over batches under a progress bar: `with counted(batches, verbose, label) as shown`.

    Args:
        batches: what to iterate over.
        verbose: as in `fit`.
        label: text in front of the bar.
    """

    def __init__(self, batches: Any, verbose: Any, label: str) -> None:
        self.batches = batches
        self.mode = _MODES[level(verbose)]
        self.bar = ProgressBar(length(batches), label=label, unit="step", mode=self.mode)

    def __enter__(self) -> "counted":
        return self

    def __exit__(self, kind: Any, *rest: object) -> None:
        if kind is None or self.mode == "live":
            self.bar.close()

    def __iter__(self) -> Iterator[Any]:
        for batch in self.batches:
            yield batch
            self.bar.update()

    def finish(self, logs: dict[str, Any]) -> None:
        """Close the bar with the final figures."""
        self.bar.close(figures(logs))

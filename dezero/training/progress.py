"""What a person sees while a model trains: a bar in a terminal, a line per epoch elsewhere."""

import sys
from collections.abc import Iterator
from typing import Any

from dezero.io.progress import ProgressBar


def level(verbose: Any) -> int:
    """Return 0, 1 or 2 for a `verbose` argument; "auto" is 1 in a terminal or notebook, else 2.

    Raises:
        ValueError: verbose is none of these.
    """
    if verbose == "auto":
        return 1 if sys.stdout.isatty() or "ipykernel" in sys.modules else 2
    if verbose in (0, 1, 2):
        return int(verbose)
    raise ValueError(f"verbose: expected 'auto', 0, 1 or 2, got {verbose!r}. 0 is silent.")


def figures(logs: dict[str, Any]) -> dict[str, str]:
    """Return the scalar figures of `logs` as text of four significant places."""
    return {
        name: f"{value:.4f}" if abs(value) >= 1e-3 or value == 0 else f"{value:.3e}"
        for name, value in logs.items()
        if isinstance(value, int | float)
    }


class EpochDisplay:
    """Shows the epochs of one `fit`.

    Args:
        verbose: as in `fit`.
        epochs: how many there are.
        steps: batches per epoch, None if unknown.
    """

    def __init__(self, verbose: Any, epochs: int, steps: int | None) -> None:
        self.level, self.epochs, self.steps = level(verbose), epochs, steps
        self._bar: ProgressBar | None = None

    def begin(self, epoch: int) -> None:
        """Start the line of `epoch`, numbered from 0."""
        if self.level:
            width = len(str(self.epochs))
            label = f"Epoch {epoch + 1:{width}}/{self.epochs}"
            mode = "live" if self.level == 1 else "line"
            self._bar = ProgressBar(self.steps, label=label, unit="step", mode=mode)

    def step(self, logs: Any) -> None:
        """Count one batch; `logs` is called only when something is drawn."""
        if self._bar is not None:
            self._bar.update(1, lambda: figures(logs()))

    def end(self, logs: dict[str, Any]) -> None:
        """Close the epoch's line with its figures."""
        if self._bar is not None:
            self._bar.close(figures(logs))

    def abandon(self) -> None:
        """Close the line of an epoch that did not come to its end."""
        if self._bar is not None and self.level == 1:
            self._bar.close()

    def interrupted(self, done: int) -> None:
        """Say that Ctrl-C ended the training."""
        if self.level:
            print(f"Interrupted: stopped after {done} complete epochs; the history so far is kept.")


class counted:
    """Iterate over batches under a progress bar: `with counted(batches, verbose, label) as shown`.

    Args:
        batches: what to iterate over.
        verbose: as in `fit`.
        label: text in front of the bar.
    """

    def __init__(self, batches: Any, verbose: Any, label: str) -> None:
        self.batches = batches
        mode = ("quiet", "live", "line")[level(verbose)]
        try:
            total: int | None = len(batches)
        except TypeError:
            total = None
        self.bar = ProgressBar(total, label=label, unit="step", mode=mode)

    def __enter__(self) -> "counted":
        return self

    def __exit__(self, *exc: object) -> None:
        self.bar.close()

    def __iter__(self) -> Iterator[Any]:
        for batch in self.batches:
            yield batch
            self.bar.update()

    def finish(self, logs: dict[str, Any]) -> None:
        """Close the bar with the final figures."""
        self.bar.close(figures(logs))

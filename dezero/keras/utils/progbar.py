"""`Progbar`: the bar that Keras 2 draws, `1500/1500 [=====] - 4s 2ms/step - loss: 0.5642`."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TextIO

from dezero.io.progress import is_live, write

__all__ = ["Progbar", "counted_line", "progress_line"]


def progress_line(
    current: int,
    target: int | None,
    seconds: float,
    figures: Mapping[str, Any],
    *,
    width: int = 30,
    unit: str = "step",
    first: float = 0.0,
) -> str:
    """Return the line for `current` of `target` steps, at its end if they are equal.

    Args:
        current, target: steps done, and in all; None if unknown.
        seconds: since the start.
        figures: shown behind the bar.
        width: of the bar.
        unit: what is counted.
        first: seconds of the first step, which says little about the others.
    """
    each = _step_seconds(current, seconds, first)
    if target is None:
        text = f"{current:7d}/Unknown - {seconds:.0f}s {duration(each, unit)}"
    else:
        done = int(width * current / target) if target else width
        head = "=" if current >= target else ">"
        bar = ("=" * (done - 1) + head if done else "") + "." * (width - done)
        text = f"{current:{len(str(target))}d}/{target} [{bar}] - "
        if current >= target:
            text += f"{seconds:.0f}s {duration(each, unit)}"
        else:
            text += f"ETA: {_remaining(each * (target - current))}"
    return text + figures_text(figures)


def counted_line(
    current: int, target: int | None, seconds: float, figures: Mapping[str, Any], unit: str = "step"
) -> str:
    """Return the line of `verbose=2`, which has no bar."""
    total = current if target is None else target
    each = seconds / max(current, 1)
    return (
        f"{current:{len(str(total))}d}/{total} - {seconds:.0f}s{figures_text(figures)}"
        f" - {duration(seconds, 'epoch')} - {duration(each, unit)}"
    )


def figures_text(figures: Mapping[str, Any]) -> str:
    """Return " - loss: 0.5642 - accuracy: 0.8087"; with an exponent where it is below 0.001."""
    return "".join(f" - {name}: {_figure(value)}" for name, value in figures.items())


def duration(seconds: float, unit: str) -> str:
    """Return a time for each unit: "2ms/step"."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    return f"{seconds * 1e3:.0f}ms/{unit}" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us/{unit}"


class Progbar:
    """A bar that shows how many of `target` steps are done.

    Args:
        target: steps in all, None if unknown.
        width: of the bar.
        verbose: 0 silent, 1 a bar, 2 one line at the end.
        interval: seconds between two drawings.
        stateful_metrics: names of values to show as they are; the others are averaged over steps.
        unit_name: what is counted.
        file, clock: where to write, and seconds as a function.
    Note: where there is no terminal only the last line is written.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 30,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        *,
        unit_name: str = "step",
        file: TextIO | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.target, self.width, self.verbose, self.interval = target, width, verbose, interval
        self.stateful_metrics = set(stateful_metrics or ())
        self.unit_name = unit_name
        self._file = sys.stdout if file is None else file
        self._live = verbose == 1 and is_live(self._file)
        self._clock, self._start = clock, clock()
        self._next, self._shown, self._first = 0.0, 0, 0.0
        self._seen = 0
        self._sums: dict[str, list[float]] = {}
        self._state: dict[str, Any] = {}

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Show that `current` steps are done.

        Args:
            current: how many.
            values: list of (name, value) of the steps since the last call.
            finalize: end the line; None does at the target.
        """
        new = max(current - self._seen, 0)
        for name, value in values or ():
            if name in self.stateful_metrics:
                self._state[name] = value
            else:
                total = self._sums.setdefault(name, [0.0, 0])
                total[0] += float(value) * max(new, 1)
                total[1] += max(new, 1)
            self._state.setdefault(name, None)
        self._seen = max(current, self._seen)
        now = self._clock() - self._start
        if current == 1:
            self._first = now
        ends = current == self.target if finalize is None else finalize
        if self.verbose and (ends or (self._live and now >= self._next)):
            self._next = now + self.interval
            self._draw(current, now, ends)

    def add(self, n: int, values: Any = None) -> None:
        """Count `n` more steps."""
        self.update(self._seen + n, values)

    def figures(self) -> dict[str, Any]:
        """Return what is shown behind the bar."""
        means = {name: total / max(count, 1) for name, (total, count) in self._sums.items()}
        return {name: means.get(name, value) for name, value in self._state.items()}

    def _draw(self, current: int, now: float, ends: bool) -> None:
        target = current if ends and self.target is None else self.target
        if self.verbose == 2:
            line = counted_line(current, target, now, self.figures(), self.unit_name)
        else:
            options = {"width": self.width, "unit": self.unit_name, "first": self._first}
            line = progress_line(current, target, now, self.figures(), **options)
        padding = " " * (self._shown - len(line))
        self._shown = len(line)
        start, end = "\r" if self._live else "", "\n" if ends else ""
        write(self._file, start + line + padding + end)


def _step_seconds(current: int, seconds: float, first: float) -> float:
    """Return the time of a step, without the first one where there are others."""
    if current > 1 and first:
        return (seconds - first) / (current - 1)
    return seconds / max(current, 1)


def _remaining(seconds: float) -> str:
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole > 60 else f"{whole}s"


def _figure(value: Any) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"

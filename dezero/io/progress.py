"""A progress bar for downloads and training: in place in a terminal, one line elsewhere."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TextIO

__all__ = ["ProgressBar", "show_progress"]

MODES = ("auto", "live", "line", "quiet")
REDRAW_SECONDS = 0.1
BAR_WIDTH = 24
MIN_BAR_WIDTH = 6

Metrics = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


class ProgressBar:
    """Show how far a loop is: count, bar, elapsed time, rate, time left and metrics.

    In a terminal and in a notebook the line is redrawn in place, at most ten times a second;
    anywhere else (a log file, a pipe) one line is written when the bar is closed.

    Args:
        total: steps to come; None where nobody knows.
        label: text in front of the bar.
        unit: what is counted, such as "it" or "batch"; "B" prints sizes as kB, MB, GB.
        mode: "auto"; "live" redraws; "line" writes one line at the end; "quiet" writes nothing.
        file: where to write; None is sys.stdout as it is when the bar starts.
        clock: seconds as a function, for tests.
    Raises:
        ValueError: total is negative, or mode is unknown.
    Note: metrics may be a function; it is called only for a line that is really drawn.
    """

    def __init__(
        self,
        total: int | None = None,
        *,
        label: str = "",
        unit: str = "it",
        mode: str = "auto",
        file: TextIO | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if total is not None and total < 0:
            raise ValueError(
                f"ProgressBar: expected total >= 0, got {total}. Pass None if unknown."
            )
        if mode not in MODES:
            raise ValueError(f"ProgressBar: expected mode in {MODES}, got {mode!r}. Choose one.")
        self.total = total
        self.label = label
        self.unit = unit
        self.count = 0
        self._file = sys.stdout if file is None else file
        self._mode = _mode_of(self._file) if mode == "auto" else mode
        self._clock = clock
        self._start = clock()
        self._skipped = 0
        self._next_draw = self._start
        self._width = 0
        self._closed = False
        self._metrics: Metrics = {}

    @property
    def elapsed(self) -> float:
        """Seconds since the bar was made."""
        return self._clock() - self._start

    def restart(self, total: int | None, count: int = 0) -> None:
        """Go back to `count` of `total`; what is there already does not count into the rate."""
        self.total = total
        self.count = self._skipped = count

    def update(self, n: int = 1, metrics: Metrics | None = None) -> None:
        """Count `n` more steps, and redraw if the last drawing is old enough.

        Args:
            n: steps done since the last call.
            metrics: name -> value, or a function that returns it; shown behind the bar.
        """
        self.count += n
        if metrics is not None:
            self._metrics = metrics
        if self._mode == "live":
            now = self._clock()
            if now >= self._next_draw:
                self._next_draw = now + REDRAW_SECONDS
                self._redraw(now)

    def close(self, metrics: Metrics | None = None) -> None:
        """Draw the last state and end the line; a second call, or one before any step, does not."""
        if self._closed or self.count == 0:
            return
        self._closed = True
        if metrics is not None:
            self._metrics = metrics
        if self._mode == "live":
            self._redraw(self._clock(), clip=False)
            write(self._file, "\n")
        elif self._mode == "line":
            write(self._file, self.line(self._clock(), bar=False) + "\n")

    def line(self, now: float, bar: bool = True, columns: int = 1000) -> str:
        """Return the text of the bar at time `now`; the bar itself shrinks to fit `columns`."""
        seconds = max(now - self._start, 0.0)
        parts = [self.label] if self.label else []
        parts.append(self._position())
        bar_at = len(parts)
        parts.append(format_seconds(seconds))
        rate = (self.count - self._skipped) / seconds if seconds > 0 else 0.0
        if rate > 0:
            parts.append(self._rate(rate))
            if bar and self.total is not None and self.count < self.total:
                parts.append(f"ETA {format_seconds((self.total - self.count) / rate)}")
        shown = self._metrics() if callable(self._metrics) else self._metrics
        if shown:
            parts.append("- " + " - ".join(f"{k}: {_value(v)}" for k, v in shown.items()))
        room = min(BAR_WIDTH, columns - len(" ".join(parts)) - 3)
        if bar and self.total and room >= MIN_BAR_WIDTH:
            parts.insert(bar_at, _bar(min(self.count / self.total, 1.0), room))
        return " ".join(parts)

    def _position(self) -> str:
        if self.unit == "B":
            done, total = format_bytes(self.count), format_bytes(self.total or 0)
        else:
            done, total = str(self.count), str(self.total)
        return done if self.total is None else f"{done.rjust(len(total))}/{total}"

    def _rate(self, rate: float) -> str:
        if self.unit == "B":
            return f"{format_bytes(rate)}/s"
        return f"{rate:.0f} {self.unit}/s" if rate >= 10 else f"{rate:.2f} {self.unit}/s"

    def _redraw(self, now: float, clip: bool = True) -> None:
        columns = max(shutil.get_terminal_size().columns - 1, 10)
        text = self.line(now, columns=columns)
        if clip:
            text = text[:columns]
        padding = " " * (self._width - len(text))
        self._width = len(text)
        write(self._file, f"\r{text}{padding}")

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def write(file: TextIO | None, text: str) -> None:
    """Write `text` at once; what the stream cannot spell becomes a question mark."""
    if file is None:  # a program without a console
        return
    try:
        file.write(text)
    except UnicodeEncodeError as error:  # a name of a metric must not end hours of training
        file.write(text.encode(error.encoding, "replace").decode(error.encoding))
    file.flush()


def is_live(file: TextIO | None) -> bool:
    """Return whether `file` is a terminal or a notebook cell, which obey a carriage return."""
    isatty = getattr(file, "isatty", bool)
    return bool(isatty()) or type(file).__module__.startswith("ipykernel")


def show_progress(block_num: int, block_size: int, total_size: int) -> None:
    """Draw the state of a download, as the book's hook for `urllib.request.urlretrieve` does.

    Args:
        block_num: blocks received so far.
        block_size: bytes in a block.
        total_size: bytes in all; 0 or less draws nothing.
    """
    if total_size > 0:
        done = min(block_num * block_size / total_size, 1.0)
        sys.stdout.write(f"\r{_bar(done)} {100 * done:.2f}%")
        sys.stdout.flush()


def format_seconds(seconds: float) -> str:
    """Return a duration in the unit a reader would choose: 0.4s, 12s, 3m05s, 2h07m."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def format_bytes(size: float) -> str:
    """Return a size in decimal units: 512 B, 29.5 kB, 26.4 MB."""
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"


def _bar(fraction: float, width: int = BAR_WIDTH) -> str:
    full = int(fraction * width)
    head = ">" if full < width else ""
    return f"[{'=' * full}{head}{'.' * (width - full - len(head))}]"


def _value(value: Any) -> str:
    """Return four decimals, or three digits and an exponent where four decimals would hide it."""
    if value is None or isinstance(value, (int, str)):
        return str(value)
    number = float(value)
    small = 0 < abs(number) < 1e-3
    return f"{number:.2e}" if small or abs(number) >= 1e6 else f"{number:.4f}"


def _mode_of(file: TextIO | None) -> str:
    """Return how a bar shows itself on `file`; a program without a console has none."""
    if file is None:
        return "quiet"
    return "live" if is_live(file) else "line"

"""ProgressBar: what it draws, how often, and where it keeps quiet."""

import io

import numpy as np
import pytest

from dezero.io.progress import ProgressBar, format_bytes, format_seconds, show_progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def make(file, **options):
    clock = Clock()
    return ProgressBar(file=file, clock=clock, **options), clock


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def test_terminal_is_redrawn_in_place():
    file = Terminal()
    bar, clock = make(file, total=4, label="Epoch 1/5", unit="batch")
    clock.now += 0.5
    bar.update(2, {"loss": 0.25})
    assert file.getvalue() == (
        "\rEpoch 1/5 2/4 [============>...........] 0.5s 4.00 batch/s ETA 0.5s - loss: 0.2500"
    )
    clock.now += 0.5
    bar.update(2)
    bar.close({"loss": 0.125, "accuracy": 1})
    last = file.getvalue().split("\r")[-1]
    assert last.startswith("Epoch 1/5 4/4 [========================] 1.0s 4.00 batch/s - loss: 0.1")
    assert last.endswith("accuracy: 1\n")


def test_terminal_is_redrawn_at_most_ten_times_a_second():
    file = Terminal()
    bar, clock = make(file, total=1000)
    calls = []
    for _ in range(1000):
        clock.now += 0.001
        bar.update(1, lambda: calls.append(1) or {"loss": 1.0})
    assert 9 <= file.getvalue().count("\r") <= 11
    assert len(calls) == file.getvalue().count("\r")


def test_shorter_line_hides_the_longer_one_before(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    file = Terminal()
    bar, clock = make(file)
    clock.now += 1.0
    bar.update(1, {"loss": 0.123456})
    clock.now += 1.0
    bar.update(1, {})
    first, second = file.getvalue().split("\r")[1:]
    assert len(second) == len(first)
    assert second.rstrip() == "2 2.0s 1.00 it/s"


def test_bar_shrinks_before_metrics_are_cut(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    file = Terminal()
    bar, clock = make(file, total=4)
    clock.now += 0.5
    bar.update(2, {"loss": 0.25})
    text = "2/4 [=======>......] 0.5s 4.00 it/s ETA 0.5s - loss: 0.2500"
    assert len(text) == 59
    assert file.getvalue() == "\r" + text
    monkeypatch.setenv("COLUMNS", "48")
    clock.now += 0.5
    bar.update(1)
    assert file.getvalue().split("\r")[-1].rstrip().startswith("3/4 1.0s 3.00 it/s ETA 0.3s - loss")


def test_line_is_cut_to_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    file = Terminal()
    bar, clock = make(file, total=10, label="a label of some length")
    clock.now += 1.0
    bar.update(1, {"loss": 0.5})
    assert len(file.getvalue()) == 1 + 29


def test_log_file_gets_one_line_at_the_end():
    file = io.StringIO()
    bar, clock = make(file, total=3)
    for _ in range(3):
        clock.now += 1.0
        bar.update()
    assert not file.getvalue()
    bar.close({"loss": np.float32(0.5)})
    bar.close()
    assert file.getvalue() == "3/3 3.0s 1.00 it/s - loss: 0.5000\n"


def test_notebook_stream_is_redrawn():
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    bar, clock = make(stream, total=2)
    clock.now += 1.0
    bar.update()
    assert stream.getvalue().startswith("\r1/2 [")


def test_file_without_isatty_gets_one_line():
    class Bare:
        text = ""

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    file = Bare()
    with make(file, total=1)[0] as bar:
        bar.update()
    assert file.text == "1/1 0.0s\n"


@pytest.mark.parametrize("mode", ["quiet", "line", "live"])
def test_nothing_is_written_before_the_first_step(mode):
    file = Terminal()
    with make(file, total=3, mode=mode)[0]:
        pass
    assert not file.getvalue()


def test_quiet_writes_nothing():
    file = Terminal()
    bar, clock = make(file, total=1, mode="quiet")
    clock.now += 1.0
    bar.update()
    bar.close()
    assert not file.getvalue()


def test_restart_leaves_earlier_work_out_of_the_rate():
    file = io.StringIO()
    bar, clock = make(file, label="file", unit="B")
    bar.restart(2_000_000, 1_000_000)
    clock.now += 2.0
    bar.update(1_000_000)
    bar.close()
    assert file.getvalue() == "file 2.0 MB/2.0 MB 2.0s 500.0 kB/s\n"


def test_elapsed_follows_the_clock():
    bar, clock = make(io.StringIO())
    clock.now += 7.0
    assert bar.elapsed == pytest.approx(7.0)


def test_total_zero_draws_no_bar():
    bar, clock = make(io.StringIO(), total=0)
    assert bar.line(clock.now) == "0/0 0.0s"


def test_metrics_keep_their_digits():
    bar, clock = make(io.StringIO(), total=1)
    bar.update(1, {"a": 1e-5, "b": 2.5e7, "c": float("nan"), "d": "cosine", "e": 0.0})
    line = bar.line(clock.now, bar=False)
    assert line.endswith("a: 1.00e-05 - b: 2.50e+07 - c: nan - d: cosine - e: 0.0000")


def test_a_metric_without_a_value():
    bar, _ = make(io.StringIO(), mode="line")
    bar.update(1, {"lr": None})
    assert bar.line(100.0).endswith("- lr: None")


def test_names_that_the_stream_cannot_write():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    bar, clock = make(stream, mode="line", label="로스")
    clock.now += 1
    bar.update(1)
    bar.close()
    assert stream.buffer.getvalue().startswith(b"?? 1 1.0s")


def test_a_program_without_a_console(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    bar = ProgressBar(2)
    bar.update()
    bar.close()


def test_stdout_is_looked_up_when_the_bar_is_made(capsys):
    with ProgressBar(1) as bar:
        bar.update()
    assert capsys.readouterr().out.startswith("1/1 ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (9.94, "9.9s"), (12.3, "12s"), (59.7, "1m00s"), (185, "3m05s"), (7620, "2h07m")],
)
def test_format_seconds(seconds, text):
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (29515, "29.5 kB"), (26421880, "26.4 MB"), (5e9, "5.0 GB")],
)
def test_format_bytes(size, text):
    assert format_bytes(size) == text


def test_show_progress_draws_the_books_line(capsys):
    show_progress(5, 10, 100)
    show_progress(20, 10, 100)
    show_progress(1, 10, -1)
    half, full = capsys.readouterr().out.split("\r")[1:]
    assert half == "[============>...........] 50.00%"
    assert full == "[========================] 100.00%"


def test_negative_total():
    with pytest.raises(ValueError, match=r"ProgressBar: expected total >= 0, got -1"):
        ProgressBar(-1)


def test_unknown_mode():
    with pytest.raises(ValueError, match=r"ProgressBar: expected mode in .*, got 'loud'"):
        ProgressBar(mode="loud")

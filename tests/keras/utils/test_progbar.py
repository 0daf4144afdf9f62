"""Progbar: the text of Keras 2."""

import io

import pytest

from dezero.keras.utils.progbar import (
    Progbar,
    counted_line,
    duration,
    is_live,
    progress_line,
    write,
)

FIGURES = {"loss": 0.56421, "accuracy": 0.80874}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_lines_of_the_tutorials():
    assert progress_line(1500, 1500, 4.2, FIGURES) == (
        "1500/1500 [==============================] - 4s 3ms/step - loss: 0.5642 - accuracy: 0.8087"
    )
    assert progress_line(375, 375, 0.9, {}) == (
        "375/375 [==============================] - 1s 2ms/step"
    )


@pytest.mark.parametrize(
    ("current", "seconds", "line"),
    [
        (0, 0.0, "  0/200 [..............................] - ETA: 0s"),
        (1, 0.5, "  1/200 [..............................] - ETA: 1:39"),
        (50, 1.0, " 50/200 [======>.......................] - ETA: 3s"),
        (199, 199.0, "199/200 [============================>.] - ETA: 1s"),
        (100, 4000.0, "100/200 [==============>...............] - ETA: 1:06:40"),
    ],
)
def test_before_the_end(current, seconds, line):
    assert progress_line(current, 200, seconds, {}) == line


def test_unknown_length_and_the_first_step_apart():
    line = progress_line(12, None, 3.0, {"loss": 2.0})
    assert line == "     12/Unknown - 3s 250ms/step - loss: 2.0000"
    assert " 4s 2ms/step" in progress_line(501, 501, 4.0, {}, first=3.0)


def test_verbose_2():
    assert counted_line(1500, 1500, 4.2, FIGURES) == (
        "1500/1500 - 4s - loss: 0.5642 - accuracy: 0.8087 - 4s/epoch - 3ms/step"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s/step"), (2e-5, "20us/step"), (0.0123, "12ms/step"), (3.4, "3s/step")],
)
def test_duration(seconds, text):
    assert duration(seconds, "step") == text


def test_figures_below_a_thousandth_get_an_exponent():
    assert progress_line(1, 1, 0, {"lr": 0.0005, "n": "x"}).endswith(" - lr: 5.0000e-04 - n: x")


def times(*values):
    at = iter(values)
    return lambda: next(at)


def test_progbar_averages_over_steps_and_writes_one_line_where_there_is_no_terminal():
    out = io.StringIO()
    bar = Progbar(10, stateful_metrics=["acc"], file=out, clock=times(0, 1, 2))
    bar.update(4, [("loss", 1.0), ("acc", 0.1)])
    bar.update(10, [("loss", 2.0), ("acc", 0.5)])
    assert out.getvalue() == (
        "10/10 [==============================] - 2s 200ms/step - loss: 1.6000 - acc: 0.5000\n"
    )


def test_progbar_in_a_terminal():
    out = Terminal()
    bar = Progbar(3, width=3, file=out, clock=times(0, 1, 1.01, 2), unit_name="sample")
    for _ in range(3):
        bar.add(1, [("loss", 1.0)])
    lines = out.getvalue().split("\r")
    assert lines[1] == "1/3 [>..] - ETA: 2s - loss: 1.0000" and len(lines) == 3
    assert lines[2].rstrip() == "3/3 [===] - 2s 500ms/sample - loss: 1.0000"
    assert lines[2].endswith("\n") and len(lines[2]) > len(lines[1])


def test_progbar_of_unknown_length_and_other_verbosities():
    out = io.StringIO()
    Progbar(None, file=out, clock=times(0, 1)).update(2, finalize=True)
    assert out.getvalue() == "2/2 [==============================] - 1s 500ms/step\n"
    out = io.StringIO()
    Progbar(2, verbose=2, file=out, clock=times(0, 1)).update(2, [("loss", 1.0)])
    assert out.getvalue() == "2/2 - 1s - loss: 1.0000 - 1s/epoch - 500ms/step\n"
    Progbar(2, verbose=0, file=out, clock=times(0, 1)).update(2)
    assert out.getvalue().count("\n") == 1


def test_streams():
    assert is_live(Terminal()) and not is_live(io.StringIO()) and not is_live(None)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write(narrow, "정확도")
    write(None, "nobody reads it")
    assert narrow.buffer.getvalue() == b"???"

"""What is shown in a terminal, in a notebook, and anywhere else."""

import io
from contextlib import redirect_stdout

import pytest

from dezero.training import Callback
from dezero.training.progress import EpochDisplay, counted, figures, length, level
from tests.training.toys import blobs, net

X, T = blobs()


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def terminal():
    """A terminal; pytest has its own standard output until the test itself redirects it."""
    return Terminal()


def shown_lines(stream):
    """What stands on each line in the end: a carriage return begins it anew."""
    return [line.split("\r")[-1].rstrip() for line in stream.getvalue().split("\n")]


def test_level(terminal):
    assert [level(v) for v in (0, 1, 2, True, False)] == [0, 1, 2, 1, 0]
    notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    for stream, expected in ((terminal, 1), (io.StringIO(), 2), (notebook, 1), (None, 2)):
        with redirect_stdout(stream):
            assert level("auto") == expected
    with pytest.raises(ValueError, match="verbose: expected 'auto', 0, 1 or 2, got 'loud'. 0 is s"):
        level("loud")


def test_figures_are_single_numbers():
    assert figures({"loss": 0.5, "n": 3, "matrix": [[1]], "text": "x"}) == {"loss": 0.5, "n": 3}


def test_length():
    assert length([1, 2]) == 2 and length(iter([])) is None


def test_one_line_per_epoch_where_there_is_no_terminal(capsys):
    model = net(metrics="accuracy")
    history = model.fit(X, T, epochs=10, validation_data=(X, T)).history
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 10 and "\r" not in "".join(out)
    assert out[0].startswith("Epoch  1/10 2/2 ") and out[9].startswith("Epoch 10/10 2/2 ")
    assert "step/s" in out[0]
    last = {name: f"{name}: {values[-1]:.4f}" for name, values in history.items()}
    assert out[9].endswith(" - ".join(last.values()))


def test_a_bar_in_a_terminal(terminal):
    with redirect_stdout(terminal):
        net(metrics="accuracy").fit(X, T, epochs=2, batch_size=10)
    lines = shown_lines(terminal)
    assert len(lines) == 3 and lines[2] == ""
    for number, line in enumerate(lines[:2], 1):
        assert line.startswith(f"Epoch {number}/2 6/6 [====")
        assert "step/s" in line and " - loss: " in line and " - accuracy: " in line
    assert "0/6 [>" in terminal.getvalue()


def test_generators_show_a_count(terminal):
    with redirect_stdout(terminal):
        net().fit(iter([(X, T), (X, T)]))
    assert shown_lines(terminal)[0].startswith("Epoch 1/1 2 ")


@pytest.mark.parametrize("at", [0, 2])
def test_an_epoch_that_is_cut_short_leaves_its_line(terminal, at):
    class Stop(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == at:
                raise KeyboardInterrupt

    with redirect_stdout(terminal):
        net().fit(X, T, batch_size=10, epochs=3, callbacks=Stop())
    lines = shown_lines(terminal)
    assert lines[0].startswith(f"Epoch 1/3 {at}/6 [")
    assert lines[1] == "Interrupted after 0 complete epochs; the history so far is kept."


def test_nothing_is_computed_for_what_nobody_sees():
    calls = []

    def logs():
        calls.append(1)
        return {"loss": 1.0}

    for verbose in (0, 2):
        display = EpochDisplay(verbose, 3, 100)
        display.begin(0, logs)
        for _ in range(100):
            display.tick()
    assert not calls


def test_counted(terminal):
    with redirect_stdout(terminal), counted([1, 2, 3], 1, "predict") as shown:
        assert list(shown) == [1, 2, 3]
        shown.finish({"loss": 0.25})
    assert shown_lines(terminal)[0].startswith("predict 3/3 [=====")
    assert shown_lines(terminal)[0].endswith("- loss: 0.2500")


@pytest.mark.parametrize(("verbose", "text"), [(0, ""), (1, "predict 1/3"), (2, "")])
def test_counted_that_fails(verbose, text, terminal):
    with pytest.raises(ZeroDivisionError), redirect_stdout(terminal):
        with counted([1, 0, 2], verbose, "predict") as shown:
            for number in shown:
                1 / number
    assert shown_lines(terminal)[0].startswith(text)
    assert bool(terminal.getvalue()) == bool(text)

"""What fit, evaluate and predict show."""

import io
import re
from contextlib import redirect_stdout

import pytest

from dezero.keras.progress import EpochLines, verbosity
from tests.keras.toys import T, X, net

BAR = r"\[={30}\] - \d+s \d+(ms|us|s)/step"
pytestmark = pytest.mark.usefixtures("seeded")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(call, stream=None):
    stream = io.StringIO() if stream is None else stream
    with redirect_stdout(stream):
        call()
    return stream.getvalue()


def fitted(stream=None, **options):
    model = net(metrics=["accuracy"])
    options = {"epochs": 2, "batch_size": 20, **options}
    return shown(lambda: model.fit(options.pop("x", X), options.pop("y", T), **options), stream)


def test_fit():
    lines = fitted(validation_split=0.1).splitlines()
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 4
    figures = r" - loss: \d\.\d{4} - accuracy: \d\.\d{4}"
    val = figures.replace("loss", "val_loss").replace("accuracy", "val_accuracy")
    for line in lines[1::2]:
        assert re.fullmatch("3/3 " + BAR + figures + val, line)


def test_in_a_terminal_the_line_is_drawn_anew():
    text = fitted(Terminal(), epochs=1, batch_size=1)
    assert text.startswith("Epoch 1/1\n\r 1/60 [") and "ETA" in text
    last = text.split("\r")[-1]
    assert re.match("60/60 " + BAR, last) and last.endswith("\n") and last.count("\n") == 1


def test_other_verbosities():
    assert fitted(verbose=0) == ""
    lines = fitted(verbose=2).splitlines()
    pattern = r"3/3 - 0s - loss: \d\.\d{4} - accuracy: \d\.\d{4} - \d+\ws/epoch - \d+\ws/step"
    assert len(lines) == 4 and re.fullmatch(pattern, lines[1])
    assert [verbosity(v) for v in ("auto", True, 1, 2, 0)] == [1, 1, 1, 2, 0]
    with pytest.raises(ValueError, match="verbose: expected"):
        verbosity(3)


def test_an_unknown_length_is_known_after_the_first_epoch():
    def batches():
        while True:
            yield X[:20], T[:20]

    text = fitted(x=iter([(X[:20], T[:20])] * 2), y=None, epochs=1, batch_size=None)
    assert re.match("Epoch 1/1\n2/2 " + BAR, text)
    text = fitted(x=batches(), y=None, steps_per_epoch=4, batch_size=None)
    assert text.count("4/4 [====") == 2


def test_evaluate_and_predict():
    model = net(metrics=["accuracy"])
    line = shown(lambda: model.evaluate(X, T))
    assert re.fullmatch("2/2 " + BAR + r" - loss: \d\.\d{4} - accuracy: \d\.\d{4}\n", line)
    assert re.fullmatch("2/2 " + BAR + "\n", shown(lambda: model.predict(X)))
    assert shown(lambda: model.predict(X, verbose=0)) == ""
    assert re.search("/epoch", shown(lambda: model.evaluate(X, T, verbose=2)))


def test_what_does_not_come_to_its_end():
    def batches():
        yield X, T
        raise ZeroDivisionError

    model, stream = net(), Terminal()
    for call in (model.fit, model.evaluate):
        with redirect_stdout(stream), pytest.raises(ZeroDivisionError):
            call(batches())
    assert stream.getvalue().count("\n") == 3 and stream.getvalue().endswith("\n")
    lines = EpochLines(1, 5, 10)
    text = shown(lambda: lines.interrupted(1))
    assert text == "Interrupted after 1 complete epoch; the history so far is kept.\n"

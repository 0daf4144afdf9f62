"""The examples that need no data: what they print, and the pictures that they write."""

import re
import runpy
import sys

import numpy as np
import pytest
from PIL import Image

from tests.architecture import ROOT

pytestmark = pytest.mark.slow
NAMES = [
    "tanh_graph", "sin_derivatives", "taylor", "newton", "regression", "spiral", "rnn_sine",
    "char_lm",
]  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, seeded):
    """Run an example as a program in a folder of its own; return what it printed."""

    def go(name, *options):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(ROOT / "examples"))
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, options)])
        runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
        sys.modules.pop("devices", None)
        return capsys.readouterr().out

    return go


def numbers(text):
    return [float(word) for word in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


def is_picture(path):
    with Image.open(path) as image:
        assert image.format == "PNG" and image.width > 100
        return np.asarray(image.convert("L")).std() > 10


@pytest.mark.parametrize("name", NAMES)
def test_help(run, name, capsys):
    with pytest.raises(SystemExit) as stop:
        run(name, "--help")
    text = capsys.readouterr().out
    assert stop.value.code == 0 and "--quick" in text and "--out" in text


def test_tanh_graph(run, tmp_path):
    text = run("tanh_graph", "--quick")
    assert is_picture(tmp_path / "runs" / "tanh_graph" / "tanh_order_2.png")
    rows = [line.split() for line in text.splitlines()[1:4]]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    values = [float(row[2]) for row in rows]
    assert values == pytest.approx([0.76159416, 0.41997434, -0.63970001], abs=1e-8)
    assert all(float(row[3]) < 1e-14 for row in rows)
    run("tanh_graph", "--order", 0, "--format", "svg", "--shapes", "--x", 0.5)
    assert ">Tanh<" in (tmp_path / "runs" / "tanh_graph" / "tanh_order_0.svg").read_text()


def test_sin_derivatives(run, tmp_path):
    text = run("sin_derivatives", "--quick")
    errors = [float(word) for word in re.findall(r"at most (\S+) from", text)]
    assert len(errors) == 3 and max(errors) < 1e-14
    for name in ("curves.png", "graph.png"):
        assert is_picture(tmp_path / "runs" / "sin_derivatives" / name)
    text = run("sin_derivatives", "--quick", "--function", "damped", "--range", 0, 1)
    assert "from NumPy" not in text and "y''" in text


def test_taylor(run, tmp_path):
    text = run("taylor", "--x", 0.5, "--threshold", 1e-9)
    sine, expected, slope, its = numbers(text.split("terms:")[1])[:4]
    assert sine == pytest.approx(expected, abs=1e-9) == pytest.approx(np.sin(0.5))
    assert slope == pytest.approx(its, abs=1e-7) == pytest.approx(np.cos(0.5))
    assert all(
        is_picture(tmp_path / "runs" / "taylor" / name) for name in ("graph.png", "sums.png")
    )
    assert "by 2 terms" in run("taylor", "--quick")


def test_newton(run, tmp_path):
    text = run("newton", "--quick")
    (_, slow), (steps, root) = re.findall(r" (\d+) steps to x = (\S+)", text)
    assert float(slow) == pytest.approx(1, abs=1e-8) == float(root) and int(steps) < 10
    (steps, _), (few, end) = re.findall(r" (\d+) steps to (\[.*\])", text)
    assert (int(steps), end) == (500, "[1.0, 1.0]") and int(few) < 10
    assert is_picture(tmp_path / "runs" / "newton" / "paths.png")


def test_newton_says_when_steps_are_too_large(run):
    with pytest.raises(SystemExit, match="--lr 1.0: too large"):
        run("newton", "--quick", "--lr", 1)


def test_regression(run, tmp_path):
    text = run("regression", "--steps", 1500, "--lr", 0.3, "--noise", 0.05)
    slope, height = re.search(r"y = (\S+) x \+ (\S+),", text).groups()
    assert float(slope) == pytest.approx(2, abs=0.1) and float(height) == pytest.approx(5, abs=0.1)
    assert float(re.search(r"network: loss (\S+),", text)[1]) < 0.3
    assert is_picture(tmp_path / "runs" / "regression" / "fits.png")


def test_spiral(run, tmp_path):
    options = ("--hidden", "30,30", "--optimizer", "adam", "--lr", 0.03, "--epochs", 40)
    text = run("spiral", *options)
    assert float(re.search(r"test accuracy (\S+)", text)[1]) > 0.9
    assert is_picture(tmp_path / "runs" / "spiral" / "regions.png")
    assert "20/20" in run("spiral", "--quick")


@pytest.mark.parametrize(
    ("name", "option"), [("tanh_graph", "--order=-1"), ("taylor", "--threshold=0")]
)
def test_wrong_requests_get_one_line(run, name, option, capsys):
    with pytest.raises(SystemExit) as stop:
        run(name, option)
    assert stop.value.code == 2 and f"argument {option.split('=')[0]}: " in capsys.readouterr().err


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru"])
def test_rnn_sine(run, tmp_path, model):
    text = run("rnn_sine", "--quick", "--model", model, "--hidden", 40)
    assert is_picture(tmp_path / "runs" / "rnn_sine" / "curve.png")
    told = float(re.search(r"from true values: error (\d\.\d+)", text)[1])
    lazy = float(re.search(r"that nothing changes: error (\d\.\d+)", text)[1])
    assert told < 0.7 * lazy and "running free, 4 periods: error" in text


@pytest.mark.parametrize("model", ["lstm", "gru", "transformer"])
def test_char_lm(run, tmp_path, model):
    text = run("char_lm", "--quick", "--data", "python", "--model", model, "--out", "here")
    assert is_picture(tmp_path / "here" / "learning.png")
    counting, _, before, after = map(float, re.findall(r"perplexity (\d+\.\d+)", text)[-4:])
    assert after < counting < before
    written = (tmp_path / "here" / "sample.txt").read_text("utf-8")
    assert len(written) == 80 and text.count(written) == 1


def test_char_lm_reads_a_text_or_says_why_not(run, tmp_path):
    (tmp_path / "mine.txt").write_text("abcabd" * 400, "utf-8")
    text = run("char_lm", "--quick", "--data", "mine.txt", "--layers", 1)
    assert "mine.txt: 2,400 characters, 4 different ones" in text
    with pytest.raises(SystemExit, match="--data nothing.txt: .*No such file"):
        run("char_lm", "--data", "nothing.txt")
    (tmp_path / "short.txt").write_text("ab")
    with pytest.raises(SystemExit, match="short.txt: its last tenth is shorter than --times 32"):
        run("char_lm", "--quick", "--data", "short.txt")


@pytest.mark.parametrize(
    ("name", "option"),
    [("char_lm", "--temperature"), ("char_lm", "--times"), ("rnn_sine", "--bptt")],
)
def test_settings_that_cannot_be_are_refused_before_training(run, name, option, capsys):
    with pytest.raises(SystemExit) as stop:
        run(name, "--quick", option, 0)
    assert stop.value.code == 2 and option[2:] in capsys.readouterr().err.splitlines()[-1]

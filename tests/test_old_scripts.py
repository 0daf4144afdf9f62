"""Programs in the manner of old scripts for upstream, of our own; each runs as a script does."""

import math
import runpy
from pathlib import Path

import numpy as np
import pytest

from tests.played import play_datasets

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """A function that runs the script of a name in an empty folder, and gives what it defines."""
    monkeypatch.chdir(tmp_path)
    return lambda name: runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")


def test_spiral(run):
    found = run("spiral")
    assert found["test_acc"] > 0.8 and found["sum_acc"] / 300 > 0.8
    assert set(np.unique(found["regions"])) == {0, 1, 2}


def test_digits(run, monkeypatch, tmp_path, capsys):
    play_datasets(monkeypatch, tmp_path)
    found = run("digits")
    assert capsys.readouterr().out.count("loss: ") == 2
    np.testing.assert_array_equal(found["before"], found["after"])
    assert found["before"].shape == (20, 10)
    again = run("digits")  # goes on from the file
    assert math.isfinite(again["sum_loss"])
    with np.load("net.npz") as file:
        names = {f"{layer}/{kind}" for layer in ("conv1", "fc1", "fc2") for kind in "Wb"}
        names |= {f"bn1/{kind}" for kind in ("gamma", "beta", "avg_mean", "avg_var")}
        assert set(file.files) == names


def test_regression(run):
    found = run("regression")
    np.testing.assert_allclose(found["line"], [2.0, 5.05], atol=0.1)
    assert found["final"] < found["losses"][-1] < found["losses"][0]
    np.testing.assert_array_equal(found["x1"].grad.data, [3])
    np.testing.assert_array_equal(found["table"].grad.data, np.ones((2, 3)))
    np.testing.assert_array_equal(found["rows"].grad.data, [[2, 2, 2], [1, 1, 1]])
    np.testing.assert_array_equal(found["kept"], np.ones(5))


def test_newton(run):
    found = run("newton")
    assert found["root"] == pytest.approx(1)
    xs = np.linspace(-7, 7, 50)
    for got, expected in zip(
        found["logs"], (np.sin(xs), np.cos(xs), -np.sin(xs), -np.cos(xs)), strict=True
    ):
        np.testing.assert_allclose(got, expected, atol=1e-12)
    y = math.tanh(1)
    assert found["third"] == pytest.approx(-2 * (1 - y * y) * (1 - 3 * y * y))
    assert Path("tanh.svg").read_text().startswith("<")
    assert found["mixed"] == 100
    np.testing.assert_allclose(found["series"], [0.5**0.5] * 2)
    first, second = found["own"]
    np.testing.assert_allclose(first, [1, 1])
    np.testing.assert_allclose(second, [1, math.e])


def test_simple(run):
    found = run("simple")
    np.testing.assert_allclose(found["slopes"], [0.04, 0.04])
    assert type(found["slope"]) is np.ndarray and found["slope"] == pytest.approx(0.5**0.5)
    assert found["text"].startswith("digraph g") and found["text"].count("Pow") == 2
    assert Path("matyas.png").read_bytes().startswith(b"\x89PNG")
    assert float(found["root"].data) == pytest.approx(1) and found["free"] is None


def test_sine_rnn(run):
    found = run("sine_rnn")
    assert found["losses"][1] < found["losses"][0] < 1
    assert len(found["predictions"]) == 100 and np.isfinite(found["predictions"]).all()


def test_sine_lstm(run):
    losses = run("sine_lstm")["losses"]
    assert losses[-1] < 0.7 * losses[0]


def test_penalty(run):
    found = run("penalty")
    assert abs(found["slopes"][-1] - 1) < 0.3
    assert found["distance"] > 1


def test_gan(run):
    found = run("gan")
    assert found["picture"].shape == (6, 6) and 0 <= found["picture"].min() <= 1
    assert found["d_losses"][-1] < found["d_losses"][0]


def test_vae(run):
    found = run("vae")
    assert np.mean(found["losses"][-5:]) < 0.8 * np.mean(found["losses"][:5])
    assert found["names"] == ["W", "b"]


def test_pictures(run):
    found = run("pictures")
    assert found["heatmap"].shape == (2, 2) and found["heatmap"].min() >= 0
    assert found["losses"][-1] < found["losses"][0]
    assert found["result"].size == (32, 32)


@pytest.mark.slow
def test_vgg(run):
    found = run("vgg")
    assert found["y"].shape == (1, 1000) and isinstance(found["label"], str)
    assert Path("vgg.pdf").read_bytes().startswith(b"%PDF")

"""The examples, run as a user runs them: on drawn garments, in processes of their own."""

import csv
import importlib.util
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import dezero
import dezero.functions as F
from dezero.backend import random
from dezero.datasets import SyntheticFashion
from dezero.optimizers import Nesterov
from tests.architecture import ROOT

pytestmark = pytest.mark.slow
PICTURES = {"confusion.png", "history.png", "predictions.png"}
RESULTS = {*PICTURES, "history.csv", "model.dz"}


def run(example, *options, cwd, expect=0):
    """Run an example offline and without real data; return what it printed."""
    nowhere = str(cwd / "nowhere")
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1",
        "HOME": nowhere, "DEZERO_CACHE": nowhere, "MPLBACKEND": "Agg",
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "examples" / example), *map(str, options)]
    done = subprocess.run(command, cwd=cwd, env=environment, text=True, capture_output=True)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + (done.stderr if expect else "")


def train(*options, cwd, **more):
    return run("fashion_mlp.py", "--data", "synthetic", *options, cwd=cwd, **more)


def figures(folder):
    """The rows of history.csv: the figures to the last digit."""
    with open(folder / "history.csv", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """What the example prints and writes without options, but for fewer epochs."""
    folder = tmp_path_factory.mktemp("plain")
    return train("--epochs", 2, cwd=folder), folder / "runs" / "fashion_mlp"


def test_it_prints_and_writes_what_it_should(plain):
    text, out = plain
    assert {path.name for path in out.iterdir()} == RESULTS
    assert 'Sequential "fashion_mlp"' in text and "Parameters: 101,770" in text
    epochs = re.findall(r"Epoch \d/2 1875/1875 .* - loss: \d\.\d+ - synthetic_accuracy: ", text)
    assert len(epochs) == 2
    accuracy = float(re.search(r"test accuracy (0\.\d+), loss .* \(synthetic\)", text)[1])
    assert accuracy > 0.9
    assert re.search(r"\d+\.\d\d s per epoch \(median\)", text)
    assert f"results (synthetic) are in {os.path.join('runs', 'fashion_mlp')}" in text


def test_the_files_are_what_they_are_called(plain):
    text, out = plain
    for name in PICTURES:
        with Image.open(out / name) as image:
            assert image.format == "PNG" and image.width > 800
            assert np.asarray(image.convert("L")).std() > 10
    head, *rows = figures(out)
    assert head == ["epoch", "loss", "synthetic_accuracy", "val_loss", "val_synthetic_accuracy"]
    assert [row[0] for row in rows] == ["0", "1"]
    model = dezero.load_model(out / "model.dz")
    assert model.history.epoch == [0, 1]
    last = model.history.history["val_synthetic_accuracy"][-1]
    assert f"test accuracy {last:.4f}" in text and float(rows[-1][-1]) == last


def test_same_seed_same_figures(plain, tmp_path):
    train("--epochs", 1, "--no-plots", "--out", tmp_path, cwd=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == RESULTS - PICTURES
    assert figures(tmp_path) == figures(plain[1])[:2]


def test_resuming_changes_no_figure(tmp_path):
    options = ("--hidden", "32,16", "--dropout", 0.3, "--optimizer", "momentum", "--no-plots",
               "--batch-size", 500, "--seed", 7, "--validation-split", 0.2)  # fmt: skip
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(*options, "--epochs", 3, "--out", whole, cwd=tmp_path)
    train(*options, "--epochs", 1, "--out", parts, cwd=tmp_path)
    with open(parts / "history.csv", "a") as file:
        file.write("1,9,9,9,9\n")  # of an epoch that was killed before it was saved
    text = train(*options, "--epochs", 3, "--out", parts, "--resume", cwd=tmp_path)
    assert "Going on after epoch 1" in text and "Epoch 1/3" not in text
    assert figures(parts) == figures(whole) and len(figures(whole)) == 4
    a, b = (dezero.load_model(folder / "model.dz") for folder in (parts, whole))
    for one, other in zip(a.params(), b.params(), strict=True):
        assert np.array_equal(one.data, other.data)
    assert a.history.history == b.history.history


def test_all_other_options(tmp_path):
    text = train(
        "--epochs", 1, "--batch-size", 600, "--hidden", "24,12", "--dropout", 0.1,
        "--optimizer", "nesterov", "--lr", 0.02, "--activation", "sigmoid", "--device", "cpu",
        "--seed", 3, "--out", "here", "--no-plots", "--validation-split", 0.5,
        cwd=tmp_path,
    )  # fmt: skip
    assert "Epoch 1/1 50/50" in text and "images kept apart" in text
    model = dezero.load_model(tmp_path / "here" / "model.dz")
    assert [type(layer).__name__ for layer in model] == [
        "Linear", "Activation", "Dropout", "Linear", "Activation", "Linear"
    ]  # fmt: skip
    assert [model[i].out_size for i in (0, 3, 5)] == [24, 12, 10]
    assert model[1].activation is F.sigmoid and model[2].dropout_ratio == 0.1
    assert type(model.optimizer) is Nesterov and model.optimizer.lr == 0.02


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_every_optimizer_learns_at_its_own_rate(name, monkeypatch, seeded):
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    spec = importlib.util.spec_from_file_location("fashion_mlp", ROOT / "examples/fashion_mlp.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    monkeypatch.setattr(sys, "argv", ["fashion_mlp.py", "--optimizer", name, "--hidden", "32"])
    model = example.build_model(example.parse_arguments(), "accuracy")
    x, t = SyntheticFashion(size=3000)[:]
    random.seed(0)
    history = model.fit(x, t, epochs=3, verbose=0).history
    assert history["accuracy"][-1] > 0.6


def test_early_stopping_keeps_images_apart_and_the_best_weights(tmp_path):
    text = train(
        "--epochs", 30, "--batch-size", 3000, "--hidden", 8, "--lr", 0.5,
        "--early-stopping", 1, "--no-plots", "--out", tmp_path, cwd=tmp_path,
    )  # fmt: skip
    assert "Early stopping needs validation" in text and "Restored the weights of the best" in text
    assert 2 <= len(figures(tmp_path)) - 1 < 30


def test_without_data_and_network_it_says_so(tmp_path):
    """Nothing may be found: neither the Debian package nor a mirror."""
    blocked = tmp_path / "sitecustomize.py"
    blocked.write_text(
        "import dezero.datasets.mnist as m\n"
        "from dezero.datasets import DataNotFound\n"
        "def load(*args):\n"
        "    raise DataNotFound('Fashion-MNIST: expected it somewhere, got nothing. Stay calm.')\n"
        "m.load = load\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    script = str(ROOT / "examples" / "fashion_mlp.py")
    options = ["--epochs", "1", "--batch-size", "600", "--no-plots", "--out", str(tmp_path / "o")]

    def go(*more):
        command = [sys.executable, script, *options, *more]
        return subprocess.run(command, env=environment, text=True, capture_output=True)

    done = go()
    line = "Fashion-MNIST was neither found nor reachable: training on synthetic garments.\n"
    assert done.returncode == 0 and done.stdout.startswith(line), done.stderr
    assert "(synthetic)" in done.stdout and "synthetic_accuracy" in done.stdout
    refused = go("--data", "real")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Fashion-MNIST: expected it somewhere, got nothing. Stay")
    assert "Traceback" not in refused.stderr


def test_wrong_requests_get_one_line(plain, tmp_path):
    text = train("--resume", "--out", tmp_path, cwd=tmp_path, expect=1)
    assert "--resume: there is no" in text and "Traceback" not in text
    text = train("--device", "gpu", "--out", tmp_path, cwd=tmp_path, expect=1)
    assert "--device gpu: " in text and "Traceback" not in text
    text = train("--hidden", "a,b", cwd=tmp_path, expect=2)
    assert "argument --hidden: invalid widths value: 'a,b'" in text


def test_short_runs_need_no_data(tmp_path):
    text = run("fashion_mlp.py", "--quick", cwd=tmp_path)
    assert float(re.search(r"test accuracy (0\.\d+), .*synthetic", text)[1]) > 0.7
    assert {path.name for path in (tmp_path / "runs/fashion_mlp").iterdir()} == RESULTS
    text = run("book_loop.py", "--quick", cwd=tmp_path)
    assert "epoch 2" not in text
    assert float(re.search(r"epoch 1: .* test accuracy (0\.\d+)", text)[1]) > 0.7


def test_the_books_loop(tmp_path):
    lines = (ROOT / "examples" / "book_loop.py").read_text().splitlines()
    assert len(lines) < 40
    text = run("book_loop.py", "--epochs", 1, cwd=tmp_path)
    accuracy = float(re.search(r"epoch 1: loss \d\.\d+, test accuracy (0\.\d+)", text)[1])
    assert accuracy > 0.8

"""The examples about pictures, run as programs on drawn garments and random weights."""

import functools
import re
import runpy
import sys

import numpy as np
import pytest
from PIL import Image

import dezero
from dezero.models import VGG16
from tests.architecture import ROOT

pytestmark = pytest.mark.slow
EXAMPLES = ROOT / "examples"
PICTURES = {
    "cats_and_dogs": {"curves.png", "variations.png"},
    "drawings": {"landscape.png", "strokes.png"},
    "gan": {"loss.png", "samples.png"},
    "grad_cam": {"heat.png"},
    "mnist_cnn": {"confusion.png", "first_layer.png", "history.png", "predictions.png"},
    "style_transfer": {"painted.png", "panels.png"},
    "transfer_learning": {"accuracy.png"},
    "vae": {"loss.png", "samples.png"},
    "vgg16_predict": {"picture.png", "vgg16.png"},
}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, seeded):
    """Run an example as a program in a folder of its own; return what it printed."""

    def go(name, *options):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(EXAMPLES))
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, options)])
        state = np.random.get_state()
        try:
            runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        finally:
            # keras.utils.set_random_seed seeds NumPy's generator too.
            np.random.set_state(state)
        for neighbour in ("devices", "drawings", "drawn_pets"):
            sys.modules.pop(neighbour, None)
        return capsys.readouterr().out

    return go


@pytest.fixture
def weights(tmp_path, monkeypatch, seeded):
    """A file with weights of a VGG16 a sixteenth as wide, which VGG16 then stands for."""
    dezero.seed(0)
    model = VGG16(width=1 / 16)
    model.build((3, 224, 224))
    path = tmp_path / "vgg16.npz"
    model.save_weights(path)
    monkeypatch.setattr("dezero.models.VGG16", functools.partial(VGG16, width=1 / 16))
    return path


@pytest.fixture
def photograph(tmp_path):
    """A picture in colours, not square."""
    path = tmp_path / "photograph.png"
    pixels = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def check_pictures(folder, name):
    out = folder / "runs" / name
    assert {path.name for path in out.iterdir() if path.suffix == ".png"} == PICTURES[name]
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            assert image.format == "PNG" and np.asarray(image.convert("L")).std() > 5


def figure(pattern, text):
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])


@pytest.mark.parametrize("name", PICTURES)
def test_help(run, name, capsys):
    with pytest.raises(SystemExit) as stop:
        run(name, "--help")
    text = capsys.readouterr().out
    assert stop.value.code == 0 and "--out" in text
    assert "--quick" in text or name == "drawings"


def test_cats_and_dogs(run, tmp_path):
    text = run("cats_and_dogs", "--quick")
    check_pictures(tmp_path, "cats_and_dogs")
    assert text.count("Found 16 images belonging to 2 classes.\n") == 4
    assert text.count("\nEpoch 2/2\n") == 2
    assert 0 <= figure(r"varied, with dropout: accuracy \S+ in training, (\S+) on", text) <= 1


def test_cats_and_dogs_of_a_folder(run, tmp_path):
    rng = np.random.default_rng(0)
    for part in ("train", "validation"):
        for kind in ("a", "b"):
            folder = tmp_path / "photographs" / part / kind
            folder.mkdir(parents=True)
            for i in range(3):
                pixels = rng.integers(0, 256, (50, 60, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{i}.png")
    text = run("cats_and_dogs", "--data", "photographs", "--quick", "--out", "out")
    assert text.count("Found 6 images belonging to 2 classes.\n") == 4
    assert {path.name for path in (tmp_path / "out").iterdir()} == PICTURES["cats_and_dogs"]


def test_mnist_cnn(run, tmp_path):
    text = run("mnist_cnn", "--quick")
    check_pictures(tmp_path, "mnist_cnn")
    accuracy = figure(r"Drawn garments \(synthetic\): test accuracy (\S+), loss", text)
    assert accuracy > 0.7 and f"val_accuracy: {accuracy:.4f}" in text
    model = dezero.load_model(tmp_path / "runs" / "mnist_cnn" / "model.dz")
    assert model.count_params() == 421_642 and "Parameters: 421,642" in text


def test_vae(run, tmp_path):
    text = run("vae", "--quick", "--latent", 2)
    check_pictures(tmp_path, "vae")
    total = figure(r"= (\S+) nats per picture", text)
    assert total < 784 * np.log(2)  # what a model gives that calls every pixel grey


def test_gan(run, tmp_path):
    text = run("gan", "--quick")
    check_pictures(tmp_path, "gan")
    assert "Epoch 1/1 19/19" in text


def test_grad_cam(run, tmp_path):
    text = run("grad_cam", "--quick")
    check_pictures(tmp_path, "grad_cam")
    assert figure(r"test accuracy (\S+), one", text) > 0.2
    assert figure(r"(\d+) of 80 garments", text) > 24  # chance finds a quarter


def test_style_transfer(run, tmp_path):
    run("style_transfer", "--quick")
    check_pictures(tmp_path, "style_transfer")


def test_transfer_learning(run, tmp_path):
    text = run("transfer_learning", "--quick")
    check_pictures(tmp_path, "transfer_learning")
    assert figure(r"first five classes: test accuracy (\S+)", text) > 0.8
    frozen = re.search(r"features learnt before, frozen +(\S+) +(\S+)", text)
    assert float(frozen[2]) > 0.2


def test_vgg16_predict(run, tmp_path):
    text = run("vgg16_predict", "--quick", "--runs", 1)
    check_pictures(tmp_path, "vgg16_predict")
    assert "means nothing" in text and "fc8 (Linear)" in text and "ms for one picture" in text


def test_vgg16_predict_with_weights(run, tmp_path, weights, photograph):
    text = run("vgg16_predict", photograph, "--weights", weights, "--runs", 1)
    check_pictures(tmp_path, "vgg16_predict")
    best = [float(share) for share in re.findall(r"^ *(\d+\.\d)% \w", text, re.MULTILINE)]
    assert len(best) == 5 and best == sorted(best, reverse=True) and "nothing" not in text


def test_grad_cam_with_weights(run, tmp_path, weights, photograph):
    text = run("grad_cam", "--weights", weights, "--image", photograph)
    check_pictures(tmp_path, "grad_cam")
    assert len(re.findall(r"^ *\d+\.\d% \w", text, re.MULTILINE)) == 3


def test_style_transfer_with_weights(run, tmp_path, weights, photograph):
    options = ("--content", photograph, "--style", photograph, "--side", 96, "--steps", 2)
    run("style_transfer", "--weights", weights, *options)
    with Image.open(tmp_path / "runs" / "style_transfer" / "painted.png") as image:
        assert image.size == (90, 60)


def test_transfer_learning_with_weights(run, tmp_path, weights):
    text = run("transfer_learning", "--quick", "--weights", weights)
    assert re.search(r"features of VGG16, frozen +0\.\d+ +0\.\d+", text)


def test_same_seed_same_picture(run, tmp_path):
    run("gan", "--quick", "--out", "a")
    run("gan", "--quick", "--out", "b")
    a, b = (np.asarray(Image.open(tmp_path / name / "samples.png")) for name in "ab")
    assert np.array_equal(a, b)


def test_weights_that_are_not_there(run, capsys):
    with pytest.raises(SystemExit) as stop:
        run("grad_cam", "--weights", "vgg16.npz")
    assert stop.value.code == 2
    assert "--weights and --image belong together" in capsys.readouterr().err

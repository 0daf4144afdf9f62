"""The examples with --device gpu on the double: the figures and pictures of the CPU's runs."""

import functools
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dezero
from dezero import DataLoader, cuda, datasets
from dezero.backend import transfers
from dezero.layers import Linear
from dezero.models import VGG16
from tests.architecture import ROOT, sources
from tests.strict_device import StrictArray, strict_gpu

EXAMPLES = ROOT / "examples"
NEIGHBOURS = ("devices", "drawings", "drawn_pets")
WITH_NETWORKS = {
    "book_loop": (), "cats_and_dogs": (), "char_lm": ("--data", "text.txt"),
    "fashion_mlp": ("--no-plots",), "gan": (), "grad_cam": (), "mnist_cnn": (),
    "regression": ("--steps", "50"),
    "rnn_sine": ("--hidden", "8", "--epochs", "2", "--period", "20"), "spiral": ("--epochs", "3"),
    "style_transfer": (), "transfer_learning": (), "vae": (), "vgg16_predict": ("--runs", "1"),
}  # fmt: skip
OTHER_KINDS = {
    "gru": ("char_lm", "--model", "gru"), "transformer": ("char_lm", "--model", "transformer"),
    "rnn": ("rnn_sine", "--model", "rnn"),
    "gru of a curve": ("rnn_sine", "--model", "gru"),
}  # fmt: skip
VGG = {
    "grad_cam": ("--image", "photograph.png"),
    "style_transfer": ("--content", "photograph.png", "--side", "96", "--steps", "1"),
    "transfer_learning": (),
    "vgg16_predict": ("photograph.png", "--runs", "1"),
}
TIMES = re.compile(r"\d+(\.\d+)?(e[+-]\d+)? ?(ms|s|\w+/s|ms/\w+)\b")


@pytest.fixture
def beside(monkeypatch):
    """Let the examples find each other, as Python lets programs of one folder."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    for name in NEIGHBOURS:
        sys.modules.pop(name, None)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, seeded, beside):
    """Run an example as a program, on few garments; return its last lines and its pictures."""
    monkeypatch.setattr(datasets, "load_fashion", functools.partial(few, datasets.load_fashion))
    (tmp_path / "text.txt").write_text("abcabd" * 200, "utf-8")
    photograph = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(photograph).save(tmp_path / "photograph.png")

    def go(name, *options):
        folder = tmp_path / f"run{len(list(tmp_path.glob('run*')))}"
        folder.mkdir()
        monkeypatch.chdir(tmp_path)
        out = () if name == "book_loop" else ("--out", str(folder))
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *options, *out])
        state = np.random.get_state()
        try:
            runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        finally:
            np.random.set_state(state)  # keras.utils.set_random_seed seeds NumPy's generator too
        said = TIMES.sub("", capsys.readouterr().out.replace(str(folder), ""))
        shown = [line.rpartition("\r")[2] for line in said.splitlines()]
        pictures = {path.name: np.asarray(Image.open(path)) for path in folder.glob("*.png")}
        return "\n".join(shown), pictures

    return go


def few(load, *args, size=None, **options):
    return load("synthetic", *args[1:], size=300, **options)


def numbers(text):
    return [float(word) for word in re.findall(r"-?\d+\.\d+", text)]


def check_on_both(run, *options):
    expected, pictures = run(*options, "--device", "cpu")
    with strict_gpu(), transfers() as moved:
        found, drawn = run(*options, "--device", "gpu")
    assert moved.from_host and moved.to_host
    assert re.sub(r"\d", "", found) == re.sub(r"\d", "", expected)
    np.testing.assert_allclose(numbers(found), numbers(expected), rtol=0.02, atol=0.02)
    assert drawn.keys() == pictures.keys()
    for name, picture in pictures.items():
        assert np.abs(drawn[name].astype(float) - picture).mean() < 2, name


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*WITH_NETWORKS} - {"vgg16_predict"}))
def test_figures_and_pictures_are_the_cpus(name, run):
    check_on_both(run, name, "--quick", *WITH_NETWORKS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHER_KINDS)
def test_other_networks(name, run):
    example, *options = OTHER_KINDS[name]
    check_on_both(run, example, "--quick", *WITH_NETWORKS[example], *options)


@pytest.mark.slow
@pytest.mark.parametrize("name", VGG)
def test_with_weights_of_vgg16(name, run, tmp_path, monkeypatch):
    dezero.seed(0)
    model = VGG16(width=1 / 16)
    model.build((3, 224, 224))
    model.save_weights(tmp_path / "vgg16.npz")
    monkeypatch.setattr("dezero.models.VGG16", functools.partial(VGG16, width=1 / 16))
    # In its quick mode the one leaves the weights out, the other makes pictures too small for them.
    quick = () if name in ("vgg16_predict", "style_transfer") else ("--quick",)
    check_on_both(run, name, *quick, "--weights", "vgg16.npz", *VGG[name])


@pytest.mark.slow
@pytest.mark.skipif(cuda.available(), reason="there is a GPU")
@pytest.mark.parametrize("name", WITH_NETWORKS)
def test_without_a_gpu_one_line_says_so(name, run):
    with pytest.raises(SystemExit, match=r"^--device gpu: to_gpu: expected a usable GPU, got none"):
        run(name, "--quick", *WITH_NETWORKS[name], "--device", "gpu")


def test_each_example_with_a_network_has_the_option_and_none_its_own():
    found = {Path(s.path).stem: s.text for s in sources("examples")}
    found = {name: text for name, text in found.items() if name not in NEIGHBOURS}
    computes = re.compile(r"\b(optimizers|models|keras)\b")
    assert {name for name, text in found.items() if computes.search(text)} == {*WITH_NETWORKS}
    for name, text in found.items():
        assert ("add_device(parser)" in text) == (name in WITH_NETWORKS), name
        assert ("place(" in text and '"--device"' not in text) or name not in WITH_NETWORKS, name


def test_what_the_option_moves(beside, monkeypatch):
    import devices  # pyright: ignore[reportMissingImports]

    model, x = Linear(2, in_size=3), np.zeros((4, 3), "f4")
    assert type(devices.place("cpu", model)(x)) is np.ndarray
    with strict_gpu():
        monkeypatch.setattr(cuda, "available", lambda: True)
        loader = DataLoader(x, 2)
        there = devices.place("auto", model, loader)
        for array in (model.W.data, there(x), next(iter(loader)), devices.place("gpu")(x)):
            assert type(array) is StrictArray
        model.to_cpu()
    monkeypatch.setattr(cuda, "available", lambda: False)
    assert type(devices.place("auto", model)(x)) is type(model.W.data) is np.ndarray

"""The drawn cats and dogs: folders as the tutorials have them, the same in every run."""

import runpy
import sys

import numpy as np
import pytest
from PIL import Image

from tests.architecture import ROOT


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    def go(*options):
        monkeypatch.setattr(sys, "argv", ["drawn_pets.py", *map(str, options)])
        runpy.run_path(str(ROOT / "examples" / "drawn_pets.py"), run_name="__main__")
        return capsys.readouterr().out

    return go


def files(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.jpg")}


def test_folders(run, tmp_path):
    text = run("--train", 3, "--validation", 1, "--out", tmp_path / "a")
    assert f"train: 6 pictures in {tmp_path / 'a' / 'train'}" in text
    run("--train", 2, "--validation", 1, "--out", tmp_path / "b")
    first, second = files(tmp_path / "a"), files(tmp_path / "b")
    assert sorted(second) == [
        "train/cats/cat.0.jpg", "train/cats/cat.1.jpg", "train/dogs/dog.0.jpg",
        "train/dogs/dog.1.jpg", "validation/cats/cat.0.jpg", "validation/dogs/dog.0.jpg",
    ]  # fmt: skip
    assert all(first[name] == data for name, data in second.items())
    assert len(set(first.values())) == 8
    for path in (tmp_path / "a").rglob("*.jpg"):
        with Image.open(path) as image:
            assert image.format == "JPEG" and image.size == (150, 150)
            assert np.asarray(image).std() > 10


def test_help(run, capsys):
    with pytest.raises(SystemExit) as stop:
        run("--help")
    text = capsys.readouterr().out
    assert stop.value.code == 0 and "--quick" in text and "--out" in text


def test_kinds_differ_in_the_ears_alone():
    module = runpy.run_path(str(ROOT / "examples" / "drawn_pets.py"))
    pictures = [
        np.asarray(module["pet"](kind, np.random.default_rng(1))).astype(int) for kind in
        module["CLASSES"]
    ]  # fmt: skip
    different = np.abs(pictures[0] - pictures[1]).max(axis=2) > 60
    assert 0.005 < different.mean() < 0.3

"""Folders of small pictures, and what real Keras made of others."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.preprocessing.recorded.record_keras_images import picture

__all__ = ["picture"]

RED, GREEN, BLUE = (200, 10, 20), (10, 200, 20), (20, 10, 200)


@pytest.fixture(scope="session")
def recorded():
    with np.load(Path(__file__).parent / "recorded" / "keras_images.npz") as file:
        return dict(file)


@pytest.fixture
def folder(tmp_path):
    """root/cat (3 red pictures, one deeper), root/dog (2 green ones), root/empty."""
    files = {
        "cat/b.png": Image.new("RGB", (8, 6), RED),
        "cat/A.JPG": Image.new("RGB", (8, 6), RED),
        "cat/deep/c.png": Image.new("RGB", (8, 6), RED),
        "dog/2.png": Image.new("RGB", (8, 6), GREEN),
        "dog/10.png": Image.new("RGBA", (8, 6), (*GREEN, 128)),
    }
    for name, image in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    (tmp_path / "root/empty").mkdir()
    (tmp_path / "root/.ipynb_checkpoints").mkdir()
    for name in ("readme.txt", "cat/notes.txt", "cat/._b.png", ".ipynb_checkpoints/x.png"):
        (tmp_path / "root" / name).write_text("no picture")
    return tmp_path / "root"

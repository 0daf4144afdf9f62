"""Published data sets played by a few arrays and pictures, for tests that walk all data sets."""

import numpy as np
from PIL import Image

from dezero.datasets import cifar, mnist, text

COUNT = 20


def play_datasets(monkeypatch, folder):
    """Let MNIST, CIFAR and Shakespeare load arrays, and put picture folders into DEZERO_DATA."""
    numbers = np.arange(COUNT)
    grey = np.uint8(numbers).repeat(784).reshape(COUNT, 28, 28)
    colour = np.uint8(numbers).repeat(3072).reshape(COUNT, 3, 32, 32)
    monkeypatch.setattr(mnist, "load", lambda *args: (grey, np.uint8(numbers % 10)))

    def load(files, *args):
        return colour, np.stack([np.uint8(numbers % most) for most in files.classes], axis=1)

    monkeypatch.setattr(cifar, "load", load)
    monkeypatch.setattr(text, "load", lambda *args: "To be, or not to be")
    monkeypatch.setenv("DEZERO_DATA", str(folder))
    for name in (
        "folder/cat",
        "folder/dog",
        "imagenet/train/n01440764",
        "imagenet/train/n02391049",
    ):
        (folder / name).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (6, 5), (i, len(name), 9)).save(folder / name / f"{i}.png")

"""What the convnet tutorial tells of overfitting, in figures: examples/cats_and_dogs.py, measured.

The two classes are drawn; they differ in their ears. The tutorial's network learns a few of them
as they are, then varied and with dropout, and is asked about others after every epoch.
"""

import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.architecture import ROOT

EXAMPLES = ROOT / "examples"
WAYS = (("plain", False), ("varied", True))
LAST = 2


def example() -> dict[str, Any]:
    """The names of the example, which finds its neighbours in the folder."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        return runpy.run_path(str(EXAMPLES / "cats_and_dogs.py"))
    finally:
        sys.path.remove(str(EXAMPLES))
        for neighbour in ("devices", "drawn_pets"):
            sys.modules.pop(neighbour, None)


def tell(histories: dict[str, dict[str, list[float]]]) -> dict[str, float]:
    """The figures of a story: means of the last epochs; losses grow from their least ones."""
    told = {}
    for name, history in histories.items():
        train, unseen = (float(np.mean(history[key][-LAST:])) for key in ("acc", "val_acc"))
        loss = history["val_loss"]
        told |= {
            f"{name} train": train,
            f"{name} validation": unseen,
            f"{name} gap": train - unseen,
            f"{name} loss growth": float(np.mean(loss[-LAST:])) / min(loss),
        }
    told["gain"] = told["varied validation"] - told["plain validation"]
    return told


def pets(counts: tuple[int, int] | None = None, **options: int) -> dict[str, float]:
    """Draw pictures, train on them in both ways and return the story's figures.

    Args:
        counts: pictures of each class for training and for validation; the example's unless given.
        options: epochs, steps and side, the example's unless given.
    """
    names = example()
    with tempfile.TemporaryDirectory() as folder:
        names["draw_folders"](Path(folder), counts or names["PICTURES"])
        return tell({
            name: names["learn"](Path(folder), varied, verbose=0, **options)
            for name, varied in WAYS
        })  # fmt: skip

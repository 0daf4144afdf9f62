"""What the tutorials import besides Keras, small: sklearn's train_test_split."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["provide_sklearn", "train_test_split"]


def train_test_split(
    *arrays: Any, test_size: float = 0.25, random_state: int | None = None
) -> list[Any]:
    """Split arrays along their first axis as sklearn does: the same rows for the same seed."""
    count = len(arrays[0])
    tail = int(np.ceil(count * test_size))
    rng = np.random.RandomState(random_state)  # noqa: TID251 - the rows that sklearn chooses
    order = rng.permutation(count)
    test, train = order[:tail], order[tail:]
    return [part for array in arrays for part in (array[train], array[test])]


def provide_sklearn(monkeypatch: Any) -> None:
    """Let `from sklearn.model_selection import train_test_split` find the one above."""
    package, selection = ModuleType("sklearn"), ModuleType("sklearn.model_selection")
    vars(selection)["train_test_split"] = train_test_split
    vars(package)["model_selection"] = selection
    monkeypatch.setitem(sys.modules, "sklearn", package)
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", selection)

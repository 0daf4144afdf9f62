"""Tables of numbers as Keras publishes them, mixed and parted by its own generator."""

from typing import Any

import numpy as np

from dezero.keras.datasets.arrays import Split
from dezero.keras.utils.files import get_file

__all__ = ["loaded_table"]

PUBLISHED = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def loaded_table(
    path: str, name: str, sha256: str, *, test_split: float, seed: int, most: int | None = None
) -> Split:
    """Return ((x_train, y_train), (x_test, y_test)) of a published file with x and y.

    Args:
        path: its name below ~/.keras/datasets.
        name, sha256: of the published file.
        test_split: the part that is for the test.
        seed: of the order.
        most: rows that are taken, None for all.
    Raises:
        ValueError: test_split is no part, or the file is another one.
    """
    if not 0 <= test_split < 1:
        raise ValueError(
            f"load_data: expected 0 <= test_split < 1, got {test_split}. It is a part, such as 0.2."
        )
    found = get_file(path, origin=f"{PUBLISHED}{name}", file_hash=sha256)
    with np.load(found, allow_pickle=False) as file:
        x, y = file["x"][:most], file["y"][:most]
    # Keras's order, so that the same rows are the test's.
    order: Any = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)  # noqa: TID251
    x, y = x[order], y[order]
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])

"""Our data sets as Keras gives them: all of both parts as arrays of bytes, channels last."""

import os
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Split", "folder_of", "loaded"]

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def loaded(kind: Any, root: Any = None, **options: Any) -> Split:
    """Return ((x_train, y_train), (x_test, y_test)) of one of `dezero.datasets`.

    Pictures of one channel are (N, H, W) and their labels (N,); others (N, H, W, C) and (N, 1).
    """
    parts = []
    for train in (True, False):
        found = kind(train, None, root=root, **options)
        pictures = np.moveaxis(found.data, 1, -1)
        labels = np.array(found.label, np.uint8)
        if pictures.shape[-1] == 1:
            pictures = pictures[..., 0]
        else:
            labels = labels.reshape(-1, 1)
        parts.append((np.array(pictures, np.uint8), labels))
    return parts[0], parts[1]


def folder_of(path: Any) -> str | None:
    """Return the folder of a file that Keras's `path` names; None for a bare name."""
    folder = Path(os.path.expanduser(path)).parent if path else Path()
    return None if folder == Path() else str(folder)

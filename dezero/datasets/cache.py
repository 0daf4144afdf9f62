"""A data set's arrays kept in the cache folder, so that its source is unpacked once."""

import os
from pathlib import Path

import numpy as np

from dezero.io import cache_dir, load_npz, save_npz

__all__ = ["load_cache_npz", "save_cache_npz"]


def load_cache_npz(
    filename: str, train: bool = False, label_type: str | None = None
) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """Return what `save_cache_npz` kept under the same arguments.

    Args:
        filename: name or address of the source; what follows the last slash counts.
        train: the training or the test part.
        label_type: which of several kinds of labels, such as "fine".
    Returns:
        (data, label), or (None, None) if there is no such file.
    Raises:
        ValueError: the file is damaged or holds other arrays.
    """
    path = _path("load_cache_npz", filename, train, label_type)
    if not path.exists():
        return None, None
    arrays = load_npz(path)
    if set(arrays) != {"data", "label"}:
        raise ValueError(
            f"load_cache_npz: expected the arrays data and label in {path}, got {sorted(arrays)}. "
            "Delete the file; it will be made anew."
        )
    return arrays["data"], arrays["label"]


def save_cache_npz(
    data: np.ndarray,
    label: np.ndarray,
    filename: str,
    train: bool = False,
    label_type: str | None = None,
) -> str | None:
    """Keep `data` and `label` in the cache folder, whole or not at all.

    Args:
        data, label: arrays.
        filename, train, label_type: as in load_cache_npz.
    Returns:
        The path of the new file, or None if there was one already: that is left as it is.
    """
    path = _path("save_cache_npz", filename, train, label_type)
    if path.exists():
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    save_npz(path, {"data": data, "label": label})
    return os.fspath(path)


def _path(caller: str, filename: str, train: bool, label_type: str | None) -> Path:
    name = filename.replace("\\", "/").rpartition("/")[2]
    kind = "" if label_type is None else f".{label_type}"
    if not name or set(kind) & set("/\\\0"):
        raise ValueError(
            f"{caller}: expected the name of a file and a plain word as label_type, got "
            f"{filename!r} and {label_type!r}. Give the address of the source, say."
        )
    return cache_dir() / f"{name}{kind}.{'train' if train else 'test'}.npz"

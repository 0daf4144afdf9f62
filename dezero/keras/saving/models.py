"""Whole models in Keras's files: `.keras` of Keras 3, `.h5` of Keras 2."""

import io
import json
import os
import time
from typing import Any

from dezero.io.zipfiles import SafeZip, replace_file, write_zip
from dezero.keras.layers.table import LAYERS
from dezero.keras.saving.config import model_from, to_keras3
from dezero.keras.saving.h5 import H5Reader, h5py_module
from dezero.keras.saving.weights import check_built, read_weights, write_keras2, write_keras3

__all__ = ["is_keras", "load_model", "save_model"]

MAX_JSON = 64 << 20
# The version whose layout is written.
VERSION = "3.15.1"
PARTS = ("metadata.json", "config.json", "model.weights.h5")


def is_keras(path: Any) -> bool:
    """Return whether the name is that of a whole model of Keras."""
    return os.fsdecode(path).lower().endswith((".keras", ".h5", ".hdf5"))


def save_model(model: Any, path: Any) -> None:
    """Write architecture and weights, whole or not at all, as `.keras` or `.h5`.

    Raises:
        ImportError: there is no h5py.
        TypeError: the model is of a class of your own, or a layer has a function that is no data.
        ValueError: the model has not been built.
        OSError: the file could not be written.
    """
    h5py = h5py_module("save_model")
    check_built("save_model", model)
    name = type(model).__name__
    if LAYERS.get(name) is not type(model):
        raise TypeError(
            f"save_model: expected a Sequential or functional model, got {name}. "
            "Its code is not in a file: use save_weights."
        )
    config = json.dumps(to_keras3({"class_name": name, "config": model.get_config()}))
    whole = os.fsdecode(path).lower().endswith(".keras")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if whole:
            write_keras3(file, model)
        else:
            file.attrs["backend"], file.attrs["keras_version"] = "tensorflow", VERSION
            file.attrs["model_config"] = config
            write_keras2(file.create_group("model_weights"), model)

    def fill(target: Any) -> None:
        target.write(buffer.getbuffer())

    if not whole:
        replace_file("save_model", path, fill)
        return
    about = {"keras_version": VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    parts = zip(PARTS, (json.dumps(about), config, buffer.getvalue()), strict=True)

    def pack(target: Any) -> None:
        for member, data in parts:
            target.writestr(member, data)

    write_zip("save_model", path, pack)


def load_model(path: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Return the model of a `.keras` or whole-model `.h5` file, to be compiled.

    Args:
        path: the file; what it holds decides which it is.
        custom_objects: {name: class} of your own; a file cannot name any other.
    Raises:
        ImportError: there is no h5py.
        ValueError: the file is damaged, hostile, of weights only, or brings code, as Lambda does.
        OSError: the file is not there.
    """
    h5py_module("load_model")
    with open(path, "rb") as file:
        head = file.read(4)
    if head != b"PK\x03\x04":
        with H5Reader("load_model", path) as h5:
            text = h5.attribute(h5.root, "model_config")
            if text is None:
                h5.refuse("expected a whole model, got weights only; use load_weights")
            return _filled(h5, text, custom_objects)
    with SafeZip("load_model", path) as archive:
        for member in PARTS[1:]:
            if member not in archive.members:
                archive.refuse(f"expected {member} in it, got {sorted(archive.members)[:5]}")
        text = archive.read_bytes("config.json", MAX_JSON)
        weights = io.BytesIO(archive.read_raw("model.weights.h5").data)
    with H5Reader("load_model", weights, os.fsdecode(path)) as h5:
        return _filled(h5, text, custom_objects)


def _filled(file: H5Reader, text: Any, custom: dict[str, Any] | None) -> Any:
    """Return the model of a configuration with the weights of an open file."""
    try:
        entry = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        file.refuse(f"expected a configuration in JSON, got {error}")
    try:
        model = model_from(file.caller, entry, custom)
    except ValueError as error:  # of whichever layer; say which file it was
        file.refuse(str(error).removeprefix(f"{file.caller}: ").rstrip("."))
    read_weights(file, model, False, False)
    return model

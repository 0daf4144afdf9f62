"""Whole models in Keras's files: `.keras` of Keras 3, `.h5` of Keras 2."""

import io
import json
import os
import time
from typing import Any

from dezero.io.zipfiles import SafeZip, replace_file, write_zip
from dezero.keras import registry
from dezero.keras.layers import shapes
from dezero.keras.layers.table import LAYERS
from dezero.keras.saving import compiled
from dezero.keras.saving.config import model_from, to_keras3
from dezero.keras.saving.h5 import H5Reader, h5py_module
from dezero.keras.saving.weights import (
    check_built,
    read_state,
    read_weights,
    write_keras2,
    write_keras3,
    write_state,
)
from dezero.models import saving

__all__ = ["is_keras", "load_model", "save_model", "with_ending", "write_model"]

ENDINGS = (".keras", ".h5", ".hdf5")

MAX_JSON = 64 << 20
# The version whose layout is written.
VERSION = "3.15.1"
# Deflated weights rarely shrink; a file of zeros may, up to this many bytes.
MAX_WEIGHTS = 256 << 20
PARTS = ("metadata.json", "config.json", "model.weights.h5")


def is_keras(path: Any) -> bool:
    """Return whether the name is that of a whole model of Keras.

    Raises:
        ValueError: it is that of TensorFlow's SavedModel, or of no format at all.
    """
    ending = os.path.splitext(os.fsdecode(path))[1].lower()
    if ending in (*ENDINGS, ".dz"):
        return ending != ".dz"
    raise ValueError(
        f"save_model: expected a name that ends in .keras, .h5, .hdf5 or .dz, got "
        f"{os.fsdecode(path)!r}. TensorFlow's SavedModel folders are not written."
    )


def with_ending(path: Any, save_format: str | None) -> Any:
    """Return a path with the ending of Keras 2's `save_format`, if it has none.

    Raises:
        ValueError: it is "tf", a folder of TensorFlow's own, or no format.
    """
    if save_format is None or save_format in ENDINGS:
        return path
    if save_format not in ("h5", "hdf5", "keras"):
        raise ValueError(
            f"save: expected save_format 'h5' or 'keras', got {save_format!r}. TensorFlow's "
            "SavedModel is not written: leave it out and name the file model.keras."
        )
    name = os.fsdecode(path)
    return path if os.path.splitext(name)[1] else f"{name}.{save_format}"


def save_model(model: Any, filepath: Any, overwrite: bool = True, **options: Any) -> None:
    """Write a model as `model.save(filepath, overwrite, **options)` does."""
    model.save(filepath, overwrite, **options)


def write_model(model: Any, path: Any, include_optimizer: bool = True) -> None:
    """Write architecture, weights and training, whole or not at all, as `.keras` or `.h5`.

    Args:
        model: Sequential or functional.
        path: the file.
        include_optimizer: write what `compile` chose too, with the optimizer's state.
    Raises:
        ImportError: there is no h5py.
        TypeError: the model is of a class of your own, or a layer has a function that is no data.
        ValueError: the model has not been built.
        OSError: the file could not be written.
    """
    h5py = h5py_module("save_model")
    check_built("save_model", model)
    name = registry.get_registered_name(type(model))
    if LAYERS.get(name) is not type(model) and registry.known().get(name) is not type(model):
        raise TypeError(
            f"save_model: expected a Sequential or functional model, got {name}. "
            "Its code is not in a file: use save_weights."
        )
    entry = to_keras3({"class_name": name, "config": model.get_config()})
    training = compiled.compile_entry(model) if include_optimizer else None
    state = [] if training is None else compiled.state_arrays(model, training)
    whole = os.fsdecode(path).lower().endswith(".keras")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        if whole:
            write_keras3(file, model)
            write_state(file, "optimizer/vars", state, numbered=True)
            entry |= {"compile_config": training} if training else {}
        else:
            file.attrs["backend"], file.attrs["keras_version"] = "tensorflow", VERSION
            file.attrs["model_config"] = json.dumps(entry)
            write_keras2(file.create_group("model_weights"), model)
            if training is not None:
                file.attrs["training_config"] = json.dumps(compiled.old_entry(training))
                write_state(file, "optimizer_weights", state, numbered=False)

    def fill(target: Any) -> None:
        target.write(buffer.getbuffer())

    if not whole:
        replace_file("save_model", path, fill)
        return
    about = {"keras_version": VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    texts = (json.dumps(about), json.dumps(entry))

    def pack(target: Any) -> None:
        for member, data in zip(PARTS, (*texts, buffer.getvalue()), strict=True):
            target.writestr(member, data)

    write_zip("save_model", path, pack)


def load_model(
    path: Any,
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Return the model of a `.keras`, whole-model `.h5` or `.dz` file, compiled as it was.

    Args:
        path: the file; what it holds decides which it is.
        custom_objects: {name: class or function} of your own; a file cannot name any other.
        compile: bring optimizer, its state, losses and metrics back too.
        safe_mode: must be True: code in a file is never run.
    Raises:
        ImportError: there is no h5py.
        ValueError: the file is damaged, hostile, of weights only, or brings code, as Lambda does.
        OSError: the file is not there.
    """
    if not safe_mode:
        raise ValueError(
            "load_model: expected safe_mode=True, got False. Code in a file is never run: make "
            "the model by its program and load the weights."
        )
    if os.path.isdir(path):
        raise ValueError(
            f"load_model: expected a .keras, .h5 or .dz file, got the folder {str(path)!r}. "
            "TensorFlow's SavedModel cannot be read: save as .keras there."
        )
    with open(path, "rb") as file:
        head = file.read(4)
    with registry.custom_object_scope(custom_objects or {}):
        if head != b"PK\x03\x04":
            return _from_h5(path, compile)
        with SafeZip("load_model", path) as archive:
            if "manifest.json" in archive.members:
                return saving.load_model(path, compile=compile, custom=custom_objects)
            text, version, weights = _unpacked(archive)
        with H5Reader("load_model", weights, os.fsdecode(path)) as h5:
            entry = _parsed(h5, text)
            model = _filled(h5, entry, version)
            return _compiled(h5, model, entry.get("compile_config") if compile else None)


def _from_h5(path: Any, compile: bool) -> Any:
    h5py_module("load_model")
    with H5Reader("load_model", path) as h5:
        text = h5.attribute(h5.root, "model_config")
        if text is None:
            h5.refuse("expected a whole model, got weights only; use load_weights")
        version = h5.attribute(h5.root, "keras_version")
        version = version.decode("utf-8", "replace") if isinstance(version, bytes) else version
        model = _filled(h5, _parsed(h5, text), version)
        training = h5.attribute(h5.root, "training_config") if compile else None
        return _compiled(h5, model, _parsed(h5, training))


def _unpacked(archive: SafeZip) -> tuple[bytes, Any, io.BytesIO]:
    """Return the configuration, Keras's version and the weights of a `.keras` file."""
    for member in PARTS[1:]:
        if member not in archive.members:
            archive.refuse(f"expected {member} in it, got {sorted(archive.members)[:5]}")
    h5py_module("load_model")
    size = archive.members[PARTS[2]].file_size
    if size > max(MAX_WEIGHTS, 4 * archive.size):
        archive.refuse(f"declares {size} bytes of weights, which its data are too few for")
    about = b"{}"
    if PARTS[0] in archive.members:
        about = archive.read_bytes(PARTS[0], MAX_JSON)
    try:
        version = json.loads(about).get("keras_version")
    except (ValueError, AttributeError, RecursionError) as error:
        archive.refuse(f"expected JSON, got {error}", PARTS[0])
    weights = io.BytesIO(archive.read_raw(PARTS[2]).data)
    return archive.read_bytes("config.json", MAX_JSON), version, weights


def _parsed(file: H5Reader, text: Any) -> Any:
    """Return what a text of JSON says; None for None."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        file.refuse(f"expected a configuration in JSON, got {error}")


def _filled(file: H5Reader, entry: Any, version: Any) -> Any:
    """Return the model of a configuration with the weights of an open file."""
    try:
        with shapes.bounded(file.total()):
            model = model_from(file.caller, entry, None, version)
    except ValueError as error:  # of whichever layer; say which file it was
        file.refuse(str(error).removeprefix(f"{file.caller}: ").rstrip("."))
    read_weights(file, model, False, False)
    return model


def _compiled(file: H5Reader, model: Any, entry: Any) -> Any:
    if isinstance(entry, dict) and entry.keys() & {"optimizer", "optimizer_config"}:
        compiled.recompile(file.caller, model, entry, read_state(file))
    return model

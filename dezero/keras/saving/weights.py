"""Weights in Keras's files: `.weights.h5` of Keras 3, `.h5` of Keras 2."""

import io
import os
from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.io.zipfiles import replace_file
from dezero.keras.layers import shapes
from dezero.keras.saving.h5 import H5Reader, h5py_module
from dezero.keras.saving.places import by_layer, by_path, own_weights

__all__ = ["is_h5", "load_weights", "save_weights"]

# HDF5 keeps an attribute below 64 KB.
ATTRIBUTE = 60_000
# Beside the layers' weights: what goes on with training.
_NOT_LAYERS = ("optimizer/", "metrics/")


def is_h5(path: Any) -> bool:
    """Return whether the name is one of Keras's HDF5 files."""
    return os.fsdecode(path).lower().endswith((".h5", ".hdf5"))


def check_built(caller: str, model: Any) -> None:
    """Refuse a model without weights yet: ValueError."""
    if not model.built:
        raise ValueError(
            f"{caller}: expected a model that is built, got {model.name!r}. "
            "Give input_shape, or call it once."
        )


def save_weights(model: Any, path: Any) -> None:
    """Write the weights, whole or not at all: `.weights.h5` as Keras 3, `.h5` as Keras 2 does.

    Raises:
        ImportError: there is no h5py.
        ValueError: the model has not been built.
        OSError: the file could not be written.
    """
    h5py = h5py_module("save_weights")
    check_built("save_weights", model)
    keras3 = os.fsdecode(path).lower().endswith(".weights.h5")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        (write_keras3 if keras3 else write_keras2)(file, model)

    def fill(target: Any) -> None:
        target.write(buffer.getbuffer())

    replace_file("save_weights", path, fill)


def write_keras3(file: Any, model: Any) -> None:
    """Put the weights of all layers into a group, as Keras 3 does."""
    for place, layer in by_path(model):
        group = file.require_group(f"{place}/vars" if place else "vars")
        group.attrs["name"] = str(layer.name)
        for i, weight in enumerate(own_weights(layer)):
            group.create_dataset(str(i), data=to_host(weight.data))


def write_keras2(file: Any, model: Any) -> None:
    """Put the weights of all layers into a group, as Keras 2 does."""
    entries = by_layer(model)
    _write_names(file, "layer_names", [name for name, _ in entries])
    file.attrs["backend"] = "tensorflow"
    file.attrs["keras_version"] = "2.15.0"
    for name, weights in entries:
        group, names = file.create_group(name), []
        for weight in weights:
            base = f"{name}/{weight.name or 'weight'}"
            key, number = base, 0
            while f"{key}:0" in names:
                number += 1
                key = f"{base}_{number}"
            names.append(f"{key}:0")
            group.create_dataset(f"{key}:0", data=to_host(weight.data))
        _write_names(group, "weight_names", names)
    _write_names(file.create_group("top_level_model_weights"), "weight_names", [])


def write_state(
    file: Any, place: str, state: list[tuple[str, np.ndarray]], *, numbered: bool
) -> None:
    """Put an optimizer's arrays into a group: by number as Keras 3 does, or by names."""
    if not state:
        return
    group = file.create_group(place)
    if not numbered:
        _write_names(group, "weight_names", [f"optimizer/{name}" for name, _ in state])
    for i, (name, array) in enumerate(state):
        group.create_dataset(str(i) if numbered else f"optimizer/{name}", data=array)


def read_state(file: H5Reader) -> list[tuple[str, np.ndarray]]:
    """Return (name, array) of an optimizer's state in a whole model's file, as it has them."""
    group = file.child(file.root, "optimizer_weights")
    if group is None:
        group = file.child(file.root, "optimizer/vars")
        count = 0 if group is None else len(list(file.datasets(group)))
        names = [str(i) for i in range(count)]
    else:
        names = file.texts(group, "weight_names") or []
    return [(name, file.array(file.child(group, name), name)) for name in names]


def _write_names(group: Any, key: str, names: list[str]) -> None:
    data = np.array([name.encode() for name in names], dtype="S" if names else "S1")
    if data.nbytes <= ATTRIBUTE:
        group.attrs[key] = data
        return
    per = max(1, ATTRIBUTE // data.itemsize)
    for i in range(0, len(data), per):
        group.attrs[f"{key}{i // per}"] = data[i : i + per]


def load_weights(
    model: Any, path: Any, *, by_name: bool = False, skip_mismatch: bool = False
) -> None:
    """Read the weights of one of Keras's HDF5 files.

    Args:
        model: one that is built.
        path: the file; what it holds decides whether it is Keras 2's or 3's.
        by_name: take those layers of a file of Keras 2 that have the same name, leave the others.
        skip_mismatch: leave out what fits nothing.
    Raises:
        ImportError: there is no h5py.
        ValueError: weights are missing, too many or of other shapes: one error lists all of them,
            and nothing has been changed. Or the file is damaged.
        OSError: the file is not there.
    """
    with H5Reader("load_weights", path) as file:
        read_weights(file, model, by_name, skip_mismatch)


def read_weights(file: H5Reader, model: Any, by_name: bool, skip_mismatch: bool) -> None:
    """Give the model the weights of an open file."""
    check_built(file.caller, model)
    root = file.root
    if not file.has(root.attrs, "layer_names") and file.has(root, "model_weights"):
        root = file.child(root, "model_weights")
    names = file.texts(root, "layer_names")
    if names is not None:
        found, faults = _keras2(file, root, names, by_layer(model), by_name)
    elif by_name:
        file.refuse("expected a file of Keras 2 for by_name, got one of Keras 3")
    else:
        found, faults = _keras3(file, model)
    good = []
    for key, weight, dataset in found:
        if tuple(getattr(dataset, "shape", ()) or ()) == tuple(weight.shape):
            good.append((weight, dataset, key))
        else:
            faults.append(f"{key}: {getattr(dataset, 'shape', None)} for {tuple(weight.shape)}")
    if faults and not skip_mismatch:
        more = f" and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise ValueError(
            f"{file.caller}: {file.shown!r}: expected the weights of {model.name!r}, got "
            f"{'; '.join(faults[:20])}{more}. Nothing was changed; is it the same architecture?"
        )
    values = [file.array(dataset, key) for _, dataset, key in good]
    shapes.assign(str(model.name), [weight for weight, _, _ in good], values)


def _keras3(file: H5Reader, model: Any) -> tuple[list, list[str]]:
    """Return [(path, weight, dataset)] and what is missing or too much."""
    stored = {
        path: dataset
        for path, dataset in file.datasets(file.root)
        if not path.startswith(_NOT_LAYERS) and "seed_generator/" not in path
    }
    found, faults = [], []
    for place, layer in by_path(model):
        for i, weight in enumerate(own_weights(layer)):
            path = f"{place}/vars/{i}" if place else f"vars/{i}"
            head, _, name = place.rpartition("/")
            old = f"{head}/_{name}/vars/{i}"  # of attention, in Keras 2
            path = old if path not in stored and old in stored else path
            if path in stored:
                found.append((path, weight, stored.pop(path)))
            else:
                faults.append(f"{path} missing")
    return found, faults + [f"{path} extra" for path in stored]


def _keras2(
    file: H5Reader, root: Any, names: list[str], wanted: list, by_name: bool
) -> tuple[list, list[str]]:
    """Return [(name, weight, dataset)] and what is missing or too much."""
    stored = []
    for name in names:
        group = file.child(root, name)
        keys = (file.texts(group, "weight_names") if group is not None else None) or []
        stored.append((name, [(key, file.child(group, key)) for key in keys]))
    if by_name:
        table = dict(wanted)
        pairs = [(table[name], datasets) for name, datasets in stored if name in table]
        faults = []
    else:
        wanted = [(name, weights) for name, weights in wanted if weights]
        stored = [(name, datasets) for name, datasets in stored if datasets]
        zipped = zip(wanted, stored, strict=False)
        pairs = [(weights, datasets) for (_, weights), (_, datasets) in zipped]
        faults = [f"{name} missing" for name, _ in wanted[len(stored) :]]
        faults += [f"{name} extra" for name, _ in stored[len(wanted) :]]
    found = []
    for weights, datasets in pairs:
        found += [(k, w, d) for w, (k, d) in zip(weights, datasets, strict=False)]
        faults += [f"{w.name} missing" for w in weights[len(datasets) :]]
        faults += [f"{key} extra" for key, _ in datasets[len(weights) :]]
    return found, faults

"""``.dz`` files of whole models: configuration, weights, optimizer state, history.

The manifest says in plain JSON what to build; classes and functions come from fixed tables, so a
file cannot run code. Layers are built without data and take it from the file's arrays, so a file
cannot ask for more memory than it has itself. Everything is checked before anything is assigned.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dezero.core.errors import describe
from dezero.io.archive import load_archive, save_archive
from dezero.layers import Layer, assign_weights, build_layer, deferred, layer_config, weight_arrays
from dezero.models import compiled
from dezero.models.table import MODELS

VERSION = 1
# Of layers in one file; far above any model, far below what makes a machine slow.
MAX_LAYERS = 100_000


def save_model(model: Layer, path: Any, *, optimizer: Any = None, history: Any = None) -> None:
    """Write `model` to exactly `path`, whole or not at all; `load_model` reads it.

    Args:
        model: with all shapes known. A model of your own class, or one with shared layers, is
            saved too; `load_model` then wants a new one as `model=`.
        path: such as "model.dz".
        optimizer: whose settings and state are saved; the model's own if None.
        history: dict of lists of numbers; the model's own if None.
    Raises:
        RuntimeError: a parameter has no shape yet.
        TypeError: a function in it has no name in dezero, such as a lambda.
        OSError: the file could not be written; an old one is untouched.
    """
    arrays = {f"weights/{p}": a for p, a in weight_arrays("save_model", model).items()}
    foreign = _foreign_classes(model)
    entry = None if foreign else layer_config(model, MODELS)
    if entry is not None and not _brings_back(entry, arrays):
        entry, foreign = None, [type(model).__name__]
    content = {
        "model_version": VERSION,
        "class": type(model).__name__,
        "model": entry,
        "own_classes": foreign,
        "frozen": [path for path, param in model.named_params() if not param.requires_grad],
        **compiled.describe_training(model, optimizer, history, arrays),
    }
    save_archive(path, content, arrays)


def load_model(
    path: Any,
    model: Any = None,
    *,
    compile: bool = True,
    custom: Mapping[str, Callable[..., Any]] | None = None,
) -> Any:
    """Read what `save_model` wrote: a model with its weights, ready to predict or to train on.

    Args:
        path: the file.
        model: a new model to give the weights to; needed where its class is your own.
        compile: bring optimizer, loss, metrics and history back as well.
        custom: losses and metrics of your own by name, {"focal": focal}.
    Returns:
        the model.
    Raises:
        ValueError: the file is damaged or no model, needs `model=`, `custom=` or `compile=False`,
            or is of another architecture: one error lists every name and shape that differs, and
            `model` is unchanged.
        OSError: the file is not there.
    """
    content, arrays = load_archive(path)
    _check_content(path, content)
    if model is None:
        model = _built(path, content)
    weights = _part(arrays, "weights/")
    restore = compiled.read_training(path, content, arrays, custom) if compile else None
    frozen = _frozen(path, content, weights)
    assign_weights("load_model", model, weights)
    _freeze(model, frozen)
    if restore is not None:
        restore(model)
    return model


def _foreign_classes(model: Layer) -> list[str]:
    layers = [model, *(layer for _, layer in model.named_layers())]
    names = {type(layer).__name__ for layer in layers if _is_foreign(layer)}
    return sorted(names)


def _is_foreign(layer: Layer) -> bool:
    return MODELS.get(type(layer).__name__) is not type(layer)


def _brings_back(entry: dict[str, Any], arrays: dict[str, np.ndarray]) -> bool:
    """Return whether the model that `entry` describes has exactly the weights in `arrays`.

    It has others where layers are shared, or were assigned to further attributes.
    """
    with deferred():
        again = build_layer(entry, MODELS)
    paths = [path for path, _ in (*again.named_params(), *again.named_buffers())]
    return sorted(f"weights/{path}" for path in paths) == sorted(arrays)


def _check_content(path: Any, content: dict[str, Any]) -> None:
    if "model_version" not in content or not isinstance(content.get("class"), str):
        raise ValueError(
            f"load_model: {str(path)!r}: expected a saved model, got an archive of something "
            "else. Weights alone are for load_weights; the rest dezero.io.load_archive reads."
        )
    if content["model_version"] != VERSION:
        raise ValueError(
            f"load_model: {str(path)!r}: expected model version {VERSION}, got "
            f"{str(content['model_version'])[:40]}. Another release of dezero wrote it: use that "
            "one, or update."
        )


def _built(path: Any, content: dict[str, Any]) -> Layer:
    entry = content.get("model")
    if entry is None:
        own = content.get("own_classes")
        names = ", ".join(map(str, own)) if isinstance(own, list) and own else content["class"]
        raise ValueError(
            f"load_model: {str(path)!r}: expected model=, since only your own code can build "
            f"{names[:200]}. Write load_model(path, model={content['class'][:80]}(...))."
        )
    if _count_layers(entry) > MAX_LAYERS:
        raise ValueError(
            f"load_model: {str(path)!r}: expected at most {MAX_LAYERS} layers, got more. "
            "Was the file changed by hand?"
        )
    with deferred():
        return build_layer(entry, MODELS)


def _count_layers(entry: Any) -> int:
    count, stack = 0, [entry]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            count += 1
            sizes = node.get("fc_output_sizes")
            count += len(sizes) if isinstance(sizes, list) else 0
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return count


def _part(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _frozen(path: Any, content: dict[str, Any], weights: dict[str, np.ndarray]) -> set[str]:
    frozen = content.get("frozen", [])
    if not isinstance(frozen, list) or any(name not in weights for name in map(str, frozen)):
        raise ValueError(
            f"load_model: {str(path)!r}: expected 'frozen' to list parameters, got "
            f"{describe(frozen)}. Was the file changed by hand?"
        )
    return set(map(str, frozen))


def _freeze(model: Layer, frozen: set[str]) -> None:
    for name, param in model.named_params():
        param.requires_grad = name not in frozen
    for layer in (model, *(layer for _, layer in model.named_layers())):
        params = list(layer.params())
        if params and not any(param.requires_grad for param in params):
            layer.trainable = False

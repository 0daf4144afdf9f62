"""What the applications share: arguments, preparation of pictures, published files, class names."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dezero.core import Variable
from dezero.core.errors import describe
from dezero.io import cache_dir, fetch, has_sha256
from dezero.keras import activations, backend, layers
from dezero.keras.models import Model
from dezero.keras.tensors import KerasTensor

__all__ = ["Family", "Wish", "assembled", "decode_predictions", "prepared"]

PUBLISHED = "https://storage.googleapis.com/tensorflow/keras-applications/"
CLASS_INDEX = "https://storage.googleapis.com/download.tensorflow.org/data/"
CLASS_INDEX_MD5 = "c2c37ea517e94d9795004a39431a14cb"
MEAN_BGR = (103.939, 116.779, 123.68)
LARGEST = 700_000_000


class Wish(NamedTuple):
    """The arguments that every application takes."""

    include_top: bool
    weights: Any
    input_tensor: Any
    input_shape: Any
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str | None


class Family(NamedTuple):
    """How a network is built: `files` holds (name, MD5) with the top and without it."""

    size: int
    least: int
    body: Callable[[Any], Any]
    top: Callable[[Any, Wish], Any]
    folder: str
    files: tuple[tuple[str, str | None], tuple[str, str | None]]
    pool_names: tuple[str | None, str | None] = (None, None)


def assembled(wish: Wish, family: Family, title: str) -> Any:
    """Return the model, with its weights loaded if they were wished for."""
    _check(wish, title)
    shape = entry_shape(wish, family, title)
    entry: Any = layers.Input(shape=shape) if wish.input_tensor is None else wish.input_tensor
    x = family.body(entry)
    if wish.include_top:
        x = family.top(x, wish)
    elif wish.pooling == "avg":
        x = layers.GlobalAveragePooling2D(name=family.pool_names[0])(x)
    elif wish.pooling == "max":
        x = layers.GlobalMaxPooling2D(name=family.pool_names[1])(x)
    model: Any = Model(_sources(entry), x, name=wish.name)
    if wish.weights == "imagenet":
        name, md5 = family.files[0 if wish.include_top else 1]
        model.load_weights(str(published(name, family.folder, md5)))
    elif wish.weights is not None:
        model.load_weights(os.fspath(wish.weights))
    return model


def _check(wish: Wish, title: str) -> None:
    weights = wish.weights
    if weights not in (None, "imagenet") and not os.path.exists(weights):
        raise ValueError(
            f"{title}: expected weights None, 'imagenet' or a file, got {weights!r}. "
            "Check the path."
        )
    if weights == "imagenet" and wish.include_top and wish.classes != 1000:
        raise ValueError(
            f"{title}: expected classes=1000 with weights='imagenet', got {wish.classes}. "
            "Set include_top=False and add a layer of your own."
        )
    if wish.pooling not in (None, "avg", "max"):
        raise ValueError(
            f"{title}: expected pooling None, 'avg' or 'max', got {wish.pooling!r}. Choose one."
        )
    allowed = (None, activations.get(None), activations.get("softmax"))
    chosen = activations.get(wish.classifier_activation)
    if weights is not None and wish.include_top and chosen not in allowed:
        raise ValueError(
            f"{title}: expected classifier_activation None or 'softmax' with trained weights, got "
            f"{wish.classifier_activation!r}. Set weights=None or leave it out."
        )
    if wish.input_tensor is not None and not isinstance(wish.input_tensor, KerasTensor):
        raise ValueError(
            f"{title}: expected input_tensor made by Input, got {describe(wish.input_tensor)}. "
            "Call the finished model on arrays."
        )
    if backend.image_data_format() != "channels_last":
        raise ValueError(
            f"{title}: expected channels_last, got {backend.image_data_format()}. "
            "Call backend.set_image_data_format('channels_last')."
        )


def entry_shape(wish: Wish, family: Family, title: str) -> tuple[int | None, ...]:
    """Return (height, width, channels): as wished, or the network's own.

    Raises:
        ValueError: too small, unknown where the top needs it, or not as the weights need it.
    """
    size, trained = family.size, wish.weights == "imagenet"
    shape = wish.input_shape
    if shape is None and wish.input_tensor is not None:
        shape = wish.input_tensor.shape[1:]
    if shape is None:
        return (size, size, 3) if wish.include_top else (None, None, 3)
    shape = tuple(shape)
    if len(shape) != 3:
        raise ValueError(
            f"{title}: expected input_shape (height, width, channels), got {shape}. "
            "Leave out the batch."
        )
    if trained and wish.include_top and shape != (size, size, 3):
        raise ValueError(
            f"{title}: expected input_shape {(size, size, 3)} with weights='imagenet' and its "
            f"top, got {shape}. Resize the pictures, or set include_top=False."
        )
    if trained and shape[-1] != 3:
        raise ValueError(
            f"{title}: expected 3 channels with weights='imagenet', got input_shape {shape}. "
            "Repeat a grey channel three times."
        )
    if any(side is not None and side < family.least for side in shape[:2]):
        raise ValueError(
            f"{title}: expected pictures of at least {family.least}x{family.least}, got "
            f"input_shape {shape}. Enlarge them."
        )
    if wish.include_top and None in shape:
        raise ValueError(
            f"{title}: expected input_shape without None for include_top=True, got {shape}. "
            "Name the size, or set include_top=False."
        )
    return shape


def _sources(tensor: KerasTensor) -> Any:
    """Return the Inputs that a tensor is computed from, one alone if it is one."""
    found: dict[int, KerasTensor] = {}
    stack = [tensor]
    while stack:
        now = stack.pop()
        if now.node is None or not now.node.input_tensors:
            found[id(now)] = now
        else:
            stack += reversed(now.node.input_tensors)
    return next(iter(found.values())) if len(found) == 1 else list(found.values())


def published(name: str, folder: str, md5: str | None, base: str = PUBLISHED) -> Path:
    """Return a file of Keras's, compared with the MD5 that Keras publishes for it.

    A copy in Keras's own folder is taken if its MD5 is right. MD5 tells a damaged file, not what
    somebody with means has forged; Keras publishes no better.

    Raises:
        ValueError: Keras publishes no hash for this file, so nothing could be verified.
        DownloadError: it could not be fetched.
    """
    if md5 is None:
        raise ValueError(
            f"applications: expected a published hash for {name}, got none: Keras gives none for "
            f"this network. Fetch {base}{folder}{name} yourself and pass weights=its path."
        )
    kept = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models" / name
    if kept.is_file() and has_sha256(kept, f"md5:{md5}"):
        return kept
    target = cache_dir() / "keras" / name
    return fetch(f"{base}{folder}{name}", target, sha256=f"md5:{md5}", max_bytes=LARGEST)


def prepared(x: Any, mode: str, data_format: str | None = None) -> Any:
    """Return pictures (RGB, 0 to 255) as a network was trained on them; `x` is left as it is.

    Args:
        mode: "caffe" (BGR, the mean of ImageNet taken off) or "tf" (-1 to 1).
        data_format: None, "channels_last" or "channels_first".
    """
    layout = data_format or backend.image_data_format()
    if layout not in ("channels_last", "channels_first"):
        raise ValueError(
            f"preprocess_input: expected data_format 'channels_last' or 'channels_first', got "
            f"{layout!r}. Choose one."
        )
    if not isinstance(x, Variable | KerasTensor):
        x = np.asarray(x)
        if x.dtype.kind != "f":
            x = x.astype(backend.floatx())
    if mode == "tf":
        return x / 127.5 - 1.0
    axis = len(x.shape) - (1 if layout == "channels_last" else 3)
    index = (slice(None),) * axis + (slice(None, None, -1),)
    mean = np.array(MEAN_BGR, np.float32)
    if layout == "channels_first":
        mean = mean.reshape(3, 1, 1)
    if not isinstance(x, Variable | KerasTensor):
        mean = mean.astype(x.dtype)
    return x[index] - mean


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, Any]]]:
    """Return the `top` likeliest classes of each row as (id, name, score), the likeliest first.

    The names come from Keras's imagenet_class_index.json, fetched once.

    Raises:
        ValueError: not of the shape (N, 1000).
    """
    scores = np.asarray(preds.data if isinstance(preds, Variable) else preds)
    if scores.ndim != 2 or scores.shape[1] != 1000:
        raise ValueError(
            f"decode_predictions: expected shape (N, 1000), got {scores.shape}. Give what a "
            "network with the 1000 classes of ImageNet predicted."
        )
    path = published("imagenet_class_index.json", "", CLASS_INDEX_MD5, CLASS_INDEX)
    words = json.loads(path.read_text(encoding="utf-8"))
    return [_best(row, words, top) for row in scores]


def _best(row: Any, words: dict[str, Sequence[str]], top: int) -> list[tuple[str, str, Any]]:
    order = np.argsort(row)[-top:][::-1] if top > 0 else ()
    return [(words[str(i)][0], words[str(i)][1], row[i]) for i in order]

"""InceptionV3: branches of several widths side by side."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

STEM = "inception_v3_weights_tf_dim_ordering_tf_kernels"
FILES = (
    (f"{STEM}.h5", "9a0d58056eeedaa3f26cb7ebd46da564"),
    (
        "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "bcbd6486424b2319ff4ef7d526e38f63",
    ),
)


def InceptionV3(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "inception_v3",
) -> Any:
    """Return InceptionV3 (Szegedy et al. 2016, arXiv:1512.00567), for pictures of 299x299.

    Args:
        include_top: with the classifier.
        weights: "imagenet", None for random ones, or the path of a file.
        input_tensor: what to build upon, in place of a new Input.
        input_shape: (height, width, channels), at least 75x75.
        pooling: without the classifier: None, "avg" or "max".
        classes: the classifier's outputs.
        classifier_activation: None for logits.
    Raises:
        ValueError: arguments that do not fit together.
    """
    wish = Wish(
        include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip
    family = Family(299, 75, _body, _top, "inception_v3/", FILES)
    return assembled(wish, family, "InceptionV3")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: -1 to 1."""
    return prepared(x, "tf", data_format)


def _body(x: Any) -> Any:
    x = _conv(x, 32, 3, 3, stride=2, padding="valid")
    x = _conv(x, 32, 3, 3, padding="valid")
    x = _conv(x, 64, 3, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _conv(x, 80, 1, 1, padding="valid")
    x = _conv(x, 192, 3, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for i, pooled in enumerate((32, 64, 64)):
        x = _wide(x, pooled, f"mixed{i}")
    x = _first_halving(x)
    for i, inner in ((4, 128), (5, 160), (6, 160), (7, 192)):
        x = _long(x, inner, f"mixed{i}")
    x = _second_halving(x)
    for i in (0, 1):
        x = _split(x, i)
    return x


def _wide(x: Any, pooled: int, name: str) -> Any:
    one = _conv(x, 64, 1, 1)
    five = _conv(_conv(x, 48, 1, 1), 64, 5, 5)
    twice = _conv(_conv(_conv(x, 64, 1, 1), 96, 3, 3), 96, 3, 3)
    return layers.concatenate([one, five, twice, _averaged(x, pooled)], axis=3, name=name)


def _first_halving(x: Any) -> Any:
    once = _conv(x, 384, 3, 3, stride=2, padding="valid")
    twice = _conv(_conv(x, 64, 1, 1), 96, 3, 3)
    twice = _conv(twice, 96, 3, 3, stride=2, padding="valid")
    pool = layers.MaxPooling2D(3, strides=2)(x)
    return layers.concatenate([once, twice, pool], axis=3, name="mixed3")


def _long(x: Any, inner: int, name: str) -> Any:
    one = _conv(x, 192, 1, 1)
    once = _conv(_conv(_conv(x, inner, 1, 1), inner, 1, 7), 192, 7, 1)
    twice = _conv(_conv(_conv(x, inner, 1, 1), inner, 7, 1), inner, 1, 7)
    twice = _conv(_conv(twice, inner, 7, 1), 192, 1, 7)
    return layers.concatenate([one, once, twice, _averaged(x, 192)], axis=3, name=name)


def _second_halving(x: Any) -> Any:
    short = _conv(_conv(x, 192, 1, 1), 320, 3, 3, stride=2, padding="valid")
    long = _conv(_conv(_conv(x, 192, 1, 1), 192, 1, 7), 192, 7, 1)
    long = _conv(long, 192, 3, 3, stride=2, padding="valid")
    pool = layers.MaxPooling2D(3, strides=2)(x)
    return layers.concatenate([short, long, pool], axis=3, name="mixed8")


def _split(x: Any, i: int) -> Any:
    one = _conv(x, 320, 1, 1)
    once = _conv(x, 384, 1, 1)
    parts = [_conv(once, 384, 1, 3), _conv(once, 384, 3, 1)]
    once = layers.concatenate(parts, axis=3, name=f"mixed9_{i}")
    twice = _conv(_conv(x, 448, 1, 1), 384, 3, 3)
    parts = [_conv(twice, 384, 1, 3), _conv(twice, 384, 3, 1)]
    twice = layers.concatenate(parts, axis=3)
    branches = [one, once, twice, _averaged(x, 192)]
    return layers.concatenate(branches, axis=3, name=f"mixed{9 + i}")


def _averaged(x: Any, filters: int) -> Any:
    return _conv(layers.AveragePooling2D(3, strides=1, padding="same")(x), filters, 1, 1)


def _conv(
    x: Any, filters: int, height: int, width: int, *, stride: int = 1, padding: str = "same"
) -> Any:
    size = (height, width)
    x = layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(scale=False)(x)
    return layers.Activation("relu")(x)


def _top(x: Any, wish: Wish) -> Any:
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.Dense(wish.classes, activation=wish.classifier_activation, name="predictions")(x)

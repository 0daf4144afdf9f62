"""Xception: convolutions of each channel by itself, with shortcuts."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

FILES = (
    ("xception_weights_tf_dim_ordering_tf_kernels.h5", "0a58e3b7378bc2990ea3b43d5981f1f6"),
    ("xception_weights_tf_dim_ordering_tf_kernels_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"),
)


def Xception(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "xception",
) -> Any:
    """Return Xception (Chollet 2017, arXiv:1610.02357), for pictures of 299x299.

    Args:
        include_top: with the classifier.
        weights: "imagenet", None for random ones, or the path of a file.
        input_tensor: what to build upon, in place of a new Input.
        input_shape: (height, width, channels), at least 71x71.
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
    family = Family(299, 71, _body, _top, "xception/", FILES)
    return assembled(wish, family, "Xception")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: -1 to 1."""
    return prepared(x, "tf", data_format)


def _body(x: Any) -> Any:
    for i, (filters, stride) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{i}"
        x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name)(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.Activation("relu", name=f"{name}_act")(x)
    for block, filters in ((2, 128), (3, 256), (4, 728)):
        x = _halving(x, block, filters, filters)
    for block in range(5, 13):
        before = x
        for i in (1, 2, 3):
            x = layers.Activation("relu", name=f"block{block}_sepconv{i}_act")(x)
            x = _separable(x, 728, f"block{block}_sepconv{i}")
        x = layers.add([x, before])
    x = _halving(x, 13, 728, 1024)
    for i, filters in ((1, 1536), (2, 2048)):
        x = _separable(x, filters, f"block14_sepconv{i}")
        x = layers.Activation("relu", name=f"block14_sepconv{i}_act")(x)
    return x


def _halving(x: Any, block: int, first: int, second: int) -> Any:
    """Append a block that halves the picture, with a shortcut that does so too."""
    shortcut = layers.Conv2D(second, 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = layers.BatchNormalization()(shortcut)
    name = f"block{block}_sepconv"
    if block > 2:
        x = layers.Activation("relu", name=f"{name}1_act")(x)
    x = _separable(x, first, f"{name}1")
    x = layers.Activation("relu", name=f"{name}2_act")(x)
    x = _separable(x, second, f"{name}2")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.add([x, shortcut])


def _separable(x: Any, filters: int, name: str) -> Any:
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return layers.BatchNormalization(name=f"{name}_bn")(x)


def _top(x: Any, wish: Wish) -> Any:
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.Dense(wish.classes, activation=wish.classifier_activation, name="predictions")(x)

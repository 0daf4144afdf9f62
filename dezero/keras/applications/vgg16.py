"""VGG16: convolutions 3x3 in five blocks, and three dense layers."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

FILTERS = (64, 128, 256, 512, 512)
COUNTS = (2, 2, 3, 3, 3)
FILES = (
    ("vgg16_weights_tf_dim_ordering_tf_kernels.h5", "64373286793e3c8b2b4e3219cbf3544b"),
    ("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "6d6bbae143d832006294945121d1f1fc"),
)


def VGG16(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "vgg16",
) -> Any:
    """Return VGG16 (Simonyan and Zisserman 2015, arXiv:1409.1556), for pictures of 224x224.

    Args:
        include_top: with the classifier, which needs the picture's size.
        weights: "imagenet", None for random ones, or the path of a file.
        input_tensor: what to build upon, in place of a new Input.
        input_shape: (height, width, channels), at least 32x32.
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
    family = Family(224, 32, lambda x: blocks(x, COUNTS), dense_top, "vgg16/", FILES)
    return assembled(wish, family, "VGG16")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: BGR with the mean taken off."""
    return prepared(x, "caffe", data_format)


def blocks(x: Any, counts: tuple[int, ...]) -> Any:
    """Append the five blocks, each of so many convolutions."""
    for block, (filters, count) in enumerate(zip(FILTERS, counts, strict=True), 1):
        for i in range(1, count + 1):
            x = layers.Conv2D(
                filters, 3, activation="relu", padding="same", name=f"block{block}_conv{i}"
            )(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    return x


def dense_top(x: Any, wish: Wish) -> Any:
    """Append the classifier."""
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(4096, activation="relu", name="fc1")(x)
    x = layers.Dense(4096, activation="relu", name="fc2")(x)
    return layers.Dense(wish.classes, activation=wish.classifier_activation, name="predictions")(x)

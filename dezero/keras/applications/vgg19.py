"""VGG19: convolutions 3x3 in five blocks, and three dense layers."""

from typing import Any

from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)
from dezero.keras.applications.vgg16 import blocks, dense_top

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

COUNTS = (2, 2, 4, 4, 4)
FILES = (
    ("vgg19_weights_tf_dim_ordering_tf_kernels.h5", "cbe5617147190e668d6c5d5026f83318"),
    ("vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "253f8cb515780f3b799900260a226db6"),
)


def VGG19(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "vgg19",
) -> Any:
    """Return VGG19 (Simonyan and Zisserman 2015, arXiv:1409.1556), for pictures of 224x224.

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
    family = Family(224, 32, lambda x: blocks(x, COUNTS), dense_top, "vgg19/", FILES)
    return assembled(wish, family, "VGG19")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: BGR with the mean taken off."""
    return prepared(x, "caffe", data_format)

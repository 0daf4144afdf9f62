"""Residual networks, with bottleneck blocks of three convolutions."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["ResNet101", "ResNet152", "ResNet50", "decode_predictions", "preprocess_input"]

EPSILON = 1.001e-5
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
# The MD5 of the files with the top and without it.
HASHES = {
    50: ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
    101: ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
    152: ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
}


def ResNet50(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet50",
) -> Any:
    """Return ResNet50 (He et al. 2016, arXiv:1512.03385), for pictures of 224x224.

    Args:
        include_top: with the classifier.
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
    return _resnet(wish, 50)


def ResNet101(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet101",
) -> Any:
    """Return ResNet101 (He et al. 2016, arXiv:1512.03385), for pictures of 224x224.

    Args:
        include_top: with the classifier.
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
    return _resnet(wish, 101)


def ResNet152(  # noqa: PLR0917
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet152",
) -> Any:
    """Return ResNet152 (He et al. 2016, arXiv:1512.03385), for pictures of 224x224.

    Args:
        include_top: with the classifier.
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
    return _resnet(wish, 152)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: BGR with the mean taken off."""
    return prepared(x, "caffe", data_format)


def _resnet(wish: Wish, depth: int) -> Any:
    stem = f"resnet{depth}_weights_tf_dim_ordering_tf_kernels"
    whole, bare = HASHES[depth]
    files = ((f"{stem}.h5", whole), (f"{stem}_notop.h5", bare))

    def body(x: Any) -> Any:
        return _body(x, BLOCKS[depth])

    family = Family(224, 32, body, _top, "resnet/", files, ("avg_pool", "max_pool"))
    return assembled(wish, family, f"ResNet{depth}")


def _body(x: Any, blocks: tuple[int, ...]) -> Any:
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = _normalized(x, "conv1_bn")
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stage, count in enumerate(blocks):
        for block in range(1, count + 1):
            stride = 2 if stage > 0 and block == 1 else 1
            x = _block(x, 64 << stage, stride, block == 1, f"conv{stage + 2}_block{block}")
    return x


def _block(x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    shortcut = x
    if projected:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = _normalized(shortcut, f"{name}_0_bn")
    x = layers.Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(x)
    x = _normalized(x, f"{name}_1_bn")
    x = layers.Activation("relu", name=f"{name}_1_relu")(x)
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = _normalized(x, f"{name}_2_bn")
    x = layers.Activation("relu", name=f"{name}_2_relu")(x)
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = _normalized(x, f"{name}_3_bn")
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.Activation("relu", name=f"{name}_out")(x)


def _normalized(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=EPSILON, name=name)(x)


def _top(x: Any, wish: Wish) -> Any:
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.Dense(wish.classes, activation=wish.classifier_activation, name="predictions")(x)

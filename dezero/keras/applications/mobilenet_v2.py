"""MobileNetV2: narrow layers joined by shortcuts, wide ones between them."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

SIDES = (96, 128, 160, 192, 224)
ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
# Filters, stride and count of the blocks.
BLOCKS = ((16, 1, 1), (24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))
WIDER = 6


def MobileNetV2(  # noqa: PLR0917
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Any:
    """Return MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), for pictures of 224x224.

    Args:
        input_shape: (height, width, channels), at least 32x32.
        alpha: the width: this part of every layer's filters.
        include_top: with the classifier.
        weights: None for random ones, or the path of a file. Keras publishes no hash for this
            network's files, so "imagenet" fetches none and says where they are.
        input_tensor: what to build upon, in place of a new Input.
        pooling: without the classifier: None, "avg" or "max".
        classes: the classifier's outputs.
        classifier_activation: None for logits.
    Raises:
        ValueError: arguments that do not fit together.
    """
    side, rows = _side(input_shape, input_tensor, include_top)
    if weights == "imagenet" and alpha not in ALPHAS:
        raise ValueError(
            f"MobileNetV2: expected alpha in {ALPHAS} with weights='imagenet', got {alpha}. "
            "Set weights=None."
        )
    wish = Wish(
        include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name or f"mobilenetv2_{alpha:0.2f}_{rows}",
    )  # fmt: skip
    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{side}"
    files = ((f"{stem}.h5", None), (f"{stem}_no_top.h5", None))

    def body(x: Any) -> Any:
        return _body(x, alpha)

    return assembled(wish, Family(side, 32, body, _top, "mobilenet_v2/", files), "MobileNetV2")


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Return RGB pictures, 0 to 255, as the weights want them: -1 to 1."""
    return prepared(x, "tf", data_format)


def _side(input_shape: Any, input_tensor: Any, include_top: bool) -> tuple[int, Any]:
    """Return the side of the published weights that fit, and the rows for the name."""
    shape = input_shape
    if shape is None and input_tensor is not None:
        shape = tuple(input_tensor.shape)[1:]
    if shape is None or len(shape) != 3:
        return 224, 224 if include_top else None
    fits = shape[0] == shape[1] and shape[0] in SIDES
    return shape[0] if fits else 224, shape[0]


def _body(x: Any, alpha: float) -> Any:
    first = _eights(32 * alpha)
    x = layers.Conv2D(first, 3, strides=2, padding="same", use_bias=False, name="Conv1")(x)
    x = layers.ReLU(6.0, name="Conv1_relu")(_normalized(x, "bn_Conv1"))
    number = 0
    for filters, stride, count in BLOCKS:
        for i in range(count):
            x = _block(x, _eights(int(filters * alpha)), stride if i == 0 else 1, number)
            number += 1
    last = _eights(1280 * alpha) if alpha > 1 else 1280
    x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    return layers.ReLU(6.0, name="out_relu")(_normalized(x, "Conv_1_bn"))


def _block(x: Any, filters: int, stride: int, number: int) -> Any:
    before, channels = x, x.shape[-1]
    prefix = f"block_{number}_" if number else "expanded_conv_"
    if number:
        x = _mixed(x, WIDER * channels, f"{prefix}expand")
        x = layers.ReLU(6.0, name=f"{prefix}expand_relu")(x)
    if stride == 2:
        x = layers.ZeroPadding2D(_padding(x), name=f"{prefix}pad")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        name=f"{prefix}depthwise",
    )(x)
    x = _normalized(x, f"{prefix}depthwise_BN")
    x = layers.ReLU(6.0, name=f"{prefix}depthwise_relu")(x)
    x = _mixed(x, filters, f"{prefix}project")
    if channels == filters and stride == 1:
        return layers.Add(name=f"{prefix}add")([before, x])
    return x


def _padding(x: Any) -> Any:
    """Return the border that halves a picture as "same" does, of an even or odd side."""
    height, width = x.shape[1:3]
    if height is None:
        return ((0, 1), (0, 1))
    return ((height % 2, 1), (0 if width is None else width % 2, 1))


def _mixed(x: Any, filters: int, name: str) -> Any:
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name)(x)
    return _normalized(x, f"{name}_BN")


def _normalized(x: Any, name: str) -> Any:
    return layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name=name)(x)


def _eights(filters: float) -> int:
    """Return the nearest multiple of 8 that is not more than a tenth smaller."""
    near = max(8, int(filters + 4) // 8 * 8)
    return near + 8 if near < 0.9 * filters else near


def _top(x: Any, wish: Wish) -> Any:
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(wish.classes, activation=wish.classifier_activation, name="predictions")(x)

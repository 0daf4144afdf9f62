"""MobileNet: each convolution 3x3 works on one channel, then one 1x1 mixes them."""

from typing import Any

from dezero.keras import layers
from dezero.keras.applications.imagenet import (
    Family,
    Wish,
    assembled,
    decode_predictions,
    prepared,
)

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

SIDES = (128, 160, 192, 224)
# The alphas of the published files, as their names say them.
ALPHAS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}
# Filters and stride of the blocks.
BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
    (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


def MobileNet(  # noqa: PLR0917
    input_shape: Any = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 0.001,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Any:
    """Return MobileNet (Howard et al. 2017, arXiv:1704.04861), for pictures of 224x224.

    Args:
        input_shape: (height, width, channels), at least 32x32.
        alpha: the width: this part of every layer's filters.
        depth_multiplier: outputs of each channel's own convolution.
        dropout: rate in front of the classifier.
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
    if weights == "imagenet" and (depth_multiplier != 1 or alpha not in ALPHAS):
        raise ValueError(
            f"MobileNet: expected depth_multiplier=1 and alpha in {sorted(ALPHAS)} with "
            f"weights='imagenet', got {depth_multiplier} and {alpha}. Set weights=None."
        )
    wish = Wish(
        include_top, weights, input_tensor, input_shape, pooling, classes,
        classifier_activation, name or f"mobilenet_{alpha:0.2f}_{rows}",
    )  # fmt: skip
    stem = f"mobilenet_{ALPHAS.get(alpha)}_{side}_tf"
    files = ((f"{stem}.h5", None), (f"{stem}_no_top.h5", None))

    def body(x: Any) -> Any:
        return _body(x, alpha, depth_multiplier)

    def top(x: Any, wish: Wish) -> Any:
        return _top(x, wish, dropout)

    return assembled(wish, Family(side, 32, body, top, "mobilenet/", files), "MobileNet")


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


def _body(x: Any, alpha: float, multiplier: int) -> Any:
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(
        x
    )
    x = _active(x, "conv1")
    for i, (filters, stride) in enumerate(BLOCKS, 1):
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{i}")(x)
        x = layers.DepthwiseConv2D(
            3,
            strides=stride,
            padding="same" if stride == 1 else "valid",
            depth_multiplier=multiplier,
            use_bias=False,
            name=f"conv_dw_{i}",
        )(x)
        x = _active(x, f"conv_dw_{i}")
        x = layers.Conv2D(
            int(filters * alpha), 1, padding="same", use_bias=False, name=f"conv_pw_{i}"
        )(x)
        x = _active(x, f"conv_pw_{i}")
    return x


def _active(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _top(x: Any, wish: Wish, dropout: float) -> Any:
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(wish.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((wish.classes,), name="reshape_2")(x)
    return layers.Activation(wish.classifier_activation, name="predictions")(x)

"""Pictures prepared, and classes named, whatever the network."""

from typing import Any

import numpy as np

from dezero.keras.applications.imagenet import decode_predictions, prepared

__all__ = ["decode_predictions", "preprocess_input"]

# Mean and deviation of ImageNet's pictures, RGB from 0 to 1.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Return pictures (RGB, 0 to 255) as networks were trained on them.

    Args:
        x: array, Variable or tensor of a model, one picture or several.
        data_format: "channels_last" or "channels_first".
        mode: "caffe" (BGR, the mean of ImageNet taken off), "tf" (-1 to 1), or "torch" (0 to 1,
            less the mean of ImageNet, divided by the deviation).
    Raises:
        ValueError: mode is none of these.
    """
    if mode == "torch":
        scaled = (prepared(x, "tf", data_format) + 1.0) / 2.0
        shape = (3, 1, 1) if data_format == "channels_first" else (3,)
        mean, deviation = (np.reshape(v, shape).astype("f4") for v in (MEAN, DEVIATION))
        return (scaled - mean) / deviation
    if mode not in ("caffe", "tf"):
        raise ValueError(
            f"preprocess_input: expected mode 'caffe', 'tf' or 'torch', got {mode!r}. "
            "Take preprocess_input of the network's own module."
        )
    return prepared(x, mode, data_format)

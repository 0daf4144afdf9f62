"""The layers that a file may name, and how they become data and back."""

from collections.abc import Mapping
from typing import Any

from dezero.core.errors import describe, lookup
from dezero.layers.activation import Activation
from dezero.layers.attention import MultiHeadAttention, PositionalEncoding, TransformerBlock
from dezero.layers.conv import Conv1d, Conv2d, Deconv1d, Deconv2d
from dezero.layers.dropout import Dropout
from dezero.layers.embed import EmbedID
from dezero.layers.layer import Layer
from dezero.layers.linear import Linear
from dezero.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dezero.layers.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool1d,
    MaxPool2d,
)
from dezero.layers.recurrent import CELLS
from dezero.layers.resampling import (
    Pad2d,
    PixelShuffle,
    PixelUnshuffle,
    Upsample,
)
from dezero.layers.reshaping import Flatten
from dezero.layers.stacked import Bidirectional, StackedRNN

# Characters of a message or a name from a file that an error repeats.
MAX_SHOWN = 400

LAYERS: dict[str, type[Layer]] = {
    **CELLS,
    "Activation": Activation,
    "AdaptiveAvgPool": AdaptiveAvgPool,
    "AdaptiveMaxPool": AdaptiveMaxPool,
    "AvgPool1d": AvgPool1d,
    "AvgPool2d": AvgPool2d,
    "BatchNorm": BatchNorm,
    "Bidirectional": Bidirectional,
    "Conv1d": Conv1d,
    "Conv2d": Conv2d,
    "Deconv1d": Deconv1d,
    "Deconv2d": Deconv2d,
    "Dropout": Dropout,
    "EmbedID": EmbedID,
    "Flatten": Flatten,
    "GlobalAvgPool": GlobalAvgPool,
    "GlobalMaxPool": GlobalMaxPool,
    "GroupNorm": GroupNorm,
    "InstanceNorm": InstanceNorm,
    "LayerNorm": LayerNorm,
    "Linear": Linear,
    "MaxPool1d": MaxPool1d,
    "MaxPool2d": MaxPool2d,
    "Pad2d": Pad2d,
    "PixelShuffle": PixelShuffle,
    "PixelUnshuffle": PixelUnshuffle,
    "RMSNorm": RMSNorm,
    "Upsample": Upsample,
    "StackedRNN": StackedRNN,
    "MultiHeadAttention": MultiHeadAttention,
    "PositionalEncoding": PositionalEncoding,
    "TransformerBlock": TransformerBlock,
}


def layer_config(layer: Layer, table: Mapping[str, type[Layer]] = LAYERS) -> dict[str, Any]:
    """Return {"class", "config"} of a layer, and its "name" if it has one.

    Args:
        layer: one of dezero's own.
        table: {class name: class} of those that `build_layer` will find.
    Raises:
        TypeError: the class is not in the table, or an argument cannot be written down.
    """
    name = type(layer).__name__
    if table.get(name) is not type(layer):
        raise TypeError(
            f"layer_config: expected a layer of dezero's own, got {name}. "
            "Save the weights alone, and build the layer yourself before loading them."
        )
    entry: dict[str, Any] = {"class": name, "config": layer.config()}
    if layer.name is not None:
        entry["name"] = layer.name
    return entry


def build_layer(entry: Any, table: Mapping[str, type[Layer]] = LAYERS) -> Layer:
    """Return a new layer from what `layer_config` wrote; no class outside `table` is made.

    Args:
        entry: {"class", "config"}, perhaps with "name".
        table: {class name: class}.
    Raises:
        ValueError: the class is unknown, or its constructor does not take this configuration.
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("config"), Mapping):
        raise ValueError(
            f"build_layer: expected a dict with 'class' and 'config', got {describe(entry)}. "
            "Was the file changed by hand?"
        )
    called, name = entry.get("class"), entry.get("name")
    if not isinstance(called, str) or len(called) > MAX_SHOWN:
        called = describe(called)  # a hostile name would fill the screen
    kind = lookup("build_layer", called, table)
    try:
        layer = kind.from_config(dict(entry["config"]))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        if str(error).startswith("build_layer:"):  # of a layer inside this one
            raise
        raise ValueError(
            f"build_layer: expected a configuration of {kind.__name__}, got "
            f"{describe(dict(entry['config']))} ({str(error)[:MAX_SHOWN]}). "
            "Was the file changed by hand?"
        ) from error
    if name is not None and not isinstance(name, str):
        raise ValueError(f"build_layer: expected a string as name, got {describe(name)}.")
    layer.name = name
    return layer

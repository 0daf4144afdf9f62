"""Layers: Parameters with the functions that use them; `import dezero.layers as L`."""

from dezero.layers.activation import Activation, function_of, saved_name, shown_name
from dezero.layers.attention import MultiHeadAttention, PositionalEncoding, TransformerBlock
from dezero.layers.conv import Conv1d, Conv2d, Deconv1d, Deconv2d
from dezero.layers.dropout import Dropout
from dezero.layers.embed import EmbedID
from dezero.layers.foreign import given_arrays, translated_weights
from dezero.layers.layer import Layer
from dezero.layers.linear import Linear
from dezero.layers.members import Buffer
from dezero.layers.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dezero.layers.parameters import deferred, sample_shape
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
from dezero.layers.recurrent import GRU, LSTM, RNN
from dezero.layers.resampling import (
    Pad2d,
    PixelShuffle,
    PixelUnshuffle,
    Upsample,
)
from dezero.layers.reshaping import Flatten
from dezero.layers.stacked import Bidirectional, StackedRNN
from dezero.layers.table import LAYERS, build_layer, layer_config
from dezero.layers.weights import assign_weights, check_initialised, weight_arrays

__all__ = [
    "MultiHeadAttention",
    "PositionalEncoding",
    "TransformerBlock",
    "GRU",
    "LAYERS",
    "LSTM",
    "RNN",
    "Activation",
    "AdaptiveAvgPool",
    "AdaptiveMaxPool",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm",
    "Bidirectional",
    "Buffer",
    "Conv1d",
    "Conv2d",
    "Deconv1d",
    "Deconv2d",
    "Dropout",
    "EmbedID",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "InstanceNorm",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool1d",
    "MaxPool2d",
    "Pad2d",
    "PixelShuffle",
    "PixelUnshuffle",
    "RMSNorm",
    "Upsample",
    "StackedRNN",
    "assign_weights",
    "build_layer",
    "check_initialised",
    "deferred",
    "function_of",
    "given_arrays",
    "layer_config",
    "sample_shape",
    "saved_name",
    "shown_name",
    "translated_weights",
    "weight_arrays",
]

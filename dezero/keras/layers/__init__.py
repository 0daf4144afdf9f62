"""The layers of `dezero.keras`."""

from dezero.keras.layers.activation import (
    ELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)
from dezero.keras.layers.attention import (
    Attention,
    MultiHeadAttention,
)
from dezero.keras.layers.augmentation import (
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from dezero.keras.layers.base import (
    Layer,
)
from dezero.keras.layers.borders import (
    Cropping1D,
    Cropping2D,
    UpSampling1D,
    UpSampling2D,
    ZeroPadding1D,
    ZeroPadding2D,
)
from dezero.keras.layers.cells import (
    GRUCell,
    LSTMCell,
    SimpleRNNCell,
)
from dezero.keras.layers.convolutional import (
    Conv1D,
    Conv2D,
    Convolution1D,
    Convolution2D,
)
from dezero.keras.layers.core import (
    Activation,
    Dense,
    Dropout,
    Flatten,
    Input,
    InputLayer,
    Lambda,
)
from dezero.keras.layers.embedding import (
    Embedding,
)
from dezero.keras.layers.encoding import (
    CategoryEncoding,
    Discretization,
)
from dezero.keras.layers.kinds import (
    InputSpec,
    ThresholdedReLU,
    Wrapper,
)
from dezero.keras.layers.lookup import (
    IntegerLookup,
    StringLookup,
)
from dezero.keras.layers.masking import (
    Masking,
)
from dezero.keras.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from dezero.keras.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    LayerNormalization,
    UnitNormalization,
)
from dezero.keras.layers.operators import (
    Operator,
)
from dezero.keras.layers.plain import (
    ActivityRegularization,
    AdditiveAttention,
    AlphaDropout,
    Identity,
)
from dezero.keras.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AvgPool1D,
    AvgPool2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPool1D,
    MaxPool2D,
    MaxPooling1D,
    MaxPooling2D,
)
from dezero.keras.layers.preprocessing import (
    CenterCrop,
    Normalization,
    Rescaling,
    Resizing,
)
from dezero.keras.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    SimpleRNN,
)
from dezero.keras.layers.regularization import (
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
)
from dezero.keras.layers.reshaping import (
    Permute,
    RepeatVector,
    Reshape,
)
from dezero.keras.layers.separable import (
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from dezero.keras.layers.stacked import (
    StackedRNNCells,
)
from dezero.keras.layers.table import (
    LAYERS,
)
from dezero.keras.layers.table import layer_from as deserialize
from dezero.keras.layers.table import saved_layer as serialize
from dezero.keras.layers.text import (
    TextVectorization,
)
from dezero.keras.layers.transposed import (
    Conv1DTranspose,
    Conv2DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
)
from dezero.keras.layers.wrappers import (
    Bidirectional,
    TimeDistributed,
)

__all__ = [
    "CuDNNGRU",
    "CuDNNLSTM",
    "InputSpec",
    "ThresholdedReLU",
    "Wrapper",
    "CategoryEncoding",
    "Discretization",
    "IntegerLookup",
    "StringLookup",
    "ActivityRegularization",
    "AdditiveAttention",
    "AlphaDropout",
    "Identity",
    "StackedRNNCells",
    "TextVectorization",
    "deserialize",
    "serialize",
    "Activation",
    "Add",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "LAYERS",
    "LSTM",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "Operator",
    "PReLU",
    "Permute",
    "RNN",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
# What Keras 2 called them where a graphics card computes.
CuDNNLSTM, CuDNNGRU = LSTM, GRU
# A name of a file finds these; Lambda holds code, which a file must not bring.
LAYERS.update(
    {
        found.__name__: found
        for found in map(globals().get, __all__)
        if isinstance(found, type) and issubclass(found, Layer) and found not in (Layer, Lambda)
    }
)

"""Keras 2's module paths."""

import importlib

import pytest

from dezero import keras

PATHS = {
    "layers.core": "Dense Reshape Permute RepeatVector Masking Flatten",
    "layers.convolutional": "Conv2D MaxPooling2D UpSampling2D ZeroPadding2D Convolution2D",
    "layers.pooling": "MaxPooling2D GlobalAveragePooling2D",
    "layers.normalization": "BatchNormalization",
    "layers.recurrent": "LSTM GRU",
    "layers.embeddings": "Embedding",
    "layers.merge": "concatenate add Concatenate",
    "layers.advanced_activations": "LeakyReLU PReLU",
    "layers.noise": "GaussianNoise",
    "layers.wrappers": "TimeDistributed Bidirectional",
    "utils.np_utils": "to_categorical normalize",
    "utils.vis_utils": "plot_model",
    "utils.generic_utils": "Progbar",
    "utils.data_utils": "get_file Sequence",
    "engine.topology": "Layer Input",
    "engine.training": "Model",
}


@pytest.mark.parametrize(("path", "names"), PATHS.items())
def test_names_are_found_where_keras_2_had_them(path, names):
    module = importlib.import_module(f"dezero.keras.{path}")
    doors = (keras.layers, keras.utils, keras.models)
    for name in names.split():
        assert any(getattr(module, name) is getattr(door, name, None) for door in doors)


def test_names_that_are_nowhere():
    with pytest.raises(AttributeError, match="module 'dezero.keras.layers.core' has no attribute"):
        _ = importlib.import_module("dezero.keras.layers.core").Nothing
    with pytest.raises(ImportError):
        importlib.import_module("dezero.keras.layers.nothing")

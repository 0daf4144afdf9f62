"""What the applications share."""

import hashlib
import json

import numpy as np
import pytest

from dezero.keras.applications import imagenet, vgg16
from dezero.keras.applications.vgg16 import VGG16
from dezero.keras.layers import Input, Rescaling


def test_pictures_are_prepared_and_left_as_they_are():
    x = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3)).astype(np.float32)
    kept = x.copy()
    got = imagenet.prepared(x, "caffe")
    want = x[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
    np.testing.assert_allclose(got, want, rtol=1e-6)
    first = imagenet.prepared(x.transpose(0, 3, 1, 2), "caffe", "channels_first")
    np.testing.assert_array_equal(first, got.transpose(0, 3, 1, 2))
    scaled = imagenet.prepared(x.astype(np.uint8), "tf")
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, x / 127.5 - 1, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(x, kept)
    with pytest.raises(ValueError, match="preprocess_input: expected data_format"):
        imagenet.prepared(x, "tf", "middle")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "no such file"}, "expected weights None, 'imagenet' or a file"),
        ({"weights": "imagenet", "classes": 7}, "expected classes=1000"),
        ({"pooling": "mean"}, "expected pooling"),
        ({"weights": "imagenet", "classifier_activation": "relu"}, "classifier_activation"),
        ({"input_tensor": np.zeros((1, 32, 32, 3))}, "expected input_tensor made by Input"),
        ({"input_shape": (32, 32)}, "height, width, channels"),
        ({"input_shape": (31, 40, 3)}, "at least 32x32"),
        ({"input_shape": (None, 40, 3)}, "without None"),
        ({"weights": "imagenet", "input_shape": (64, 64, 3)}, r"\(224, 224, 3\)"),
        (
            {"weights": "imagenet", "input_shape": (64, 64, 1), "include_top": False},
            "expected 3 channels",
        ),
    ],
)
def test_arguments_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match="VGG16: .*" + message):
        VGG16(**{"weights": None, **options})


def test_builds_upon_a_tensor():
    entry = Input(shape=(32, 32, 3))
    model = VGG16(
        weights=None, include_top=False, pooling="max", input_tensor=Rescaling(0.5)(entry)
    )
    assert model.inputs[0] is entry
    assert model.output_shape == (None, 512)


def test_class_names(tmp_path, monkeypatch):
    words = {str(i): [f"n{i}", f"name {i}"] for i in range(1000)}
    path = tmp_path / "models" / "imagenet_class_index.json"
    path.parent.mkdir()
    path.write_text(json.dumps(words))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(imagenet, "CLASS_INDEX_MD5", md5)
    scores = np.zeros((2, 1000))
    scores[0, 3], scores[1, 5], scores[1, 9] = 1, 2, 3
    got = vgg16.decode_predictions(scores, top=2)
    assert got[0][0] == ("n3", "name 3", 1)
    assert got[1] == [("n9", "name 9", 3), ("n5", "name 5", 2)]
    with pytest.raises(ValueError, match=r"decode_predictions: expected shape \(N, 1000\)"):
        vgg16.decode_predictions(np.zeros((2, 7)))


def test_a_file_without_a_published_hash_is_not_fetched():
    with pytest.raises(ValueError, match="applications: expected a published hash for x.h5"):
        imagenet.published("x.h5", "mobilenet/", None)

"""`dezero.models`: the networks with published weights."""

import numpy as np
from PIL import Image

from dezero.models import Model
from tests.upstream import Name, thing

X = np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype(np.float32)
PICTURE = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))


def network(path, like, layers, *arguments):
    """A model class that is a Model, has upstream's layers, and gives `classes` numbers."""

    def check(cls):
        model = cls(*arguments, width=1 / 32)
        assert isinstance(model, Model)
        assert all(hasattr(model, name) for name in layers.split())
        y = model(X)
        return y.shape == (2, 1000) and np.isfinite(y.data).all()

    return thing(path, like, check)


def prepares(preprocess):
    x = preprocess(PICTURE, (6, 5))
    blue = np.asarray(PICTURE.resize((6, 5)), np.float32)[:, :, 2] - np.float32(103.939)
    np.testing.assert_allclose(x[0], blue, rtol=1e-6)
    return x.shape == (3, 5, 6) and x.dtype == np.float32


def block(shape, *arguments):
    return lambda cls: cls(*arguments)(X[:, :, :8, :8]).shape == shape


VGG = (
    "conv1_1 conv1_2 conv2_1 conv2_2 conv3_1 conv3_2 conv3_3 conv4_1 conv4_2 conv4_3 conv5_1 "
    "conv5_2 conv5_3 fc6 fc7 fc8"
)
RESNET = "conv1 bn1 res2 res3 res4 res5 fc6"
NAMES: list[Name] = [
    network("models.VGG16", lambda pretrained=False: 0, VGG),
    thing("models.VGG16.WEIGHTS_PATH", None, lambda url: url.endswith("/v0.1/vgg16.npz")),
    thing("models.VGG16.preprocess", lambda image, size=(224, 224), dtype=np.float32: 0, prepares),
    network("models.ResNet", lambda n_layers=152, pretrained=False: 0, RESNET, 50),
    thing("models.ResNet.WEIGHTS_PATH", None, lambda url: url.endswith("/v0.1/resnet{}.npz")),
    network("models.ResNet50", lambda pretrained=False: 0, RESNET),
    network("models.ResNet101", lambda pretrained=False: 0, RESNET),
    network("models.ResNet152", lambda pretrained=False: 0, RESNET),
    thing(
        "models.BuildingBlock",
        lambda n_layers=None, in_channels=None, mid_channels=None, out_channels=None,
        stride=None, downsample_fb=None: 0,
        block((2, 5, 4, 4), 2, 3, 2, 5, 2),
    ),
    thing(
        "models.BottleneckA",
        lambda in_channels, mid_channels, out_channels, stride=2, downsample_fb=False: 0,
        block((2, 5, 4, 4), 3, 2, 5),
    ),
    thing(
        "models.BottleneckB", lambda in_channels, mid_channels: 0, block((2, 3, 8, 8), 3, 2)
    ),
    network("models.SqueezeNet", lambda pretrained=False: 0, ""),
]  # fmt: skip

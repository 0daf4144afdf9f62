"""Keras's published networks, built of `dezero.keras.layers`."""

from dezero.keras.applications import (
    imagenet_utils,
    inception_v3,
    mobilenet,
    mobilenet_v2,
    resnet,
    resnet50,
    vgg16,
    vgg19,
    xception,
)
from dezero.keras.applications.inception_v3 import InceptionV3
from dezero.keras.applications.mobilenet import MobileNet
from dezero.keras.applications.mobilenet_v2 import MobileNetV2
from dezero.keras.applications.resnet import ResNet50, ResNet101, ResNet152
from dezero.keras.applications.vgg16 import VGG16
from dezero.keras.applications.vgg19 import VGG19
from dezero.keras.applications.xception import Xception

__all__ = [
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "ResNet101",
    "ResNet152",
    "ResNet50",
    "VGG16",
    "VGG19",
    "Xception",
    "imagenet_utils",
    "inception_v3",
    "mobilenet",
    "mobilenet_v2",
    "resnet",
    "resnet50",
    "vgg16",
    "vgg19",
    "xception",
]

"""Keras's published networks, built of `dezero.keras.layers`."""

from dezero.keras.applications import vgg16, vgg19
from dezero.keras.applications.vgg16 import VGG16
from dezero.keras.applications.vgg19 import VGG19

__all__ = ["VGG16", "VGG19", "vgg16", "vgg19"]

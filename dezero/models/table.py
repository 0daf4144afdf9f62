"""The classes that a saved model may name; each module of this room enters its own."""

from dezero.layers import LAYERS, Layer

MODELS: dict[str, type[Layer]] = dict(LAYERS)

"""What the recording script and the tests share: the same weights and picture on both sides."""

import numpy as np


def picture():
    """A picture 75x75 like those that networks of photographs are given."""
    return np.random.default_rng(7).standard_normal((1, 75, 75, 3)).astype(np.float32)


def weights_of(model):
    """Weights for every layer, from one generator in the order of get_weights().

    Kernels have the variance 2 / (inputs of a filter), so that the output neither fades nor grows.
    """
    rng = np.random.default_rng(11)
    drawn = []
    for layer in model.layers:
        for held in layer.weights:
            name, shape = held.name.split("/")[-1].split(":")[0], tuple(held.shape)
            values = rng.standard_normal(shape).astype(np.float32)
            if name == "depthwise_kernel":
                values *= np.float32((2 / np.prod(shape[:2])) ** 0.5)
            elif "kernel" in name:
                values *= np.float32((2 / np.prod(shape[:-1])) ** 0.5)
            elif name in ("gamma", "moving_variance"):
                values = 1 + 0.1 * np.abs(values)
            else:
                values *= np.float32(0.1)
            drawn.append(values.astype(np.float32))
    return drawn


def layers_of(model):
    """[name, class, output shape, weight shapes] of every layer, in order."""
    return [
        [
            layer.name,
            type(layer).__name__,
            list(layer.output.shape),
            [list(w.shape) for w in layer.weights],
        ]
        for layer in model.layers
    ]

"""What the specs of the models compute with: layers in NumPy, their weights found by path."""

import numpy as np

from tests.specs.functions.conv import correlate
from tests.specs.functions.pooling import maximum


def relu(x):
    return np.maximum(x, 0)


def conv(x, w, path, stride=1, pad=0):
    """The convolution called `path`, with a bias if it has one."""
    bias = w.get(f"{path}/b")
    return correlate(x, w[f"{path}/W"], bias, stride=(stride,) * 2, pads=((pad, pad),) * 2)


def norm(x, w, path, eps):
    """Batch normalisation whose running statistics are those of a new layer."""
    gamma, beta = (w[f"{path}/{name}"].reshape(-1, 1, 1) for name in ("gamma", "beta"))
    return gamma * x / np.sqrt(1 + eps) + beta


def pool(x, kernel, stride, pad=0, out=None):
    return maximum(x, (kernel,) * 2, (stride,) * 2, ((pad, pad),) * 2, out=out)


def linear(x, w, path):
    return x.reshape(len(x), -1) @ w[f"{path}/W"] + w[f"{path}/b"]

"""Attention of many heads, transformer blocks, positions."""

import math

import numpy as np

import dezero.layers as L
from tests.specs.functions.attention import attention, positions
from tests.specs.layers import LayerSpec, affine, normed


def many_heads(x, w, path="", *, heads=2, keep=True):
    def project(name):
        width = w[f"{path}{name}/W"]
        bias = w.get(f"{path}{name}/b", 0)
        y = (x @ width + bias).reshape(*x.shape[:-1], heads, -1)
        return y.swapaxes(-2, -3)

    y = attention(project("query"), project("key"), project("value"), keep)[0].swapaxes(-2, -3)
    y = y.reshape(*x.shape[:-1], -1)
    return y @ w[f"{path}output/W"] + w.get(f"{path}output/b", 0)


def norm(x, w, path):
    return normed(x, {"gamma": w[f"{path}gamma"], "beta": w[f"{path}beta"]})


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def before(x, w):
    x = x + many_heads(norm(x, w, "norm1/"), w, "attention/")
    h = gelu(affine(norm(x, w, "norm2/"), w, "linear1/"))
    return x + affine(h, w, "linear2/")


def behind(x, w):
    keep = np.tri(x.shape[-2], dtype=bool)
    x = norm(x + many_heads(x, w, "attention/", keep=keep), w, "norm1/")
    h = np.maximum(affine(x, w, "linear1/"), 0)
    return norm(x + affine(h, w, "linear2/"), w, "norm2/")


def placed(x, w):
    return x * math.sqrt(x.shape[-1]) + positions(np.arange(x.shape[-2]), x.shape[-1])


SPECS = [
    LayerSpec(lambda: L.MultiHeadAttention(4, 2), (2, 3, 5), many_heads, "MultiHeadAttention"),
    LayerSpec(
        lambda: L.MultiHeadAttention(
            5, 3, head_size=2, value_size=4, causal=True, nobias=True, initializer="normal"
        ),
        (2, 4, 5),
        lambda x, w: many_heads(x, w, heads=3, keep=np.tri(4, dtype=bool)),
        "MultiHeadAttention-all",
    ),
    LayerSpec(lambda: L.TransformerBlock(4, 2), (2, 3, 4), before, "TransformerBlock"),
    LayerSpec(
        lambda: L.TransformerBlock(
            4, 2, 3, activation="relu", pre_norm=False, causal=True, dropout_ratio=0.1
        ),
        (2, 3, 4),
        behind,
        "TransformerBlock-behind",
    ),
    LayerSpec(
        lambda: L.PositionalEncoding(0.1, scale=True), (2, 3, 4), placed, "PositionalEncoding"
    ),
]

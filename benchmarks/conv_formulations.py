"""Formulations of one convolution's forward pass, to choose the one for each shape.

python benchmarks/conv_formulations.py [--quick] [--cases cats2] [--only "columns,tiles"]

"columns" and "planes" are those of `dezero.backend.convolution`, "tiles" is Winograd's way,
"direct" a compiled loop that reads the picture where it is.
"whole columns" makes the columns of the whole batch at once, "taps" adds one product for each
entry of the kernel, "per sample" is a product (O, C*KH*KW) @ (C*KH*KW, OH*OW) for each picture.
"""

import importlib

import harness
import numpy as np
from numpy.lib.stride_tricks import as_strided

# batch, height and width with padding, channels in and out; 3x3 kernels, stride 1
CASES = {
    "small1": (64, 28, 1, 32),
    "small2": (64, 13, 32, 64),
    "cats1": (20, 150, 3, 32),
    "cats2": (20, 74, 32, 64),
    "cats3": (20, 36, 64, 128),
    "cats4": (20, 17, 128, 128),
    "vgg 224": (1, 226, 64, 64),
    "vgg 56": (1, 58, 256, 256),
    "vgg 28": (1, 30, 512, 512),
    "vgg 14 batch 8": (8, 16, 512, 512),
}
REPEAT = 5


def drawn(case):
    n, size, channels, outs = case
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, size, size, channels), dtype="f4")
    return x, rng.standard_normal((3, 3, channels, outs), dtype="f4")


def repeated(run):
    def once():
        start = harness.clock()
        for _ in range(REPEAT):
            run()
        return (harness.clock() - start) / REPEAT

    return once


def torch_conv(case):
    import torch

    x, W = drawn(case)
    x = torch.from_numpy(x.transpose(0, 3, 1, 2).copy())
    W = torch.from_numpy(W.transpose(3, 2, 0, 1).copy())
    return repeated(lambda: torch.nn.functional.conv2d(x, W))


def library(path=None, few=None, by="numpy"):
    """Our kernel on a path, None for the one that it chooses."""

    def candidate(case):
        from dezero.backend import convolution
        from dezero.backend.window import Window

        engine = importlib.import_module(f"dezero.backend.{by}_convolution")
        (x, W), window = drawn(case), Window((3, 3))
        if path is not None:
            engine.LOOPS.path = lambda *args: path
        if few is not None:
            convolution.FEW_CHANNELS = few
        return repeated(lambda: engine.convolve(x, W, None, window))

    return candidate


def windows(x):
    n, h, w, c = x.shape
    s0, s1, s2, s3 = x.strides
    return as_strided(x, (n, h - 2, w - 2, 3, 3, c), (s0, s1, s2, s1, s2, s3))


def whole_columns(case):
    x, W = drawn(case)
    W = W.reshape(-1, W.shape[-1])
    view = windows(x)
    n, oh, ow = view.shape[:3]
    return repeated(lambda: (view.reshape(n * oh * ow, -1) @ W).reshape(n, oh, ow, -1))


def taps(case):
    x, W = drawn(case)
    size = x.shape[1] - 2

    def run():
        y = 0
        for k in range(3):
            for m in range(3):
                y = y + x[:, k : k + size, m : m + size] @ W[k, m]
        return y

    return repeated(run)


def per_sample(case):
    x, W = drawn(case)
    planes = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    flat = np.ascontiguousarray(W.transpose(3, 2, 0, 1)).reshape(W.shape[-1], -1)
    n, c, h, w = planes.shape
    s0, s1, s2, s3 = planes.strides
    view = as_strided(planes, (n, c, 3, 3, h - 2, w - 2), (s0, s1, s2, s3, s2, s3))
    y = np.empty((n, len(flat), (h - 2) * (w - 2)), "f4")
    columns = np.empty(view.shape[1:], "f4")

    def run():
        for i in range(n):
            np.copyto(columns, view[i])
            np.dot(flat, columns.reshape(flat.shape[1], -1), out=y[i])

    return repeated(run)


SUBJECT = harness.Subject(
    name="conv_formulations",
    title="Forward pass of a 3x3 convolution",
    cases=CASES,
    candidates={
        "torch": torch_conv,
        "chosen": library(),
        "columns": library("columns", few=0),
        "planes": library("planes", few=1 << 30),
        "tiles": library("tiles"),
        "chosen, numba": library(by="numba"),
        "tiles, numba": library("tiles", by="numba"),
        "direct, numba": library("direct", by="numba"),
        "whole columns": whole_columns,
        "per sample": per_sample,
        "taps": taps,
    },
    reference="torch",
)

if __name__ == "__main__":
    harness.main(SUBJECT)

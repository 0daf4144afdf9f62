"""The networks of `gpu_training.py`: a description each, made from it for torch and for dezero."""

import dataclasses
import itertools

import numpy as np


def vgg16():
    """Return VGG16's layers."""
    layers = []
    for count, outs in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        layers += [("conv", outs, 3, 1, 1), ("relu",)] * count + [("pool", 2, 2, 0)]
    dense = [("dense", 4096), ("relu",), ("dropout", 0.5)] * 2
    return (*layers, ("flatten",), *dense, ("dense", 1000))


def resnet50():
    """Return ResNet50's layers, the stride in the 3x3 convolution."""
    layers = [("conv", 64, 7, 2, 3), ("relu",), ("pool", 3, 2, 1)]
    for number, count in enumerate((3, 4, 6, 3)):
        mid = 64 << number
        for i in range(count):
            stride = 2 if number and i == 0 else 1
            main = [("conv", mid, 1, 1, 0), ("conv", mid, 3, stride, 1), ("conv", 4 * mid, 1, 1, 0)]
            skip = [("conv", 4 * mid, 1, stride, 0)] if i == 0 else []
            layers.append(("both", main, skip))
    return (*layers, ("mean",), ("dense", 1000))


def dense(*sizes):
    """Return dense layers with relu between them."""
    return tuple(x for n in sizes for x in (("dense", n), ("relu",)))[:-1]


def convolutional(convolutions, hidden, outputs, dropout=0.0):
    """Return convolutions of 3x3 with relu and pooling, then two dense layers."""
    layers = []
    for outs in convolutions:
        layers += [("conv", outs, 3, 1, 0), ("relu",), ("pool", 2, 2, 0)]
    layers += [("flatten",)] + ([("dropout", dropout)] if dropout else [])
    return (*layers, ("dense", hidden), ("relu",), ("dense", outputs))


LENET = (
    ("conv", 6, 5, 1, 2), ("relu",), ("pool", 2, 2, 0), ("conv", 16, 5, 1, 0), ("relu",),
    ("pool", 2, 2, 0), ("flatten",), *dense(120, 84, 10),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Case:
    """What is timed: a network, its batch, a step of training or a forward pass, a precision."""

    layers: tuple
    shape: tuple
    batch: int
    classes: int = 10
    training: bool = True
    precision: str = "fp32"
    model: str = ""  # of dezero.models; else the layers are put one after another
    samples: int = 0  # of an epoch, where `fit` is timed and not a step

    @property
    def lr(self):
        """The learning rate: large networks must not make much of a difference in rounding."""
        return 1e-3 if np.prod(self.shape) < 1000 else 1e-5

    @property
    def gain(self):
        """How wide the weights are: so that nothing blows up or fades."""
        return 1.5 if self.model == "vgg16" else 1.0

    def data(self):
        """Return pictures and labels that can be told apart, as many as an epoch has."""
        rng = np.random.default_rng(1)
        t = rng.integers(0, self.classes, self.samples)
        centers = rng.standard_normal((self.classes, *self.shape), dtype="f4")
        noise = rng.standard_normal((self.samples, *self.shape), dtype="f4")
        return 0.1 * centers[t] + noise, t

    def batches(self, count=4):
        """Return batches of random pictures and labels."""
        rng = np.random.default_rng(0)
        return [
            (
                rng.standard_normal((self.batch, *self.shape), dtype="f4"),
                rng.integers(0, self.classes, self.batch),
            )
            for _ in range(count)
        ]


def large_cases():
    """Return VGG16 and ResNet50: forward and step, batch 8 and 32, three precisions."""
    found = {}
    nets = {"resnet50": resnet50(), "vgg16": vgg16()}
    every = itertools.product((32, 8), (True, False), ("tf32", "fp32", "fp16"), nets)
    for batch, training, precision, name in every:
        what = "step" if training else "forward"
        given = (nets[name], (3, 224, 224), batch, 1000, training, precision, name)
        found[f"{name} {what} {batch} {precision}"] = Case(*given)
    return found


def small_cases(*batches):
    """Return the two dense networks at some sizes of batches."""
    return {
        f"784-{'-'.join(map(str, sizes))} {batch}": Case(dense(*sizes), (784,), batch)
        for batch in batches
        for sizes in ((300, 100, 10), (128, 10))
    }


# In the order in which they are timed: a run may end by its budget.
CASES = {
    **small_cases(32),
    "lenet 64": Case(LENET, (1, 28, 28), 64),
    "cats 32": Case(convolutional((32, 64, 128, 128), 512, 2, 0.5), (3, 150, 150), 32, 2),
    "fit 784-128-10 32": Case(dense(128, 10), (784,), 32, samples=60_000),
    **small_cases(128, 1024),
    **large_cases(),
    # For trying the benchmark where there is no GPU.
    "tiny": Case(dense(5, 3), (7,), 4, 3),
    "tiny conv": Case(convolutional((2,), 4, 3, 0.5), (1, 8, 8), 4, 3),
    "tiny forward": Case(convolutional((2,), 4, 3, 0.5), (1, 8, 8), 4, 3, training=False),
    "tiny fit": Case(dense(5, 3), (7,), 4, 3, samples=400),
}


def weights(shapes, gain):
    """Yield an array for each shape, by which candidates begin alike; torch's layout.

    Normal numbers, but few of them over and over: VGG16 has 138 million.
    """
    block = np.random.default_rng(0).standard_normal(99_991, dtype="f4")  # a prime: no rows agree
    for shape in shapes:
        yield np.resize(block, shape) * np.float32((gain / np.prod(shape[1:])) ** 0.5)


def fill_torch(model, gain):
    """Give torch's model the common weights; no bias, normalisation that changes nothing."""
    import torch

    wide = [p for p in model.parameters() if p.ndim > 1]
    shapes = [tuple(p.shape) for p in wide]
    with torch.no_grad():
        for p, values in zip(wide, weights(shapes, gain), strict=True):
            p.copy_(torch.from_numpy(values))
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.reset_running_stats()
                module.weight.fill_(1)
            if getattr(module, "bias", None) is not None:
                module.bias.zero_()


def fill_dezero(model, gain, there):
    """Give ours the same, dense layers holding theirs transposed; `there` moves an array."""
    params = list(model.params())
    wide = [p for p in params if p.ndim > 1]
    shapes = [p.shape[::-1] if p.ndim == 2 else p.shape for p in wide]
    for p, values in zip(wide, weights(shapes, gain), strict=True):
        p.data[...] = there(np.ascontiguousarray(values.T if p.ndim == 2 else values))
    ones = ("gamma", "var")
    rest = [(name, p.data) for name, p in model.named_params() if p.ndim == 1]
    for name, array in [*rest, *model.named_buffers()]:
        array[...] = float(name.endswith(ones))


def in_torch(case):
    """Return the network for torch."""
    import model_forward
    from torch import nn

    if case.model:
        return getattr(model_forward, f"torch_{case.model}")()
    make = {
        "dense": lambda n: nn.LazyLinear(n),
        "conv": lambda outs, k, stride, pad: nn.LazyConv2d(outs, k, stride, pad),
        "pool": nn.MaxPool2d,
        "relu": nn.ReLU,
        "flatten": nn.Flatten,
        "dropout": nn.Dropout,
    }
    return nn.Sequential(*(make[kind](*sizes) for kind, *sizes in case.layers))


def in_dezero(case):
    """Return the network for dezero."""
    from dezero import functions as F
    from dezero import layers as L
    from dezero.models import VGG16, ResNet50, Sequential

    if case.model == "vgg16":
        return VGG16()
    if case.model:
        return ResNet50(variant="torchvision")
    make = {
        "dense": L.Linear,
        "conv": lambda outs, k, stride, pad: L.Conv2d(outs, k, stride=stride, pad=pad),
        "pool": lambda size, stride, pad: L.MaxPool2d(size, stride=stride, pad=pad),
        "relu": lambda: F.relu,
        "flatten": L.Flatten,
        "dropout": L.Dropout,
    }
    return Sequential([make[kind](*sizes) for kind, *sizes in case.layers])

"""The networks of `gpu_training.py`: a description each, made from it for torch and for dezero."""

import dataclasses

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
    for precision in ("fp32", "tf32", "fp16"):
        for batch in (32, 8):
            for training in (True, False):
                for name, layers in (("resnet50", resnet50()), ("vgg16", vgg16())):
                    what = "step" if training else "forward"
                    given = (layers, (3, 224, 224), batch, 1000, training, precision, name)
                    found[f"{name} {what} {batch} {precision}"] = Case(*given)
    return found


CASES = {
    **{
        f"784-{'-'.join(map(str, sizes))} {batch}": Case(dense(*sizes), (784,), batch)
        for sizes in ((128, 10), (300, 100, 10))
        for batch in (32, 128, 1024)
    },
    "lenet 64": Case(LENET, (1, 28, 28), 64),
    "cats 32": Case(convolutional((32, 64, 128, 128), 512, 2, 0.5), (3, 150, 150), 32, 2),
    **large_cases(),
    # For trying the benchmark where there is no GPU.
    "tiny": Case(dense(5, 3), (7,), 4, 3),
    "tiny conv": Case(convolutional((2,), 4, 3, 0.5), (1, 8, 8), 4, 3),
}


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

    if case.model:
        return VGG16() if case.model == "vgg16" else ResNet50(variant="torchvision")
    make = {
        "dense": L.Linear,
        "conv": lambda outs, k, stride, pad: L.Conv2d(outs, k, stride=stride, pad=pad),
        "pool": lambda size, stride, pad: L.MaxPool2d(size, stride=stride, pad=pad),
        "relu": lambda: F.relu,
        "flatten": L.Flatten,
        "dropout": L.Dropout,
    }
    return Sequential([make[kind](*sizes) for kind, *sizes in case.layers])

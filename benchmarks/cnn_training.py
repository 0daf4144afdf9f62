"""One training step of two convolutional networks, and the peak memory of a process that trains.

python benchmarks/cnn_training.py [--quick] [--cases cnn_small] [--only "torch eager,dezero"]

`cnn_small`: 28x28x1, conv 32, pool, conv 64, pool, 128, 10; batch 64, Adam. `cnn_cats`: 150x150x3,
conv 32, 64, 128, 128, each with relu and pool, dropout, 512, 1; batch 20 or 32, RMSprop. The data
is random: a step costs the same whatever is on the pictures.
"""

import dataclasses

import harness
import numpy as np


@dataclasses.dataclass(frozen=True)
class Net:
    size: int
    channels: int
    convolutions: tuple
    hidden: int
    outputs: int
    batch: int
    steps: int
    dropout: float = 0.0

    def data(self):
        rng = np.random.default_rng(0)
        shape = (self.batch * 2, self.channels, self.size, self.size)
        x = rng.random(shape, dtype="f4")
        if self.outputs == 1:
            return x, rng.integers(0, 2, (len(x), 1)).astype("f4")
        return x, rng.integers(0, self.outputs, len(x))


CATS = Net(150, 3, (32, 64, 128, 128), 512, 1, 20, 4, dropout=0.5)
CASES = {
    "cnn_small": Net(28, 1, (32, 64), 128, 10, 64, 50),
    "cnn_cats20": CATS,
    "cnn_cats32": dataclasses.replace(CATS, batch=32),
}


def torch_eager(net, memory_format=None):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(0)
    x, t = (torch.from_numpy(a) for a in net.data())
    layers, channels, size = [], net.channels, net.size
    for outs in net.convolutions:
        layers += [nn.Conv2d(channels, outs, 3), nn.ReLU(), nn.MaxPool2d(2)]
        channels, size = outs, (size - 2) // 2
    layers += [nn.Flatten()] + ([nn.Dropout(net.dropout)] if net.dropout else [])
    layers += [nn.Linear(channels * size * size, net.hidden), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(net.hidden, net.outputs))
    if memory_format == "channels last":
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    if net.outputs == 1:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9)
        loss_of = F.binary_cross_entropy_with_logits
    else:
        optimizer, loss_of = torch.optim.Adam(model.parameters()), F.cross_entropy

    def steps(count):
        for i in range(count):
            k = slice(i % 2 * net.batch, (i % 2 + 1) * net.batch)
            loss = loss_of(model(x[k]), t[k])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()

    return per_step(net, steps)


def torch_channels_last(net):
    return torch_eager(net, "channels last")


def dezero_step(net):
    from dezero import functions as F
    from dezero import layers as L
    from dezero.models import Sequential
    from dezero.optimizers import Adam, RMSprop

    x, t = net.data()
    layers = []
    for outs in net.convolutions:
        layers += [L.Conv2d(outs, 3), F.relu, L.MaxPool2d(2)]
    layers += [L.Flatten()] + ([L.Dropout(net.dropout)] if net.dropout else [])
    model = Sequential([*layers, L.Linear(net.hidden), F.relu, L.Linear(net.outputs)])
    if net.outputs == 1:
        optimizer, loss_of = RMSprop(lr=1e-3, rho=0.9).setup(model), F.sigmoid_cross_entropy
    else:
        optimizer, loss_of = Adam().setup(model), F.softmax_cross_entropy

    def steps(count):
        for i in range(count):
            k = slice(i % 2 * net.batch, (i % 2 + 1) * net.batch)
            loss = loss_of(model(x[k]), t[k])
            model.cleargrads()
            loss.backward()
            optimizer.update()
            loss.item()

    return per_step(net, steps)


def dezero_numba(net):
    import numba  # noqa: F401  (left out of the table where the extra is not installed)

    return dezero_step(net)


def per_step(net, steps):
    """Return a function that runs `steps` and returns the seconds of one.

    Two steps come first and are not counted: what another candidate's turn pushed out of the
    caches, or a virtual machine gave back to its host, is there again afterwards.
    """

    def run():
        steps(2)
        start = harness.clock()
        steps(net.steps)
        return (harness.clock() - start) / net.steps

    return run


SUBJECT = harness.Subject(
    name="cnn_training",
    title="Training step",
    cases=CASES,
    candidates={
        "torch eager": torch_eager,
        "torch channels last": torch_channels_last,
        "dezero": dezero_step,
        "dezero numba": dezero_numba,
    },
    reference="torch eager",
    memory=True,
    environment={
        "dezero": {"DEZERO_KERNELS": "numpy"},
        "dezero numba": {"DEZERO_KERNELS": "numba"},
    },
    limits={
        ("cnn_small", "dezero"): 1.35,
        ("cnn_small", "dezero numba"): 1.0,
        ("cnn_cats20", "dezero"): 0.90,
        ("cnn_cats20", "dezero numba"): 0.75,
        ("cnn_cats32", "dezero"): 0.80,
        ("cnn_cats32", "dezero numba"): 0.55,
    },
)

if __name__ == "__main__":
    harness.main(SUBJECT)

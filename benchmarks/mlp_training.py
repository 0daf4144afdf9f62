"""One training epoch of the three networks of issue 2, section 7, on the data in memory.

python benchmarks/mlp_training.py [--quick] [--cases mlp32-fashion] [--only "torch eager,fit"]
"""

import dataclasses

import harness
import numpy as np
import workload


@dataclasses.dataclass(frozen=True)
class Net:
    sizes: tuple
    batch: int
    dropout: float = 0.0
    data: str = "fashion"

    def order(self, rng):
        """A permutation of whole batches: every candidate takes the same number of steps."""
        return rng.permutation(60_000)[: 60_000 // self.batch * self.batch]


NETS = {
    "mlp32": Net((784, 128, 10), 32),
    "mlp128": Net((784, 256, 128, 10), 128, dropout=0.3),
    "mlp_big": Net((784, 1000, 1000, 10), 100),
}
CASES = {
    f"{name}-{data}": dataclasses.replace(net, data=data)
    for data in ("fashion", "dense")
    for name, net in NETS.items()
}
ASKED = {"mlp32": 0.60, "mlp128": 0.65, "mlp_big": 0.75}


def torch_eager(net):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(0)
    x, t = (torch.from_numpy(a) for a in workload.load(net.data))
    layers = []
    for i, pair in enumerate(zip(net.sizes, net.sizes[1:], strict=False)):
        layers += [nn.Linear(*pair), nn.ReLU()]
        if i == 0 and net.dropout:
            layers.append(nn.Dropout(net.dropout))
    model = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters())
    rng = np.random.default_rng(0)

    def epoch():
        order = torch.from_numpy(net.order(rng))
        for i in range(0, len(order), net.batch):
            k = order[i : i + net.batch]
            loss = F.cross_entropy(model(x[k]), t[k])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def torch_flushed(net):
    """torch with subnormals treated as zero, which is not its default."""
    import torch

    torch.set_flush_denormal(True)
    return torch_eager(net)


def numpy_by_hand(net):
    from numpy_hand import HandMLP

    x, t = workload.load(net.data)
    model = HandMLP(net.sizes, net.batch, net.dropout)
    rng = np.random.default_rng(0)
    return lambda: model.epoch(x, t, net.order(rng)) and None


def network(net):
    """The same network with our layers; MLP alone has no dropout between."""
    from dezero import functions as F
    from dezero.layers import Activation, Dropout, Linear
    from dezero.models import MLP, Sequential

    if not net.dropout:
        return MLP(net.sizes[1:], activation=F.relu)
    layers = []
    for i, size in enumerate(net.sizes[1:]):
        layers += [Linear(size), Activation("relu")]
        if i == 0:
            layers.append(Dropout(net.dropout))
    return Sequential(layers[:-1])


def book_loop(net):
    from dezero import functions as F
    from dezero.optimizers import Adam

    x, t = workload.load(net.data)
    model = network(net)
    optimizer = Adam().setup(model)
    rng = np.random.default_rng(0)

    def epoch():
        order = net.order(rng)
        for i in range(0, len(order), net.batch):
            k = order[i : i + net.batch]
            loss = F.softmax_cross_entropy(model(x[k]), t[k])
            model.cleargrads()
            loss.backward()
            optimizer.update()

    return epoch


def book_loop_numba(net):
    import numba  # noqa: F401  (left out of the table where the extra is not installed)

    return book_loop(net)


def fit(net):
    from dezero.optimizers import Adam

    x, t = workload.load(net.data)
    x, t = x[: 60_000 // net.batch * net.batch], t[: 60_000 // net.batch * net.batch]
    model = network(net)
    model.compile(optimizer=Adam(), loss="softmax_cross_entropy")
    return lambda: model.fit(x, t, epochs=1, batch_size=net.batch, verbose=0) and None


CANDIDATES = {
    "torch eager": torch_eager,
    "torch flushing subnormals": torch_flushed,
    "numpy by hand": numpy_by_hand,
    "dezero": book_loop,
    "dezero numba": book_loop_numba,
    "dezero fit": fit,
}
LIMITS = {
    (case, candidate): limit
    for case in CASES
    for candidate, limit in (("dezero", ASKED[case.split("-")[0]]), ("dezero numba", 0.50))
}
SUBJECT = harness.Subject(
    name="mlp_training",
    title="Training epoch in seconds",
    cases=CASES,
    candidates=CANDIDATES,
    reference="torch eager",
    environment={
        "dezero": {"DEZERO_KERNELS": "numpy"},
        "dezero fit": {"DEZERO_KERNELS": "numpy"},
        "dezero numba": {"DEZERO_KERNELS": "numba"},
    },
    limits=LIMITS,
)

if __name__ == "__main__":
    harness.main(SUBJECT)

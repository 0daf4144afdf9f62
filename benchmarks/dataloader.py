"""One epoch of shuffled batches of 32 from 60,000 images in memory, nothing done with them.

python benchmarks/dataloader.py [--quick]
"""

import harness
import numpy as np

# The images as floats, ready for a network, and as the bytes the data set stores.
CASES = {
    "float32-32": ("float32", 32),
    "float32-128": ("float32", 128),
    "uint8-32": ("uint8", 32),
}


def arrays(kind):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 60_000)
    if kind == "uint8":
        return rng.integers(0, 256, (60_000, 28, 28), np.uint8), labels
    return rng.standard_normal((60_000, 784), np.float32), labels


def plain_index(case):
    """What anybody would write: a permutation, then x[index] for each batch."""
    kind, batch = case
    x, t = arrays(kind)
    rng = np.random.default_rng(0)

    def epoch():
        order = rng.permutation(len(x))
        for i in range(0, len(x), batch):
            index = order[i : i + batch]
            x[index], t[index]

    return epoch


def loop(loader):
    def epoch():
        for _, _ in loader:
            pass

    return epoch


def dezero(case):
    from dezero import DataLoader
    from dezero.datasets import Dataset

    kind, batch = case
    x, t = arrays(kind)

    class Arrays(Dataset):
        def prepare(self):
            self.data, self.label = x, t

    return loop(DataLoader(Arrays(), batch, shuffle=True))


def dezero_arrays(case):
    from dezero import DataLoader

    kind, batch = case
    return loop(DataLoader(arrays(kind), batch, shuffle=True))


def torch_default(case):
    """A dataset on the same NumPy arrays: one sample for each index, collated by the loader."""
    from torch.utils.data import DataLoader, Dataset

    kind, batch = case
    x, t = arrays(kind)

    class Arrays(Dataset):
        def __len__(self):
            return len(x)

        def __getitem__(self, index):
            return x[index], t[index]

    return loop(DataLoader(Arrays(), batch, shuffle=True))


def torch_tensors(case):
    """The dataset torch has for tensors in memory; it also takes one sample at a time."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    kind, batch = case
    dataset = TensorDataset(*(torch.from_numpy(a) for a in arrays(kind)))
    return loop(DataLoader(dataset, batch, shuffle=True))


SUBJECT = harness.Subject(
    name="dataloader",
    title="One epoch of batches",
    cases=CASES,
    candidates={
        "x[index]": plain_index,
        "dezero Dataset": dezero,
        "dezero arrays": dezero_arrays,
        "torch default": torch_default,
        "torch TensorDataset": torch_tensors,
    },
    reference="x[index]",
    limits={(case, name): 1.5 for case in CASES for name in ("dezero Dataset", "dezero arrays")},
)

if __name__ == "__main__":
    harness.main(SUBJECT)

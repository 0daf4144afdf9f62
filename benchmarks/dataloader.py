"""One epoch of shuffled batches of 32 from 60,000 images in memory, nothing done with them.

python benchmarks/dataloader.py [--quick]
"""

import harness
import numpy as np
import workload

CASES = {"batch-32": 32, "batch-128": 128}


def plain_index(batch):
    """What anybody would write: a permutation, then x[index] for each batch."""
    x, t = workload.dense()
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


def dezero(batch):
    from dezero import DataLoader
    from dezero.datasets import Dataset

    x, t = workload.dense()

    class Arrays(Dataset):
        def prepare(self):
            self.data, self.label = x, t

    return loop(DataLoader(Arrays(), batch, shuffle=True))


def dezero_arrays(batch):
    from dezero import DataLoader

    return loop(DataLoader(workload.dense(), batch, shuffle=True))


def torch_default(batch):
    """A dataset on the same NumPy arrays: one sample for each index, collated by the loader."""
    from torch.utils.data import DataLoader, Dataset

    x, t = workload.dense()

    class Arrays(Dataset):
        def __len__(self):
            return len(x)

        def __getitem__(self, index):
            return x[index], t[index]

    return loop(DataLoader(Arrays(), batch, shuffle=True))


def torch_tensors(batch):
    """The dataset torch has for tensors in memory; it also takes one sample at a time."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    dataset = TensorDataset(*(torch.from_numpy(a) for a in workload.dense()))
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

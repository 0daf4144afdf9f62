"""How batches reach the GPU: resident or sent, captured or not, the training is the same."""

import gc

import numpy as np
import pytest

import dezero
from dezero import functions as F
from dezero import layers as L
from dezero import models
from dezero.backend import to_host, transfers
from dezero.backend.cupy.feeding import Feeder, feeder
from dezero.backend.cupy.graph import graph_bytes
from dezero.dataloaders import DataLoader
from dezero.datasets import TupleDataset
from dezero.datasets.cifar import signed_unit
from dezero.datasets.images import flat_unit
from dezero.optimizers import Adam
from dezero.transforms import Normalize

DRAW = np.random.default_rng(0)
X, T = DRAW.normal(size=(200, 20)).astype("f4"), DRAW.integers(0, 3, 200)


@pytest.fixture(autouse=True)
def device(capturing, seeded):
    return capturing


def network(steps=1):
    dezero.seed(0)
    model = models.Sequential(L.Linear(32), F.relu, L.Dropout(0.3), L.Linear(3))
    model.build(20)
    model.to_gpu()
    options = {"steps_per_execution": steps}
    model.compile(Adam(0.01), "softmax_cross_entropy", ["accuracy"], **options)
    return model


def trained(steps=1, **options):
    model = network(steps)
    with transfers() as moved:
        history = model.fit(X, T, batch_size=16, epochs=6, verbose=0, **options).history
    return history, [to_host(p.data).tobytes() for p in model.params()], moved


def test_fit_is_the_same_however_it_is_fed(is_double, record_property):
    expected = trained(jit=False, resident=False)
    ways = {
        "resident": {"jit": False},
        "sent, captured": {"resident": False, "jit": True},
        "resident, captured": {"jit": True},
        "unrolled": {"jit": True, "steps": 4},
    }
    for name, options in ways.items():
        found = trained(**options)
        assert found[:2] == expected[:2], name
        record_property(name, repr(found[2]))
        if "resident" in name and not is_double:  # whose stream counts no copies
            assert (found[2].from_host, found[2].to_host) == (2 + 6, 6)


def test_a_second_fit_captures_nothing_and_memory_stays():
    model = network()
    held = set()
    for _ in range(5):
        model.fit(X, T, batch_size=16, epochs=4, verbose=0)
        gc.collect()
        held.add(graph_bytes())
    assert len(held) == 1 and held != {0}
    model.compile("sgd", "softmax_cross_entropy")
    gc.collect()
    assert graph_bytes() == 0


@pytest.mark.parametrize("size", [1, 64, 5000])
def test_batches_arrive_whole(device, size):
    sender = feeder(device, "the test")
    assert isinstance(sender, Feeder)
    kept = []
    for i in range(50):
        x = np.full((size, 30), i, "f4")
        (there,) = sender.send([x])
        x[...] = -1  # what is sent is what was there
        total = there.sum(dtype="f8")
        if i % 7 == 0:
            kept.append((i, there))
        assert float(to_host(total)) == 30.0 * size * i
    for i, there in kept:
        assert (to_host(there) == i).all()
    sender.rest()


def test_a_loader_sends_in_order():
    plain = [t.tolist() for _, t in DataLoader((X, T), 16, seed=1)]
    for options in ({}, {"prefetch": 2}):
        found = list(DataLoader((X, T), 16, seed=1, gpu=True, **options))
        assert [to_host(t).tolist() for _, t in found] == plain


@pytest.mark.parametrize("transform", [flat_unit, signed_unit, Normalize(33.3, 77.7)])
def test_pictures_of_bytes_become_the_numbers_of_the_host(transform):
    bytes_ = np.arange(1024).reshape(64, 1, 4, 4).astype("u1")
    dataset = TupleDataset(bytes_, np.arange(64), transform=transform)
    plain = DataLoader(dataset, 16, seed=1)
    loader = DataLoader(dataset, 16, seed=1, gpu=True)
    for (x, t), (there, labels) in zip(plain, loader, strict=True):
        assert to_host(there).tobytes() == x.tobytes() and to_host(labels).tolist() == t.tolist()
    assert loader._columns.sent == bytes_.nbytes + 64 * 8

"""Data sets that stay on the device: sent once, their batches the host's to the last bit."""

import gc
import itertools
from typing import Any

import numpy as np
import pytest

import dezero
from dezero.backend import transfers
from dezero.backend.cupy import loading as room
from dezero.backend.cupy import memory
from dezero.backend.cupy.columns import Columns, fingerprint
from dezero.backend.cupy.memory import SHARE, sent_data
from dezero.dataloaders import DataLoader, SeqDataLoader
from dezero.datasets import Dataset, TupleDataset
from dezero.datasets.cifar import signed_unit
from dezero.datasets.images import flat_unit
from dezero.models import MLP
from dezero.optimizers import SGD
from dezero.training.callbacks import LambdaCallback
from dezero.transforms import AsType, Compose, Flatten, Normalize, ToFloat, ToInt
from tests.backend.cupy.fake_stream import FAKE, fake_stream
from tests.strict_device import StrictArray, strict_gpu
from tests.training.captured import moved

DRAW = np.random.default_rng(0)
PICTURES = np.arange(256, dtype="u1")[DRAW.permutation(22 * 12) % 256].reshape(22, 1, 3, 4)
LABELS = DRAW.integers(0, 3, 22).astype("u1")
SPREAD = DRAW.standard_normal((22, 5)).astype("f4")
SPREAD[0] = [-0.0, np.nan, np.inf, 1e-45, 3e37]


@pytest.fixture
def device():
    with strict_gpu() as backend:
        yield backend


@pytest.fixture
def gpu(monkeypatch):
    with fake_stream(monkeypatch) as device:
        yield device


class Pictures(Dataset):
    """The form of MNIST."""

    def __init__(
        self,
        transform: Any = flat_unit,
        target_transform: Any = None,
        data: Any = PICTURES,
        label: Any = LABELS,
    ) -> None:
        self.given = data.copy(), None if label is None else label.copy()
        super().__init__(True, transform, target_transform)

    def prepare(self):
        self.data, self.label = self.given


def bits(batch):
    batch = batch if isinstance(batch, tuple) else (batch,)
    host = [b if b is None or isinstance(b, np.ndarray) else b.get() for b in batch]
    return [None if b is None else (b.shape, b.dtype.str, b.tobytes()) for b in host]


def agreed(dataset, kind=DataLoader, epochs=2, **options):
    """Iterate over a loader of the device, which must give what one of the host gives."""
    options = {"batch_size": 4, **options}
    if kind is DataLoader:
        options = {"seed": 5, **options}
    plain = kind(dataset, **options)
    loader = kind(dataset, **options)
    loader.to_gpu()
    for _ in range(epochs):
        found = list(loader)
        assert [bits(b) for b in found] == [bits(b) for b in plain]
        assert all(part is None or type(part) is not np.ndarray for b in found for part in b)
    assert kind is SeqDataLoader or loader.rng.random() == plain.rng.random()
    return loader


KEPT = {
    "mnist": Pictures(),
    "cifar": Pictures(signed_unit),
    "rounded twice": Pictures(Compose([ToFloat(), Normalize(33.3, 77.7)])),
    "normalised alone": Pictures(Compose([Normalize(0.1307, 0.3081), Flatten()])),
    "float64": Pictures(Compose([AsType("f8"), Normalize(0.0, 255.0)])),
    "as they are": Pictures(None),
    "one type": Pictures(ToFloat(), ToInt()),
    "labels of floats": Pictures(Flatten(), Compose([AsType("f8"), Flatten()])),
    "no labels": Pictures(label=None),
    "floats": Pictures(None, None, SPREAD, LABELS.astype("f2")),
    "floats, scaled": Pictures(Normalize(0.1, 0.3), None, SPREAD),
    "floats, wide": Pictures(Compose([AsType("f8"), Normalize(0.1, 0.3)]), None, SPREAD),
    "columns": TupleDataset(PICTURES, LABELS, SPREAD, LABELS > 1, transform=flat_unit),
    "one column": TupleDataset(PICTURES, transform=flat_unit),
}
OPTIONS = [{}, {"shuffle": False}, {"drop_last": True, "prefetch": 2}]


@pytest.mark.parametrize("name", KEPT)
def test_batches_are_the_hosts_to_the_last_bit(device, name):
    for options in OPTIONS[: 3 if name == "mnist" else 2]:
        assert agreed(KEPT[name], **options)._columns.sent
    loader = agreed(KEPT[name], SeqDataLoader)
    assert loader._columns.sent


def test_bytes_are_sent_once_and_an_order_each_epoch(device):
    loader = DataLoader(Pictures(), 4, gpu=True)
    with transfers() as seen:
        first = [bits(b) for b in loader]
        assert loader._columns in sent_data and loader._columns.sent == 22 * 13
        assert [bits(b) for b in loader] != first
    assert seen.from_host == 2 + 2 and seen.from_host_bytes == 22 * 13 + 2 * 22 * 8
    with transfers() as seen:
        loader.shuffle = False
        for x, _ in loader:
            x *= 0  # a batch is the user's own
        assert next(loader)[0].get().any() and next(loader)[1].dtype == np.uint8
    assert seen.from_host == 0


def edit_pixel(dataset):
    dataset.data[3, 0, 1, 2] ^= 1


def edit_labels(dataset):
    dataset.label[:] = dataset.label[::-1].copy()


def other_data(dataset):
    dataset.data = 255 - dataset.data


def other_transform(dataset):
    dataset.transform = signed_unit


def other_mean(dataset):
    dataset.transform = Compose(flat_unit.transforms[:2] + [Normalize(1.0, 255.0)])


def other_label(dataset):
    dataset.target_transform = ToInt()


def no_label(dataset):
    dataset.label = None


def pixel_of_bytes(dataset):
    dataset.transform = lambda x: x / np.float32(2)


CHANGES = [edit_pixel, edit_labels, other_data, other_transform, other_mean, other_label]
CHANGES += [no_label, pixel_of_bytes]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_between_epochs_is_not_missed(device, change):
    dataset = Pictures()
    loader = DataLoader(dataset, 4, gpu=True, shuffle=False)
    before = [bits(b) for b in loader]
    change(dataset)
    after = [bits(b) for b in loader]
    assert after != before
    assert after == [bits(b) for b in DataLoader(dataset, 4, shuffle=False)]


@pytest.mark.parametrize("same", [lambda x: x.reshape(22, 2, 6), lambda x: x.view("i1")])
def test_the_same_bytes_of_another_form_are_not_taken_for_each_other(device, same):
    dataset = Pictures(None)
    loader = agreed(dataset)
    dataset.data = same(dataset.data)
    with transfers() as seen:
        assert bits(next(iter(loader))) != []
    assert seen.from_host == 3
    shapes = {x.shape[1:] for x, _ in loader}, {x.dtype for x, _ in loader}
    assert shapes == ({dataset.data.shape[1:]}, {dataset.data.dtype})


def test_a_loader_of_the_host_walks_there_for_who_asks(device):
    loader, columns = DataLoader(Pictures(), 4, seed=1), Columns()
    found = [bits(b) for b in loader.epoch_on(device, columns)]
    assert found == [bits(b) for b in DataLoader(Pictures(), 4, seed=1)]
    assert loader.iteration == 6 and columns.sent and not loader._columns.sent
    assert not loader.gpu and type(next(iter(loader))[0]) is np.ndarray
    loader.to_gpu()
    assert next(loader.epoch_on(device, Columns()))[0].shape == (4, 12) and loader._columns.sent


def test_an_epoch_goes_on_with_what_it_began_with(device):
    dataset = Pictures()
    loader = DataLoader(dataset, 4, gpu=True, shuffle=False)
    walk, plain = iter(loader), [bits(b) for b in DataLoader(dataset, 4, shuffle=False)]
    found = [bits(next(walk))]
    dataset.data = 255 - dataset.data
    next(iter(loader))
    assert found + [bits(b) for b in walk] == plain


class Odd(Normalize):
    def batch(self, xs):
        return super().batch(xs) + 1


class Rows(Pictures):
    def __getitem__(self, index):
        return super().__getitem__(index)


class OddScaling:
    scaling = 2.0

    def __call__(self, x):
        return x * self.scaling

    def batch(self, xs):
        return xs * self.scaling


STAY_BEHIND = {
    "somebody's own transform": Pictures(lambda x: x / 2.0),
    "an attribute of that name": Pictures(OddScaling()),
    "one among others": Pictures(Compose([ToFloat(), OddScaling()])),
    "a subclass of a transform": Pictures(Odd(1.0, 2.0)),
    "channels": Pictures(Normalize([1.0], [2.0])),
    "half precision": Pictures(Compose([AsType("f2"), Normalize(1.0, 2.0)])),
    "converted after": Pictures(Compose([Normalize(1.0, 2.0), AsType("f8")])),
    "scaled twice": Pictures(Compose([Normalize(1.0, 2.0), Normalize(1.0, 2.0)])),
    "integers scaled": Pictures(Compose([ToInt(), Normalize(1.0, 2.0)])),
    "0 and 1": Pictures(Normalize()),
    "wide data scaled": Pictures(Normalize(1.0, 2.0), None, SPREAD.astype("f8")),
    "labels by chance": Pictures(flat_unit, lambda t: t + 1),
    "not in one piece": TupleDataset(PICTURES[:, :, ::-1], LABELS, transform=flat_unit),
    "another order of bytes": TupleDataset(SPREAD.astype(">f4"), LABELS),
    "lists": TupleDataset(PICTURES, list(LABELS)),
    "own items": Rows(),
    "too small a std": Pictures(Normalize(0.0, 1e-60)),
}


@pytest.mark.parametrize("name", STAY_BEHIND)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_does_more_is_made_on_the_host(device, name):
    dataset = STAY_BEHIND[name]
    loader = DataLoader(dataset, 4, gpu=True, seed=1)
    if name != "own items":
        assert [bits(b) for b in loader] == [bits(b) for b in DataLoader(dataset, 4, seed=1)]
    else:
        next(iter(loader))
    assert loader._columns.sent == 0 and loader._columns.there == []


def test_a_transform_of_the_loader_is_applied_on_the_host(device):
    loader = agreed(Pictures(), transform=lambda x: x + np.float32(1))
    assert loader._columns.sent == 0


def test_arrays_that_are_too_short_are_refused_as_before(device):
    dataset = Pictures()
    loader = DataLoader(dataset, 4, gpu=True)
    dataset.data = dataset.data[:5]
    with pytest.raises(IndexError):
        list(loader)


def test_room_on_the_device_decides(device, monkeypatch):
    size = PICTURES.nbytes + LABELS.nbytes
    for free, sent in ((size / SHARE, size), (size / SHARE - 1, 0)):
        monkeypatch.setitem(memory.ROOM, "cuda", lambda free=free: free)
        assert agreed(Pictures())._columns.sent == sent
    monkeypatch.delitem(memory.ROOM, "cuda")
    assert agreed(Pictures())._columns.sent == 0


def test_memory_is_let_go_of(device):
    loader = agreed(Pictures())
    loader.to_cpu()
    assert loader._columns.there == [] and loader._columns.sent == 0
    assert type(next(iter(loader))[0]) is np.ndarray
    loader.to_gpu()
    assert type(next(iter(loader))[0]) is StrictArray
    columns = loader._columns
    loader.dataset.transform = lambda x: x
    list(loader)
    assert columns.there == []
    del loader, columns
    gc.collect()
    assert not [one for one in sent_data if isinstance(one, Columns) and one.sent]


@pytest.mark.parametrize("size", [1, 7, 8, 8192, 8200, 30_001])
def test_a_fingerprint_tells_arrays_apart(size):
    array = DRAW.integers(0, 256, size).astype("u1")
    mark = fingerprint(array)
    assert fingerprint(array.copy()) == mark and len(mark) <= size // 1024 + 8192
    for i in {0, size // 2, size - 1}:
        array[i] ^= 128
        assert fingerprint(array) != mark
        array[i] ^= 128
    if size > 8192:
        array[:16] = array[8:16].tolist() + array[:8].tolist()
        assert fingerprint(array) != mark


def test_a_forked_process_is_refused(device, monkeypatch):
    monkeypatch.setattr(room, "_owner", [-1])
    with pytest.raises(RuntimeError, match="DataLoader: expected the process that began to use"):
        next(iter(DataLoader(Pictures(), 4, gpu=True)))


def test_on_a_device_with_streams(gpu):
    for dataset, shuffle in itertools.product(list(KEPT.values())[:3], (True, False)):
        agreed(dataset, shuffle=shuffle)
    assert not gpu.flights


def test_what_was_sent_is_waited_for_before_another_stream_reads_it(gpu):
    columns, dataset = Columns(), Pictures()
    columns.fetcher(dataset, 22, FAKE)
    with FAKE.xp.cuda.Stream(non_blocking=True):
        fetch = columns.fetcher(dataset, 22, FAKE)
        assert fetch is not None
        x, _ = fetch(slice(0, 3))
        assert x.get().tobytes() == flat_unit.batch(PICTURES[:3]).tobytes()


def given_to(model, source, **options):
    with transfers() as seen:
        history = model.fit(source, epochs=4, verbose=0, **options).history
    return seen, history, [p.data.get().tobytes() for p in model.params()]


WAYS = {
    "loader": ({}, {}),
    "loader of the device": ({"gpu": True}, {}),
    "loader, prefetching": ({"prefetch": 2}, {}),
    "steps": ({}, {"steps_per_epoch": 4}),
}


@pytest.mark.slow
@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("name", WAYS)
def test_fit_is_the_same_as_with_batches_of_the_host(gpu, seeded, name, jit):
    found, (loads, options) = [], WAYS[name]
    for stays in (False, "auto"):
        dezero.seed(3)
        model = MLP((6, 3))
        model.build(12)
        moved(model).compile(SGD(0.05), "softmax_cross_entropy", "accuracy")
        dataset = Pictures(target_transform=ToInt())
        loader = DataLoader(dataset, 4, seed=1, **(loads if stays else {}))
        held = DataLoader(dataset, 8, shuffle=False)
        kept = {"jit": jit, "resident": stays, "validation_data": held, **options}
        seen, *rest = given_to(model, loader, **kept)
        found.append((*rest, loader.rng.random(), loader.iteration))
        # Twice the data, and four orders; the rest are the numbers of captured steps.
        few = seen.from_host_bytes < 2 * 22 * (12 + 8) + 4 * 22 * 8 + 2000
        assert few is bool(stays)
    assert found[0] == found[1]


@pytest.mark.slow
def test_fit_of_a_data_set_alone_and_of_one_that_changes(gpu, seeded):
    found = []
    for stays in (False, "auto"):
        dezero.seed(3)
        model = MLP((6, 3))
        model.build(12)
        moved(model).compile(SGD(0.05), "softmax_cross_entropy")
        dataset = Pictures(target_transform=ToInt())

        def turn(epoch, logs=None, dataset=dataset):
            dataset.data[...] = 255 - dataset.data

        turning = LambdaCallback(on_epoch_end=turn)
        options = {"batch_size": 4, "resident": stays, "callbacks": [turning]}
        found.append(given_to(model, dataset, **options)[1:])
    assert found[0] == found[1]

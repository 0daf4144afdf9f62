"""DataLoader: every sample once, in one index per batch, whatever the data set is made of."""

import gc
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest

from dezero.backend import Backend, register, unregister
from dezero.backend import random as backend_random
from dezero.dataloaders import DataLoader, SeqDataLoader
from dezero.datasets import Dataset, TupleDataset
from dezero.transforms import Normalize

X = np.arange(40, dtype=np.float32).reshape(10, 4)
T = np.arange(10)


class Plain:
    """The least a data set can be."""

    def __len__(self):
        return 10

    def __getitem__(self, index):
        assert type(index) is int
        return X[index], int(T[index])


class WithGetitems(Plain):
    def __init__(self, answer):
        self.answer = answer
        self.calls = []

    def __getitems__(self, indices):
        assert type(indices) is list
        self.calls.append(len(indices))
        return self.answer(indices)


def samples(indices):
    return [(X[i], T[i]) for i in indices]


def arrays(indices):
    return X[indices], T[indices]


FORMS = {
    "arrays": lambda: (X, T),
    "dataset": lambda: TupleDataset(X, T),
    "plain": Plain,
    "list": lambda: list(zip(X, T, strict=True)),
    "getitems-list": lambda: WithGetitems(samples),
    "getitems-tuple": lambda: WithGetitems(arrays),
}


@pytest.fixture(params=FORMS)
def dataset(request):
    return FORMS[request.param]()


def labels_of(batches):
    return [t.tolist() for _, t in batches]


@pytest.mark.parametrize("prefetch", [0, 1, 3])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_sample_once(dataset, shuffle, prefetch):
    loader = DataLoader(dataset, 3, shuffle, seed=0, prefetch=prefetch)
    assert len(loader) == loader.max_iter == 4
    batches = list(loader)
    assert [len(x) for x, _ in batches] == [3, 3, 3, 1]
    x, t = (np.concatenate(column) for column in zip(*batches, strict=True))
    np.testing.assert_array_equal(x, X[t])
    assert x.dtype == X.dtype and t.dtype == T.dtype
    assert sorted(t) == list(range(10))
    assert (t.tolist() == list(range(10))) != shuffle


def test_bug_46_one_call_per_batch():
    dataset = WithGetitems(samples)
    list(DataLoader(dataset, 4))
    assert dataset.calls == [4, 4, 2]


def test_batches_in_order_are_views():
    for x, t in DataLoader((X, T), 4, shuffle=False):
        assert np.shares_memory(x, X) and np.shares_memory(t, T)
    for x, _ in DataLoader(TupleDataset(X, T), 4, shuffle=False):
        assert np.shares_memory(x, X)


def test_drop_last():
    loader = DataLoader((X, T), 4, shuffle=False, drop_last=True)
    assert len(loader) == 2
    assert labels_of(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_same_seed_same_order_and_each_epoch_another():
    one, two = DataLoader((X, T), 5, seed=7), DataLoader((X, T), 5, seed=7)
    first, second = labels_of(one), labels_of(one)
    assert first != second
    assert [labels_of(two), labels_of(two)] == [first, second]
    assert labels_of(DataLoader((X, T), 5, seed=np.random.default_rng(7))) == first


def test_library_seed_rules_loaders_without_their_own(seeded):
    backend_random.seed(3)
    first = labels_of(DataLoader((X, T), 5))
    backend_random.seed(3)
    assert labels_of(DataLoader((X, T), 5)) == first


def test_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    list(DataLoader((X, T), 5))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_bug_46_nothing_is_lost_after_break(prefetch):
    loader = DataLoader((X, T), 2, seed=0, prefetch=prefetch)
    for _ in loader:
        break
    assert loader.iteration == 1
    assert sorted(sum(labels_of(loader), [])) == list(range(10))
    assert loader.iteration == 5


def test_two_loops_over_one_loader():
    loader = DataLoader((X, T), 5, shuffle=False)
    pairs = [(a.tolist(), b.tolist()) for _, a in loader for _, b in loader]
    assert len(pairs) == 4 and pairs[1] == ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9])


def test_the_books_interface():
    loader = DataLoader((X, T), 4, shuffle=False)
    assert next(loader)[1].tolist() == [0, 1, 2, 3]
    assert loader.next()[1].tolist() == [4, 5, 6, 7]
    assert loader.iteration == 2
    assert len(loader.next()[1]) == 2
    with pytest.raises(StopIteration):
        loader.next()
    assert loader.iteration == 0
    assert loader.next()[1].tolist() == [0, 1, 2, 3]
    loader.reset()
    assert loader.next()[1].tolist() == [0, 1, 2, 3]
    assert (loader.data_size, loader.batch_size, loader.shuffle) == (10, 4, False)


def test_own_getitem_of_a_dataset_is_used():
    class Squares(Dataset):
        def __len__(self):
            return 5

        def __getitem__(self, index):
            return np.float32(index * index), index

    ((x, t),) = DataLoader(Squares(), 5, shuffle=False)
    assert x.tolist() == [0.0, 1.0, 4.0, 9.0, 16.0] and t.tolist() == [0, 1, 2, 3, 4]


def test_missing_labels_are_none():
    class Unlabelled(Dataset):
        def prepare(self):
            self.data = X

    assert [t for _, t in DataLoader(Unlabelled(), 5)] == [None, None]
    assert [t for _, t in DataLoader([(x, None) for x in X], 5)] == [None, None]


def test_bare_array_gives_bare_batches():
    batches = list(DataLoader(X, 4, shuffle=False))
    np.testing.assert_array_equal(np.concatenate(batches), X)
    np.testing.assert_array_equal(np.concatenate(list(DataLoader(list(X), 4, False))), X)


def test_dict_samples():
    data = [{"x": X[i], "t": i} for i in range(10)]
    (batch,) = DataLoader(data, 10, shuffle=False)
    np.testing.assert_array_equal(batch["x"], X)
    assert batch["t"].tolist() == list(range(10))


def test_nested_samples():
    (batch,) = DataLoader([((X[i], X[i] + 1), i) for i in range(3)], 3, shuffle=False)
    np.testing.assert_array_equal(batch[0][1], X[:3] + 1)


def test_empty_data_set():
    assert list(DataLoader([], 4)) == [] and len(DataLoader([], 4)) == 0
    assert list(DataLoader((X[:0], T[:0]), 4, prefetch=1)) == []


@pytest.mark.parametrize("transform", [Normalize(1.0, 2.0), lambda x: (x - 1.0) / 2.0])
def test_transform_sees_whole_batches(transform):
    shapes = []

    def spy(x):
        shapes.append(x.shape)
        return x

    loader = DataLoader((X, T), 5, False, transform=transform)
    for (x, t), start in zip(loader, (0, 5), strict=True):
        np.testing.assert_allclose(x, (X[start : start + 5] - 1.0) / 2.0)
        assert t.tolist() == list(range(start, start + 5))
    list(DataLoader(X, 5, transform=spy))
    assert shapes == [(5, 4), (5, 4)]


def prefetch_threads():
    return [thread for thread in threading.enumerate() if thread.name == "dezero-prefetch"]


def test_prefetch_makes_batches_ahead_but_not_all():
    made = []
    loader = DataLoader((X, T), 1, False, transform=lambda x: made.append(1) or x, prefetch=2)
    epoch = iter(loader)
    next(epoch)
    deadline = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.02)
    assert len(made) == 4  # one handed out, two waiting, one in the thread's hand
    epoch.close()
    assert not prefetch_threads()


def test_no_thread_is_left_after_break():
    loader = DataLoader((X, T), 1, prefetch=2)
    for _ in loader:
        break
    assert not prefetch_threads()


def test_no_thread_is_left_after_an_error_in_the_loop():
    loader = DataLoader((X, T), 1, prefetch=2)
    with pytest.raises(KeyError):
        for _ in loader:
            raise KeyError
    assert not prefetch_threads()


def test_no_thread_is_left_when_the_loader_goes():
    loader = DataLoader((X, T), 1, prefetch=2)
    next(loader)
    assert len(prefetch_threads()) == 1
    loader.reset()
    assert not prefetch_threads()
    next(loader)
    gone = weakref.ref(loader)
    del loader
    gc.collect()
    assert gone() is None and not prefetch_threads()


def test_a_script_that_ends_in_the_middle_of_an_epoch_ends():
    code = (
        "import numpy; from dezero.dataloaders import DataLoader\n"
        "loader = DataLoader(numpy.zeros((99, 3)), 1, prefetch=2); next(loader)"
    )
    ended = subprocess.run([sys.executable, "-c", code], timeout=30, check=False)
    assert ended.returncode == 0


@pytest.mark.parametrize("prefetch", [0, 1])
def test_error_in_the_data_set_reaches_the_loop(prefetch):
    class Broken(Plain):
        def __getitem__(self, index):
            if index == 5:
                raise OSError("sample 5 is damaged")
            return super().__getitem__(index)

    seen = []
    with pytest.raises(OSError, match="sample 5 is damaged"):
        for _, t in DataLoader(Broken(), 2, shuffle=False, prefetch=prefetch):
            seen.extend(t.tolist())
    assert seen == [0, 1, 2, 3]
    assert not prefetch_threads()


def test_prefetch_thread_draws_from_the_callers_generator(seeded):
    def noisy(x):
        return x + backend_random.default_rng().random()

    def epoch(prefetch):
        backend_random.seed(11)
        loader = DataLoader((X, T), 5, seed=0, transform=noisy, prefetch=prefetch)
        return np.concatenate([x for x, _ in loader])

    np.testing.assert_array_equal(epoch(0), epoch(2))


def test_seq_loader_walks_in_parallel():
    loader = SeqDataLoader(list(zip(X, T, strict=True)), batch_size=3)
    assert labels_of(loader) == [[0, 3, 6], [1, 4, 7], [2, 5, 8], [3, 6, 9]]
    assert labels_of(loader)[0] == [0, 3, 6]
    assert next(loader)[1].tolist() == [0, 3, 6]
    assert labels_of(SeqDataLoader((X, T), 5)) == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]
    assert labels_of(SeqDataLoader((X[:2], T[:2]), 3)) == [[0, 0, 0]]


class DeviceArray:
    def __init__(self, data):
        self.data = data


@pytest.fixture
def device():
    backend = Backend("toy", (DeviceArray,), None, None, lambda x: x.data, DeviceArray)
    register(backend)
    yield backend
    unregister(backend)


def test_gpu_moves_each_batch(device):
    loader = DataLoader([(X[i], {"t": i}, None) for i in range(4)], 4, False, gpu=True)
    assert loader.gpu
    x, rest, nothing = next(loader)
    assert type(x) is DeviceArray and type(rest["t"]) is DeviceArray and nothing is None
    np.testing.assert_array_equal(x.data, X[:4])
    loader.to_cpu()
    assert not loader.gpu and type(next(iter(loader))[0]) is np.ndarray
    assert SeqDataLoader((X, T), 2, gpu=True).gpu


def test_gpu_without_a_device():
    with pytest.raises(RuntimeError, match=r"DataLoader: expected a usable GPU, got none"):
        DataLoader((X, T), 2, gpu=True)


@pytest.mark.oracle
def test_torch_dataset_and_torch_loader():
    torch = pytest.importorskip("torch")
    tensors = torch.utils.data.TensorDataset(torch.tensor(X, requires_grad=True), torch.tensor(T))
    ((x, t),) = DataLoader(tensors, 10, shuffle=False)
    assert type(x) is np.ndarray
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(t, T)
    ((x, t),) = DataLoader((torch.tensor(X), torch.tensor(T)), 10, shuffle=False)
    assert type(x) is type(t) is type(next(DataLoader(torch.tensor(X), 3))) is np.ndarray
    part = torch.utils.data.Subset(tensors, [3, 4, 5])
    assert next(DataLoader(part, 3, shuffle=False))[1].tolist() == [3, 4, 5]
    ours = torch.utils.data.DataLoader(TupleDataset(X, T, transform=Normalize(1.0, 2.0)), 5)
    for x, t in ours:
        np.testing.assert_allclose(x.numpy(), (X[t.numpy()] - 1.0) / 2.0)


@pytest.mark.slow
@pytest.mark.parametrize("form", [lambda x, t: (x, t), TupleDataset], ids=["arrays", "dataset"])
def test_epoch_costs_at_most_half_more_than_indexing(form):
    rng = np.random.default_rng(0)
    x = rng.random((60000, 784), dtype=np.float32)
    t = rng.integers(0, 10, 60000)

    def plain():
        order = np.random.default_rng(1).permutation(len(x))
        for start in range(0, len(x), 32):
            index = order[start : start + 32]
            x[index], t[index]

    def ours():
        for _ in DataLoader(form(x, t), 32, seed=1):
            pass

    def seconds(run):
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    pairs = [(seconds(ours), seconds(plain)) for _ in range(9)]
    assert min(mine for mine, _ in pairs) <= 1.5 * min(theirs for _, theirs in pairs), pairs


def test_pillow_images_become_arrays_with_channels_first():
    from PIL import Image

    pictures = [(Image.new("RGB", (4, 2), (1, 2, 3)), 0)] * 3
    x, _ = next(DataLoader(pictures, 3))
    assert x.shape == (3, 3, 2, 4) and x.dtype == np.uint8
    np.testing.assert_array_equal(x[0, :, 0, 0], [1, 2, 3])


def test_gpu_can_be_assigned_as_in_the_book():
    loader = DataLoader((X, T), 3)
    loader.gpu = False
    assert loader.gpu is False
    with pytest.raises(RuntimeError, match=r"DataLoader: expected a usable GPU"):
        loader.gpu = True

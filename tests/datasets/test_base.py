"""Dataset: one sample, a slice, an index array and a mask give what NumPy would."""

import numpy as np
import pytest
from PIL import Image

from dezero.datasets import ArrayDataset, Dataset, TupleDataset
from dezero.datasets.base import take
from dezero.transforms import (
    Compose,
    Flatten,
    Normalize,
    Resize,
    ToArray,
    ToFloat,
    ToInt,
    from_picture,
)

X = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
T = np.array([2, 0, 1, 1, 0, 2], np.uint8)


class Small(Dataset):
    def prepare(self):
        self.data, self.label = (X, T) if self.train else (X[:2], T[:2])


class Unlabelled(Dataset):
    def prepare(self):
        self.data = X


class OwnItems(Dataset):
    """The book's form for data too big for memory: own `__getitem__` and `__len__`, no arrays."""

    def __getitem__(self, index):
        return np.full(3, index), index % 2

    def __len__(self):
        return 10


def rows(dataset, indices):
    return [dataset[int(i)] for i in indices]


@pytest.mark.parametrize(
    "index",
    [
        slice(None),
        slice(1, 5, 2),
        slice(0, 0),
        [3, 0, 3],
        np.array([5, -1]),
        np.array([], np.int64),
        [],
        T > 0,
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"transform": Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])},
        {"transform": lambda x: x.astype(np.float32) + 1, "target_transform": lambda t: t * 2},
        {"target_transform": ToInt()},
    ],
    ids=["plain", "batched", "functions", "target"],
)
def test_many_equal_one_by_one(index, options):
    dataset = Small(**options)
    x, t = dataset[index]
    picked = np.arange(6)[np.asarray(index, np.intp) if np.size(index) == 0 else index]
    expected = rows(dataset, picked)
    assert len(x) == len(t) == len(expected)
    for got_x, got_t, (want_x, want_t) in zip(x, t, expected, strict=True):
        np.testing.assert_array_equal(got_x, want_x)
        assert got_t == want_t
        assert np.asarray(got_x).dtype == want_x.dtype


def test_one_sample():
    x, t = Small()[np.int64(1)]
    np.testing.assert_array_equal(x, X[1])
    assert t == 0
    assert len(Small(train=False)) == 2


def test_slice_is_a_view():
    x, t = Small()[1:4]
    assert np.shares_memory(x, X) and np.shares_memory(t, T)


def test_batch_transform_is_called_once():
    calls = []

    class Counting(ToFloat):
        def batch(self, xs):
            calls.append(len(xs))
            return super().batch(xs)

    Small(transform=Counting()).__getitems__([0, 1, 2])
    assert calls == [3]


def test_without_labels_t_is_none():
    x, t = Unlabelled()[0]
    assert t is None and x.shape == (2, 2)
    x, t = Unlabelled(target_transform=ToInt())[[0, 1]]
    assert t is None and x.shape == (2, 2, 2)
    assert [t for _, t in Unlabelled().__getitems__([0, 1])] == [None, None]


def test_getitems_gives_samples_as_torch_wants_them():
    samples = Small().__getitems__([4, 2])
    assert isinstance(samples, list)
    np.testing.assert_array_equal(samples[0][0], X[4])
    assert [t for _, t in samples] == [0, 1]


def test_own_getitem_is_never_bypassed():
    dataset = OwnItems()
    assert not dataset.takes_index_arrays
    assert [t for _, t in dataset.__getitems__([1, 2, 3])] == [1, 0, 1]
    assert Small().takes_index_arrays


def test_iteration_ends():
    assert len(list(Small())) == 6


def test_lists_are_stacked():
    dataset = TupleDataset([[1, 2], [3, 4], [5, 6]], ["a", "b", "c"])
    x, t = dataset[[2, 0]]
    np.testing.assert_array_equal(x, [[5, 6], [1, 2]])
    assert t.tolist() == ["c", "a"]
    np.testing.assert_array_equal(dataset[1:][0], [[3, 4], [5, 6]])


@pytest.mark.parametrize("index", [[], slice(0, 0)])
def test_none_of_a_list(index):
    x, t = TupleDataset([[1.0, 2.0], [3.0, 4.0]], [1, 0])[index]
    assert x.shape == (0, 2) and x.dtype == np.float64
    assert t.shape == (0,) and t.dtype == np.int64
    assert TupleDataset([])[index][0].shape == (0,)


def test_fewer_labels_than_samples():
    class Short(Dataset):
        def prepare(self):
            self.data, self.label = X, T[:4]

    with pytest.raises(ValueError, match="Short: expected as many labels as samples, got 4 and 6"):
        len(Short())


def test_tuple_dataset_has_any_number_of_columns():
    weights = np.linspace(0, 1, 6)
    three = TupleDataset(X, T, weights, transform=Flatten(), target_transform=ToInt())
    x, t, w = three[[1, 5]]
    assert x.shape == (2, 4) and t.dtype == np.int64
    np.testing.assert_array_equal(w, weights[[1, 5]])
    x, t, w = three[5]
    assert x.shape == (4,) and t == 2 and w == 1.0
    assert len(three) == 6
    (only,) = TupleDataset(X)[:2]
    np.testing.assert_array_equal(only, X[:2])
    assert ArrayDataset is TupleDataset


def test_take_equals_indexing():
    rng = np.random.default_rng(0)
    for index in (rng.integers(-6, 6, 9), rng.integers(0, 6, (2, 3)), T == 1, slice(-3, None)):
        np.testing.assert_array_equal(take(X, index), X[index])


def test_index_out_of_range():
    with pytest.raises(IndexError):
        Small()[[0, 6]]
    with pytest.raises(IndexError):
        Small()[6]


@pytest.mark.parametrize("use", [len, lambda dataset: dataset[0]])
def test_prepare_that_sets_nothing(use):
    with pytest.raises(RuntimeError, match=r"Dataset: expected prepare\(\) to set self.data, got"):
        use(Dataset())


def test_no_array():
    with pytest.raises(ValueError, match=r"TupleDataset: expected at least one array, got none"):
        TupleDataset()


def test_lengths_that_differ():
    with pytest.raises(ValueError, match=r"TupleDataset: expected arrays of one length, got \[6, "):
        TupleDataset(X, T[:5])


def test_repr_needs_no_sample():
    assert repr(Small()) == "Small: 6 samples, data uint8 (2, 2), label uint8"
    assert repr(Unlabelled()) == "Unlabelled: 6 samples, data uint8 (2, 2)"
    assert repr(TupleDataset([1, 2], ["a", "b"])) == "TupleDataset: 2 samples"
    assert repr(OwnItems()) == "OwnItems"
    assert repr(Dataset()) == "Dataset"


PICTURES = [Image.fromarray(np.full((4, 6, 3), i, np.uint8)) for i in range(3)]


@pytest.mark.parametrize("index", [slice(None), [2, 0], slice(0, 0)], ids=str)
@pytest.mark.parametrize(
    "transform", [None, Resize(2), Compose([Resize(2), ToArray()]), ToArray(np.uint8)], ids=str
)
def test_lists_of_pillow_images_are_changed_one_by_one(index, transform):
    data = TupleDataset(PICTURES, np.arange(3), transform=transform)
    x, t = data[index]
    one = data[0][0]
    assert x.shape[1:] == (one if hasattr(one, "shape") else from_picture(one)).shape
    assert x[:, 0, 0, 0].tolist() == t.tolist() == np.arange(3)[index].tolist()


def test_columns_are_what_an_index_looks_up_and_changes():
    data = Small(transform=ToFloat(), target_transform=ToInt())
    (x, change), (t, change_t) = data.array_columns()
    assert x is X and t is T and change is data.transform and change_t is data.target_transform
    assert Unlabelled().array_columns()[1] == (None, None)
    rows = TupleDataset(X, T, X, transform=abs).array_columns()
    assert [a is b for (a, _), b in zip(rows, (X, T, X), strict=True)] == [True] * 3
    assert [change for _, change in rows] == [abs, None, None]
    assert OwnItems().array_columns() is None
    assert type("Own", (TupleDataset,), {"__getitem__": len})(X).array_columns() is None

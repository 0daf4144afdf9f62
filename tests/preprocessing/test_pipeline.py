"""`Pipeline`."""

import numpy as np
import pytest

from dezero.preprocessing import Pipeline
from dezero.preprocessing.batches import Tensor

X, T = np.arange(10.0).reshape(5, 2), np.arange(5)


def test_rows_of_arrays():
    rows = list(Pipeline.from_tensor_slices((X, T)))
    assert len(rows) == 5 and rows[3][0].numpy().tolist() == [6, 7] and rows[3][1].numpy() == 3
    assert isinstance(rows[0][1], Tensor) and ["a", "b"][rows[1][1]] == "b"
    named = Pipeline.from_tensor_slices(({"a": X, "b": T}, T)).batch(2, drop_remainder=True)
    x, t = list(named)[1]
    assert len(named) == 2 and x["b"].tolist() == t.tolist() == [2, 3]
    (whole,) = Pipeline.from_tensors(X)
    assert whole.shape == (5, 2)
    assert [v.item() for v in Pipeline.from_tensor_slices([1, 2])] == [1, 2]
    with pytest.raises(ValueError, match=r"Dataset: expected arrays with the same number of rows"):
        Pipeline.from_tensor_slices((X, T[:3]))


def test_batches_are_cut_and_joined():
    data = Pipeline.range(5)
    assert [b.tolist() for b in data.batch(2)] == [[0, 1], [2, 3], [4]] and len(data.batch(2)) == 3
    assert [int(v) for v in data.batch(2).unbatch()] == [0, 1, 2, 3, 4]
    assert [int(v) for v in data.filter(lambda v: v % 2 == 0)] == [0, 2, 4]
    assert [int(v) for v in data.concatenate(Pipeline.range(2, 4))] == [0, 1, 2, 3, 4, 2, 3]
    assert len(data.concatenate(data)) == 10 and list(data.take(0)) == []
    assert [(i, int(v)) for i, v in data.skip(3).enumerate(5)] == [(5, 3), (6, 4)]
    assert list(data.as_numpy_iterator())[2] == 2
    assert type(data.map(lambda v: [v, v])) is Pipeline
    assert [tuple(map(int, pair)) for pair in data.take(2).map(lambda v: [v, -v])] == [
        (0, 0), (1, -1),
    ]  # fmt: skip


def test_lengths():
    data = Pipeline.range(3)
    assert len(data.repeat(2)) == 6 and [int(v) for v in data.repeat(2)] == [0, 1, 2] * 2
    endless = data.repeat()
    assert endless.cardinality() == -1 and [int(v) for v in endless.take(4)] == [0, 1, 2, 0]
    assert len(endless.take(4)) == 4 and data.filter(bool).cardinality() == -2
    with pytest.raises(TypeError, match="len: expected a data set that ends, got another"):
        len(endless)
    with pytest.raises(TypeError, match="len: expected a data set that has a known length"):
        len(data.filter(bool))
    assert data.filter(bool).repeat(2).batch(3).cardinality() == -2
    assert endless.batch(2).unbatch().cardinality() == -1


def test_generators_and_pairs():
    calls = []

    def numbers(stop):
        calls.append(stop)
        yield from ((i, 2 * i) for i in range(stop))

    data = Pipeline.from_generator(numbers, output_types=("int32", "int32"), args=(3,))
    assert [b[1].tolist() for b in data.batch(2)] == [[0, 2], [4]] and len(list(data)) == 3
    assert calls == [3, 3]
    both = Pipeline.zip((Pipeline.range(3), Pipeline.range(5, 9).repeat()))
    assert [tuple(map(int, p)) for p in both] == [(0, 5), (1, 6), (2, 7)] and len(both) == 3
    assert Pipeline.zip(data, both).cardinality() == -2


def test_cache_of_unknown_length():
    calls = []
    data = Pipeline.range(4).filter(lambda v: calls.append(1) or v > 1).cache()
    assert [int(v) for v in data] == [int(v) for v in data] == [2, 3] and len(calls) == 4


def test_files(tmp_path):
    for name in "bca":
        (tmp_path / f"{name}.txt").touch()
    found = Pipeline.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert [path[-5] for path in found] == ["a", "b", "c"]
    mixed = Pipeline.list_files([str(tmp_path / "[ab].txt")], seed=0)
    assert sorted(path[-5] for path in mixed) == ["a", "b"]

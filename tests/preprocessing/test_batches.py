"""Steps hung on a data set of batches."""

import pytest

from dezero.preprocessing import Batches


@pytest.fixture
def numbers():
    return Batches(lambda: iter(range(6)), 6, ["a", "b"], ["x.png"])


def test_it_can_be_gone_through_again(numbers):
    assert list(numbers) == list(numbers) == [0, 1, 2, 3, 4, 5] and len(numbers) == 6


def test_steps(numbers):
    doubled = numbers.map(lambda x: 2 * x, num_parallel_calls=4).prefetch(buffer_size=1)
    assert list(doubled.take(3)) == [0, 2, 4] and len(doubled.take(3)) == 3
    assert list(doubled.take(-1)) == [0, 2, 4, 6, 8, 10]
    assert list(doubled.skip(4)) == [8, 10] and len(doubled.skip(4)) == 2
    assert doubled.class_names == ["a", "b"] and doubled.file_paths == ["x.png"]
    pairs = Batches(lambda: iter([(1, 2)]), 1).map(lambda x, y: (x + 1, y))
    assert list(pairs) == [(2, 2)]


def test_cache_keeps_a_whole_epoch(numbers):
    calls = []
    cached = numbers.map(lambda x: calls.append(x) or x).cache()
    next(iter(cached))
    assert list(cached) == list(cached) == [0, 1, 2, 3, 4, 5]
    assert len(calls) == 7


def test_shuffle(numbers):
    mixed = numbers.shuffle(3, seed=0)
    first, second = list(mixed), list(mixed)
    assert sorted(first) == sorted(second) == [0, 1, 2, 3, 4, 5] and first != second
    assert first[0] < 3
    fixed = numbers.shuffle(6, seed=0, reshuffle_each_iteration=False)
    assert list(fixed) == list(fixed)
    kept = numbers.shuffle(6, reshuffle_each_iteration=False)  # without a seed too
    assert all(list(kept) == list(kept) for _ in range(3))

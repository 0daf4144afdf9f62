"""Endless batches by number: order, seeds, and the last smaller batch."""

import threading

import numpy as np
import pytest

from dezero.backend import random as backend_random
from dezero.preprocessing import PictureIterator
from dezero.preprocessing.iterator import Saving


class Numbers(PictureIterator):
    def make_batch(self, rows, rng):
        return rows.tolist(), rng.random()


def taken(iterator, count):
    return [next(iterator) for _ in range(count)]


def test_it_never_ends_and_the_last_batch_is_smaller():
    numbers = Numbers(5, 2, False, None)
    assert len(numbers) == 3 and iter(numbers) is numbers
    rows = [rows for rows, _ in taken(numbers, 7)]
    assert rows == [[0, 1], [2, 3], [4], [0, 1], [2, 3], [4], [0, 1]]
    assert numbers.total_batches_seen == 7 and numbers.batch_index == 1
    numbers.reset()
    assert numbers.next()[0] == [0, 1]


def test_each_epoch_has_an_order_of_its_own_and_every_sample_once():
    numbers = Numbers(20, 6, True, 3)
    epochs = [sum((rows for rows, _ in taken(numbers, 4)), []) for _ in range(3)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_a_seed_repeats_everything_whatever_the_way():
    first, second = Numbers(10, 3, True, 7), Numbers(10, 3, True, 7)
    by_next = taken(first, 8)
    by_index = [second[i] for i in (3, 1, 0, 2)]
    second.on_epoch_end()
    by_index += [second[i] for i in range(4)]
    assert by_index == [by_next[i] for i in (3, 1, 0, 2, 4, 5, 6, 7)]
    assert taken(Numbers(10, 3, True, 8), 1) != by_next[:1]


def test_the_same_batch_taken_again_has_other_numbers():
    numbers = Numbers(4, 2, True, 7)
    (rows, number), (again, other) = numbers[0], numbers[0]
    assert rows == again and number != other
    assert numbers[-1][0] == numbers[1][0]


def test_without_a_seed_the_librarys_generator_gives_it(seeded):
    state = np.random.get_state()[1].copy()
    runs = []
    for _ in range(2):
        backend_random.seed(5)
        runs.append(taken(Numbers(10, 4, True, None), 3))
    assert runs[0] == runs[1]
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_threads_share_it():
    numbers, found = Numbers(200, 5, False, 0), []
    threads = [threading.Thread(target=lambda: found.extend(taken(numbers, 10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sum((rows for rows, _ in found), [])) == list(range(200))
    assert sorted(number for _, number in found) == sorted(
        number for _, number in taken(Numbers(200, 5, False, 0), 40)
    )


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match="expected pictures to make batches of, got none"):
        next(Numbers(0, 2, False, None))
    for index in (2, -3):
        with pytest.raises(IndexError, match="expected a batch below 2"):
            Numbers(4, 2, False, None)[index]
    with pytest.raises(TypeError, match="batch_size to be an integer"):
        Numbers(4, 2.0, False, None)
    with pytest.raises(ValueError, match="expected batch_size >= 1"):
        Numbers(4, 0, False, None)
    with pytest.raises(NotImplementedError, match="expected a method make_batch"):
        next(PictureIterator(4, 2, False, None))
    with pytest.raises(ValueError, match="save_to_dir: expected a folder"):
        Saving(tmp_path / "nowhere", "", "png")


def test_pictures_are_written_for_someone_to_see(tmp_path):
    saving = Saving(tmp_path, "cat", "jpg")
    rng = np.random.default_rng(0)
    saving.write(rng.random((2, 4, 5, 4)), np.array([7, 9]), "channels_last", rng)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name.split("_")[:2] for name in names] == [["cat", "7"], ["cat", "9"]]
    assert all(name.endswith(".jpg") for name in names)

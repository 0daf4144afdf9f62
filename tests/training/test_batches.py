"""Batches from arrays, loaders and generators; test_loop.py tests them as fit uses them."""

import tracemalloc

import numpy as np
import pytest

from dezero.backend import random
from dezero.core import Variable
from dezero.dataloaders import DataLoader
from dezero.training.batches import (
    ArrayBatches,
    LoaderBatches,
    arranged,
    check_count,
    make_batches,
    split_validation,
)
from dezero.training.callbacks.base import Callback
from dezero.training.home import Home
from tests.strict_device import strict_device
from tests.training.toys import Plain, blobs, net

X = np.arange(20, dtype=np.float32).reshape(10, 2)
T = np.arange(10)
HOME = Home(Plain(), "fit")


def cut(x=X, t=T, weight=None, size=4, shuffle=False):
    return ArrayBatches(x, t, weight, size, shuffle=shuffle, home=HOME)


def targets(batches):
    return [t.tolist() for _, t, _ in batches]


def test_batches_in_order_are_views_and_the_last_is_smaller():
    batches = cut()
    assert len(batches) == 3
    assert targets(batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    for x, t, weight in batches:
        assert np.shares_memory(x, X) and weight is None
        assert np.array_equal(x[:, 0], 2 * t)


def test_shuffled_batches_keep_samples_targets_and_weights_together(seeded):
    random.seed(0)
    batches = cut(weight=T / 2, shuffle=True)
    first, second = targets(batches), targets(batches)
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == list(range(10))
    assert first != second
    for x, t, weight in batches:
        assert np.array_equal(x[:, 0], 2 * t) and np.array_equal(weight, t / 2)
        assert not np.shares_memory(x, X)


def test_without_targets():
    assert [t for _, t, _ in cut(t=None, shuffle=True)] == [None] * 3


def test_device_arrays_stay_on_their_device_and_host_arrays_go_there():
    with strict_device() as backend:
        model = Plain()
        for param in model.params():
            param.data = backend.from_host(param.data)
        home = Home(model, "fit")
        for x in (X, backend.from_host(X)):
            for shuffle in (True, False):
                batches = ArrayBatches(x, T, None, 4, shuffle=shuffle, home=home)
                for x_batch, t_batch, weight in batches:
                    assert type(x_batch) is type(t_batch) is backend.array_types[0]
                    assert np.array_equal(x_batch.get()[:, 0], 2 * t_batch.get())
                    assert weight is None


def pairs():
    return [(X[i : i + 2], T[i : i + 2]) for i in range(0, 10, 2)]


def loaded(source, steps=None, from_start=True):
    return LoaderBatches(source, steps, HOME, "fit", from_start=from_start)


def test_what_can_be_iterated_again_starts_anew_every_epoch():
    batches = loaded(pairs())
    assert len(batches) == 5
    assert targets(batches) == targets(batches) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_a_generator_goes_on_where_it_was():
    batches = loaded(iter(pairs()), steps=3)
    assert len(batches) == 3
    assert targets(batches) == [[0, 1], [2, 3], [4, 5]]
    assert targets(batches) == [[6, 7], [8, 9]]
    assert targets(batches) == []


def test_steps_from_the_start_or_from_where_the_last_epoch_ended():
    batches = loaded(pairs(), steps=3)
    assert targets(batches) == targets(batches) == [[0, 1], [2, 3], [4, 5]]
    batches = loaded(pairs(), steps=3, from_start=False)
    assert targets(batches) + targets(batches) == [
        [0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [0, 1]
    ]  # fmt: skip
    assert len(targets(loaded(pairs(), steps=12))) == 12
    assert targets(loaded([], steps=2)) == []


def test_an_iterator_with_reset_as_in_the_book_starts_anew():
    class Book:
        def __init__(self):
            self.reset()

        def reset(self):
            self.at = 0

        def __iter__(self):
            return self

        def __next__(self):
            if self.at == 5:
                self.reset()
                raise StopIteration
            self.at += 1
            return pairs()[self.at - 1]

    batches = loaded(Book())
    assert targets(batches) == targets(batches) == targets(pairs_with_none())


def pairs_with_none():
    return [(x, t, None) for x, t in pairs()]


def test_batches_are_made_ready():
    ((x, t, weight),) = loaded([([[1.0, 2.0]], [3], [0.5])])
    assert x.dtype == np.float32 and t.dtype == np.int64 and weight.tolist() == [0.5]
    ((x, t, weight),) = loaded([X])
    assert np.array_equal(x, X) and t is None and weight is None


def made(*data, **options):
    return make_batches((*data, None, None)[:3], HOME, "fit", **options)


def test_make_batches_of_arrays():
    batches = made(X.astype(np.float64), T)
    assert isinstance(batches, ArrayBatches)
    assert batches.size == 32 and not batches.shuffle and batches.x.dtype == np.float32
    assert len(made(X, T, batch_size=3)) == 4
    assert len(made(X, T, batch_size=3, steps=9)) == 9
    assert made(X, targets=False).t is None


def test_make_batches_of_loaders_and_datasets():
    loader = DataLoader((X, T), 5, shuffle=False)
    assert targets(made(loader)) == [T[:5].tolist(), T[5:].tolist()]

    class Indexed:
        def __len__(self):
            return 10

        def __getitem__(self, i):
            if i >= 10:
                raise IndexError
            return X[i], T[i]

    assert targets(made(Indexed(), batch_size=6)) == [T[:6].tolist(), T[6:].tolist()]


@pytest.mark.parametrize("data", [X.tolist(), tuple(X.tolist()), Variable(X)])
def test_arranged(data):
    loader = DataLoader(X, 2)
    found = arranged((data, None, X, loader), "fit")
    assert np.array_equal(found[0], X) and found[1] is None
    assert found[2] is X and found[3] is loader


def test_check_count():
    check_count("fit", "epochs", None)
    check_count("fit", "epochs", np.int64(1))
    with pytest.raises(ValueError, match="fit: expected epochs to be an integer >= 1, got 0. Chan"):
        check_count("fit", "epochs", 0)
    for value in (True, 2.0, "3"):
        with pytest.raises(TypeError, match=f"to be an integer >= 1, got {value!r}"):
            check_count("fit", "epochs", value)


@pytest.mark.parametrize(("n", "share"), [(10, 0.2), (10, 0.3), (100, 0.29), (7, 0.5), (3, 0.1)])
def test_split_validation_cuts_where_keras_does(n, share):
    data = np.arange(n)
    (x, y, weight), (x_val, y_val, weight_val) = split_validation(data, data * 2, None, share)
    cut = int(np.floor(n * (1.0 - share)))
    assert x.tolist() + x_val.tolist() == list(range(n)) and len(x) == cut
    assert np.array_equal(y, 2 * x) and np.array_equal(y_val, 2 * x_val)
    assert weight is None and weight_val is None


def test_everything_wrong_is_said():
    with pytest.raises(TypeError, match="fit: expected targets, got x"):
        made(X)
    with pytest.raises(TypeError, match="fit: expected x to be an array of samples, got"):
        made(np.array(3.0), T)
    with pytest.raises(TypeError, match="fit: expected targets, got x dict"):
        made({"x": X})
    with pytest.raises(ValueError, match=r"\(9,\) int64. A list of arrays is several"):
        made([X, X], T[:9])
    for data in (object(), "text", 3):
        with pytest.raises(TypeError, match="fit: expected arrays, a Dataset, a DataLoader or a g"):
            made(data)
    with pytest.raises(ValueError, match=r"fit: expected samples of one shape, got list \[\[1"):
        made([[1, 2], [3]], [0, 1])
    with pytest.raises(TypeError, match=r"fit: expected arrays of numbers, got \(2,\) <U1. Conver"):
        made(["a", "b"], [0, 1])
    with pytest.raises(TypeError, match="fit: expected arrays of numbers, got .* object"):
        list(loaded([(X.astype(object), T)]))
    with pytest.raises(TypeError, match="fit: expected no y and batch_size beside a list_iterator"):
        made(iter(pairs()), T, batch_size=3)
    with pytest.raises(TypeError, match=r"fit: expected batches of \(x, t\) or .*got int 3"):
        list(loaded([3]))
    with pytest.raises(ValueError, match="fit: expected at least one sample"):
        made(X[:0], T[:0])
    with pytest.raises(ValueError, match=r"fit: expected x and y with the same number.*\(9,\) int"):
        made(X, T[:9])
    with pytest.raises(ValueError, match="fit: expected validation_split between 0 and 1"):
        split_validation(X, T, None, 1.0)
    with pytest.raises(TypeError, match="fit: expected arrays with validation_split, got list_ite"):
        split_validation(iter(pairs()), None, None, 0.5)


@pytest.mark.parametrize("laid", ["columns", "turned", "every other"])
def test_a_shuffled_batch_costs_no_copy_of_all_samples(laid):
    rows = np.arange(600_000, dtype=np.float32).reshape(20_000, 30)
    x = {"columns": np.asfortranarray(rows), "turned": rows.T.copy().T, "every other": rows[:, ::2]}
    batches = iter(cut(x[laid], None, size=10, shuffle=True))
    next(batches)
    tracemalloc.start()
    try:
        batch = next(batches)[0]
        assert tracemalloc.get_traced_memory()[1] < x[laid].nbytes / 10
    finally:
        tracemalloc.stop()
    assert np.array_equal(batch, x[laid][(batch[:, 0] / 30).astype(int)])


@pytest.mark.parametrize("verbose", [0, 1, 2])
@pytest.mark.parametrize(
    ("given", "steps", "epochs"), [(3, None, [0]), (3, 3, [0]), (4, 3, [0, 1]), (2, 3, [0])]
)
def test_a_generator_that_is_used_up_ends_the_training(given, steps, epochs, verbose):
    class Watch(Callback):
        ends = 0

        def on_train_end(self, logs=None):
            self.ends += 1

    (x, t), model, watch = blobs(), net(), Watch()
    batches = ((x[:20], t[:20]) for _ in range(given))
    with pytest.warns(UserWarning, match="fit: the generator was used up after [0-2] batches of e"):
        history = model.fit(
            batches, epochs=5, steps_per_epoch=steps, callbacks=watch, verbose=verbose
        )
    assert history is model.history and history.epoch == epochs and watch.ends == 1
    assert len(history.history["loss"]) == len(epochs) and model.optimizer.t == given


def test_a_generator_that_is_just_long_enough_ends_in_silence():
    x, t = blobs()
    batches = ((x[:20], t[:20]) for _ in range(6))
    assert net().fit(batches, epochs=2, steps_per_epoch=3, verbose=0).epoch == [0, 1]
    assert net().fit(iter([blobs()]), verbose=0).epoch == [0]

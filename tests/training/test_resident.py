"""Data that lie on the device: one copy there, batches of the order that the host draws."""

import gc

import numpy as np
import pytest

import dezero
from dezero.backend import transfers
from dezero.backend.cupy import memory
from dezero.dataloaders import DataLoader
from dezero.models import MLP
from dezero.optimizers import SGD, Adam, MomentumSGD, schedules
from dezero.training import Callback
from dezero.training.batches import ArrayBatches
from dezero.training.home import Home
from dezero.training.resident import SHARE, ResidentBatches, Rows, resident_batches, stays
from tests.strict_device import strict_gpu
from tests.training.captured import device_of_tests, dropped, fitted, five, net, on_device, state  # noqa: F401
from tests.training.toys import Plain, blobs

X, T = blobs(22)


@pytest.fixture
def home():
    with strict_gpu() as backend:
        model = Plain()
        for param in model.params():
            param.data = backend.from_host(param.data)
        yield Home(model, "fit")


def plain(batches):
    return [[None if part is None else part.get().tolist() for part in batch] for batch in batches]


@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_are_those_of_the_host(home, seeded, shuffle):
    weight = np.arange(22) / 2
    found = []
    for made in (
        lambda: ArrayBatches(X, T, weight, 4, shuffle=shuffle, home=home),
        lambda: ResidentBatches((X, T, weight), 4, shuffle=shuffle, home=home),
    ):
        dezero.seed(0)
        batches = made()
        found.append([plain(batches), plain(batches)])
        assert len(batches) == 6
    assert found[0] == found[1]
    assert (found[0][0] == found[0][1]) is not shuffle


def test_structures_and_dtypes_stay(home):
    pictures = np.arange(24, dtype="u1").reshape(6, 4)
    data = {"a": pictures, "b": [np.arange(6.0)]}, [np.arange(6), np.eye(6, dtype=bool)], None
    batches = ResidentBatches(data, 4, shuffle=False, home=home)
    (x, t, weight), last = batches
    assert x["a"].dtype == np.uint8 and x["b"][0].dtype == np.float32 and weight is None
    assert t[0].dtype == np.int64 and t[1].get().tolist() == np.eye(6, dtype=bool)[:4].tolist()
    assert last.size == 2 and [v.shape for v in tuple(last)[1]] == [(2,), (2, 6)]
    assert batches.sent == 24 + 6 * 4 + 6 * 8 + 36


def test_an_epoch_sends_its_order_alone(home):
    with transfers() as seen:
        batches = ResidentBatches((X, T, None), 4, shuffle=True, home=home)
        assert seen.from_host == 2 and seen.from_host_bytes == X.nbytes + T.nbytes
        for _ in range(3):
            list(map(tuple, batches))
    assert seen.from_host == 2 + 3 and seen.to_host == 0
    with transfers() as seen:
        there = tuple(home.moved(v) for v in (X, T)), 4
        batches = ResidentBatches((*there[0], None), 4, shuffle=False, home=home)
        list(map(tuple, batches))
    assert seen.from_host == 2 and batches.sent == 0


def test_other_data_take_the_place_of_those_of_their_form(home):
    old = ResidentBatches((X, T, None), 4, shuffle=True, home=home)
    list(old)
    for data in ((X[:9], T[:9], None), (X, T, T), (X, T.astype("i4"), None)):
        assert resident_batches(old, data, 4, shuffle=False, home=home) is not old
    wide = X.astype("f8") + 1
    assert resident_batches(old, (wide, T[::-1], None), 5, shuffle=False, home=home) is old
    batches = plain(old)
    assert [len(b[1]) for b in batches] == [5, 5, 5, 5, 2]
    assert sum((b[1] for b in batches), []) == T[::-1].tolist()
    np.testing.assert_array_equal(batches[0][0], (X + 1)[:5])
    walk = iter(old)
    next(walk)  # somebody reads them
    assert resident_batches(old, (X, T, None), 4, shuffle=False, home=home) is not old
    walk.close()
    own = home.moved(X)
    bound = ResidentBatches((own, T, None), 4, shuffle=False, home=home)
    assert resident_batches(bound, (own, T, None), 4, shuffle=False, home=home) is bound
    assert resident_batches(bound, (home.moved(X), T, None), 4, shuffle=False, home=home) != bound


def test_what_stays(home):
    data = X, T, None
    size = X.nbytes + T.nbytes
    assert stays(data, home, "auto", "fit") and stays(data, home, True, "fit")
    assert not stays(data, home, False, "fit") and not stays(data, Home(Plain(), "fit"), True, "")
    with pytest.MonkeyPatch.context() as patch:
        for free, fits in ((size / SHARE, True), (size / SHARE - 1, False)):
            patch.setitem(memory.ROOM, "cuda", lambda free=free: free)
            assert stays(data, home, "auto", "fit") is fits
        assert stays(data, home, True, "fit")
        assert stays((home.moved(X), None, None), home, "auto", "fit")
        patch.delitem(memory.ROOM, "cuda")
        assert not stays(data, home, "auto", "fit")
    for wrong in (2, "yes", None):
        with pytest.raises(ValueError, match="fit: expected resident to be 'auto', True or False"):
            stays(data, home, wrong, "fit")


def test_only_arrays_stay(gpu):
    model = net()
    model.compile(SGD(0.05), "softmax_cross_entropy")
    loader = DataLoader((five(), T), 4)
    with pytest.raises(TypeError, match="fit: expected arrays for resident=True, got DataLoader"):
        model.fit(loader, resident=True, verbose=0)
    model.fit(five(), T, resident=True, validation_data=loader, verbose=0)


def test_rows_are_alike_wherever_they_start():
    source = object()
    a, b = Rows(source, 0, 4), Rows(source, 4, 4)
    assert a == b and hash(a) == hash(b)
    assert a != Rows(source, 0, 3) and a != Rows(object(), 0, 4) and a != 4


OPTIONS = {
    "plain": {},
    "in order": {"shuffle": False},
    "class weight": {"class_weight": {0: 2.0, 2: 0.5}},
    "sample weight": {"sample_weight": np.linspace(0, 1, 22)},
    "validation": {"validation_split": 0.3},
    "steps": {"steps_per_epoch": 4},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_fit_is_the_same_resident_or_not_captured_or_not(gpu, name):
    options = OPTIONS[name]
    found = [
        state(fitted(x=five(), jit=jit, resident=resident, steps=steps, **options))
        for jit, resident, steps in (
            (False, False, 1), (False, True, 1), (True, True, 1), (True, True, 2), (True, False, 1),
        )
    ]  # fmt: skip
    assert all(one == found[0] for one in found)
    assert gpu.launches and not gpu.flights


class Batches:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        return ((self.x[i : i + 4], T[i : i + 4]) for i in range(0, 22, 4))


@pytest.mark.slow
def test_batches_of_the_host_are_sent_the_same(gpu):
    x, found = five(), []
    for source in (
        lambda: x,
        lambda: DataLoader((x, T), 4, shuffle=False),
        lambda: DataLoader((x, T), 4, shuffle=False, gpu=True),
        lambda: DataLoader((x, T), 4, shuffle=False, prefetch=2, gpu=True),
        lambda: Batches(x),
    ):
        given = source()
        options = {"y": T, "batch_size": 4} if given is x else {}
        model = net()
        model.compile(SGD(0.05), "softmax_cross_entropy", "accuracy")
        model.fit(given, epochs=3, verbose=0, shuffle=False, resident=False, **options)
        figures = model.evaluate(given, verbose=0, **options)
        found.append((state(model), figures, model.predict(x, batch_size=4).tolist()))
        assert not gpu.flights
    assert all(one == found[0] for one in found)


def test_arrays_of_a_file_go_to_the_device(gpu, tmp_path):
    def rows(array, name):
        there = np.memmap(tmp_path / name, array.dtype, "w+", shape=array.shape)
        there[...] = array
        return there

    x, t = rows(five(), "x"), rows(T, "t")
    expected = state(fitted(x=five(), jit=False, shuffle=False))
    for given in (
        {"x": x, "t": t, "jit": True, "resident": True},
        {"x": x, "t": t, "resident": False},
        {"x": DataLoader((x, t), 4, shuffle=False), "t": None, "batch_size": None},
        {"x": DataLoader((x, t), 4, shuffle=False, gpu=True), "t": None, "batch_size": None},
    ):
        model = fitted(shuffle=False, **given)
        assert state(model) == expected
    assert model.evaluate(x, t, verbose=0) == model.evaluate(five(), T, verbose=0)
    assert (model.predict(x) == model.predict(five())).all()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_end_too_soon_leaves_nothing_on_its_way(gpu, error):
    def broken():
        yield five()[:4], T[:4]
        yield five()[4:8], T[4:8]
        raise error

    model = net()
    model.compile(SGD(0.05), "softmax_cross_entropy")
    if error is KeyboardInterrupt:
        assert model.fit(broken(), verbose=0).interrupted
    else:
        with pytest.raises(ValueError):
            model.fit(broken(), verbose=0)
    gc.collect()  # numbers of steps are waited for when their owner goes
    assert not gpu.flights


def test_data_of_the_device_are_not_copied(gpu):
    there = on_device(five()), on_device(T)
    model = fitted(x=there[0], t=there[1], jit=True)
    batches = model.compiled.kept.batches
    assert batches.data[0] is there[0] and batches.data[1] is there[1] and batches.sent == 0
    assert state(model) == state(fitted(x=five(), jit=False))


class Begins(Callback):
    def __init__(self):
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(("begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("end", batch))


def test_callbacks_are_called_once_per_execution_as_by_keras(gpu):
    expected = []
    for first, last in ((0, 3), (4, 5)):
        expected += [("begin", first), ("end", last)]
    for model in (net(), MLP((3,))):  # on the device and on the host
        watch = Begins()
        fitted(model, x=five(), steps=4, epochs=1, callbacks=[watch])
        assert watch.seen == expected


def test_on_the_host_steps_per_execution_changes_no_number():
    dezero.seed(1)
    found = []
    for steps in (1, 3):
        dezero.seed(1)
        model = fitted(MLP((4, 3)), steps=steps)
        found.append((model.history.history, [p.data.tobytes() for p in model.params()]))
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer", [SGD, Adam, lambda _: Adam(schedules.StepDecay(0.05, 7)), MomentumSGD]
)
def test_200_steps_in_executions_agree_to_the_last_bit(gpu, optimizer):
    x, t = five(blobs(67)[0]), blobs(67)[1]
    found = []
    for jit, steps in ((False, 1), (True, 1), (True, 5), (True, 16)):
        before = gpu.launches
        model = fitted(dropped(), optimizer, x=x, t=t, steps=steps, epochs=12, jit=jit)
        found.append(state(model))
        launched = gpu.launches - before
        # 17 batches an epoch, of 4 samples but the last.
        assert {(False, 1): launched == 0, (True, 1): launched > 180}.get((jit, steps), True)
        if steps == 16:
            assert launched < 40
        assert model.optimizer.t == 204
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("samples", [24, pytest.param(22, marks=pytest.mark.slow)])
def test_an_execution_may_go_on_into_the_next_order(gpu, samples):
    x, t = five(blobs(samples)[0]), blobs(samples)[1]  # 6 batches, in executions of 4
    found = [
        state(fitted(x=x, t=t, jit=jit, resident=resident, steps=steps, steps_per_epoch=7))
        for jit, resident, steps in ((False, False, 1), (False, True, 4), (True, True, 4))
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("wrong", [0, 1.5, True, "auto"])
def test_steps_per_execution_is_a_number(wrong):
    with pytest.raises(ValueError, match="compile: expected steps_per_execution to be an integer"):
        fitted(MLP((3,)), steps=wrong)

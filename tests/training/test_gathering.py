"""Metrics inside a captured step, and those that stay outside of it: figures as without."""

import functools
import math

import numpy as np
import pytest

import dezero
from dezero import keras, metrics
from dezero.backend import to_host
from dezero.optimizers import SGD
from dezero.training import Callback
from dezero.training.gathering import _content, _entries, _holds, _steps
from tests.training.captured import device_of_tests, moved, net, on_device  # noqa: F401

X = np.random.default_rng(2).standard_normal((22, 5)).astype("f4")
T = np.random.default_rng(3).integers(0, 3, 22)


class Summed(metrics.Metric):
    """What can be captured: sums on the device in place, counts on the host."""

    default_name = "summed"

    def update(self, y, t, weight=None):
        self.total += y.sum(dtype=np.float64)
        self.count += len(y)

    def result(self):
        return float(to_host(self.total)) / max(self.count, 1) if self.count else math.nan

    def reset(self):
        self.total, self.count = 0.0, 0


class Replacing(Summed):
    """Makes its sum anew each time."""

    def update(self, y, t, weight=None):
        self.total = self.total + y.sum(dtype=np.float64)
        self.count += len(y)


class Reading(Summed):
    """Reads a value of the device."""

    def update(self, y, t, weight=None):
        self.total += float(y.sum(dtype=np.float64))
        self.count += len(y)


class Listing(Summed):
    """Keeps a list of what it has seen."""

    def update(self, y, t, weight=None):
        self.seen.append(y.sum(dtype=np.float64))
        self.count += len(y)

    def result(self):
        return sum(float(to_host(one)) for one in self.seen) / max(self.count, 1)

    def reset(self):
        self.seen, self.count = [], 0


class Inside(Summed):
    """Keeps its sum in an object of its own."""

    class Box:
        total = 0.0

    def update(self, y, t, weight=None):
        self.box.total += y.sum(dtype=np.float64)
        self.count += len(y)

    def result(self):
        return float(to_host(self.box.total)) / max(self.count, 1)

    def reset(self):
        self.box, self.count = Inside.Box(), 0


class Doubling(Summed):
    """Counts on the host, but not by the same number each time."""

    def update(self, y, t, weight=None):
        self.total += y.sum(dtype=np.float64)
        self.count = 2 * self.count + 0.25

    def reset(self):
        self.total, self.count = 0.0, 0.0


class Keeping(Summed):
    """Keeps the last batch, arrays that are not its own."""

    def update(self, y, t, weight=None):
        super().update(y, t, weight)
        self.last = y, t
        self.targets, self.first = t, t[:1]


class Unborn(Summed):
    """Has no sum before the first batch."""

    def update(self, y, t, weight=None):
        if self.total is None:
            self.total = y.sum(dtype=np.float64)
        else:
            self.total += y.sum(dtype=np.float64)
        self.count += len(y)

    def reset(self):
        self.total, self.count = None, 0


def fitted(jit, made, watch=False, **options):
    model, seen = net(), []

    class Watch(Callback):
        def on_train_batch_end(self, step, logs):
            seen.append(dict(logs))

    model.compile(SGD(0.05), "softmax_cross_entropy", [one() for one in made])
    options = {"batch_size": 4, "epochs": 3, "verbose": 0, **options}
    model.fit(X, T, jit=jit, callbacks=[Watch()] if watch else None, **options)
    return model, seen


KINDS = {
    Summed: False, Replacing: True, Reading: True, Listing: True, Inside: True, Doubling: True,
    Unborn: False, Keeping: True,
}  # fmt: skip


def test_figures_are_those_of_steps_as_they_are(gpu):
    agree(gpu, Summed, True)


@pytest.mark.slow
@pytest.mark.parametrize("watch", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_figures_of_all_kinds_are_those_of_steps_as_they_are(gpu, kind, watch):
    agree(gpu, kind, watch)


def agree(gpu, kind, watch):
    made = [metrics.Accuracy, kind]
    (plain, seen), (model, same) = (fitted(jit, made, watch) for jit in (False, True))
    assert seen == same and plain.history.history == model.history.history
    stepper = model.compiled.kept.stepper
    assert stepper.graphed.captured == 1 and gpu.launches >= 8
    outside = [type(one) for one in stepper.gathering.outside.values()]
    assert outside == ([kind] if KINDS[kind] else [])


@pytest.mark.slow
def test_a_replayed_step_is_one_launch(gpu):
    model, _ = fitted(True, [metrics.Accuracy, Summed], epochs=5)

    def launched(steps):
        before = gpu.works, gpu.launches
        model.fit(X, T, batch_size=2, verbose=0, steps_per_epoch=steps)
        return gpu.works - before[0], gpu.launches - before[1]

    launched(11)
    few, many = launched(4), launched(11)
    assert many == (few[0], few[1] + 7) and few[1] == 4


TARGETS = {"labels": T, "rows": np.eye(3, dtype="f4")[T]}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({one.__name__ for one in metrics.METRICS.values()}))
def test_all_metrics_are_gathered_inside(gpu, name):
    fitting = 0
    for kind, t in TARGETS.items():
        found, model = [], None
        for jit in (False, True):
            made = getattr(metrics, name)(*([2] if name.endswith("TopK") else []))
            model = net()
            loss = "softmax_cross_entropy" if kind == "labels" else "mean_squared_error"
            model.compile(SGD(0.05), loss, [made])
            try:
                model.fit(X, t, batch_size=4, epochs=4, verbose=0, jit=jit)
            except (ValueError, TypeError):
                break  # not for such targets
            found.append(repr(model.history.history))
        if len(found) == 2:
            fitting += 1
            stepper = model.compiled.kept.stepper
            assert found[0] == found[1] and stepper.graphed.captured
            assert not stepper.gathering.outside
    assert fitting


@pytest.mark.slow
def test_metrics_of_keras_are_the_same_captured_or_not(gpu):
    km, rows, found = keras.metrics, np.eye(3, dtype="f4")[T], []
    for jit in (False, True):
        dezero.seed(1)
        model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        model.build((None, 5))
        moved(model)
        made = [km.AUC(), km.Precision(), km.MeanSquaredError(), km.MeanIoU(3), km.R2Score()]
        weighted = [km.Recall(), km.CategoricalCrossentropy()]
        model.compile(
            "sgd", "categorical_crossentropy", ["accuracy", *made], weighted_metrics=weighted,
            jit_compile=jit,
        )  # fmt: skip
        weight = np.linspace(0.5, 1, 22)
        options = {"batch_size": 4, "epochs": 4, "verbose": 0, "sample_weight": weight}
        found.append(list(model.fit(X, rows, **options).history.values()))
    assert found[0] == found[1] and gpu.launches


@pytest.mark.parametrize("shuffle", [False, True])
def test_data_that_a_metric_keeps_are_not_written_to(gpu, shuffle):
    x, t = on_device(X), on_device(T)
    for resident in (True, False):
        model = net()
        model.compile(SGD(0.05), "softmax_cross_entropy", [Targets()])
        options = {"resident": resident, "shuffle": shuffle, "batch_size": 4, "verbose": 0}
        model.fit(x, t, epochs=3, **options)
        assert (x.get() == X).all() and (t.get() == T).all()


class Targets(Summed):
    """Keeps the last targets."""

    def update(self, y, t, weight=None):
        super().update(y, t, weight)
        self.targets = t


def test_what_an_array_of_the_device_holds(gpu):
    whole, real = on_device(np.zeros(3, int)), on_device(np.zeros(3))
    assert _holds(whole, 2) and not _holds(whole, 0.5) and _holds(real, 0.5) and _holds(real, 2)
    assert _holds(real, np.zeros(3, int)) and not _holds(whole, np.zeros(3))
    assert not _holds(real, np.zeros(2)) and not _holds(real, None) and not _holds(real, whole)


class Later(Summed):
    """Begins to keep a list when all is captured."""

    def update(self, y, t, weight=None):
        super().update(y, t, weight)
        if len(y) == 2:
            self.seen.append(1)

    def result(self):
        return super().result() + len(self.seen)

    def reset(self):
        super().reset()
        self.seen = []


@pytest.mark.slow
def test_what_is_found_late_is_captured_anew(gpu):
    x, t = np.concatenate([X] * 3)[:62], np.concatenate([T] * 3)[:62]
    found = []
    for jit in (False, True):
        model = net()
        model.compile(SGD(0.05), "softmax_cross_entropy", [Later()])
        history = model.fit(x, t, batch_size=4, epochs=3, verbose=0, jit=jit).history
        found.append((history, [p.data.get().tobytes() for p in model.params()]))
    assert found[0] == found[1]
    stepper = model.compiled.kept.stepper
    assert [type(one) for one in stepper.gathering.outside.values()] == [Later]


def test_what_numbers_grow_by():
    assert _steps({"a": 1, "b": 0.5}, {"a": 3, "b": 0.5}) == {"a": 2}
    assert _steps({"a": 1}, {"a": 1, "b": 2}) is None
    assert _steps({"a": "x"}, {"a": "y"}) is None
    assert _steps({"a": 1}, {"a": 2.0}) is None


def test_what_is_inside_is_compared_or_refused():
    record = [1, {"a": np.arange(3)}, functools.partial(max, 2, key=len), [].append, len]
    before = _content(record[:2], 0)
    record[1]["a"][0] = 5
    assert _content(record[:2], 0) != before
    assert _content(record[2:3], 0) == _content(record[2:3], 0)
    deep = [[[[[[1]]]]]]
    for value in (deep, object(), memoryview(b"a")):
        with pytest.raises(LookupError):
            _entries(value, 1)

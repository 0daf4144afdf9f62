"""Every line of the tables of metrics, data sets and callbacks: what each of them has to do."""

import json

import numpy as np
import pytest

import dezero.metrics
from dezero.backend import random
from dezero.core import Variable
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers import SGD
from tests.played import play_datasets
from tests.specs.datasets import SPECS as DATASETS
from tests.specs.metrics import SPECS as METRICS
from tests.specs.training.callbacks import SPECS as CALLBACKS
from tests.specs.training.callbacks import Run
from tests.strict_device import strict_device


def each(specs):
    return pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in specs])


def gathered(metric, pairs):
    for y, t in pairs:
        metric.update(y) if t is None else metric.update(y, t)
    return metric.result()


@each(METRICS)
def test_metric_of_a_whole_batch(spec):
    np.testing.assert_allclose(
        gathered(spec.make(), [(spec.y, spec.t)]), spec.oracle(spec.y, spec.t), rtol=1e-6
    )


@each(METRICS)
def test_metric_of_uneven_batches_and_again_after_reset(spec):
    expected = spec.oracle(spec.y, spec.t)
    cuts = [slice(0, 5), slice(5, 6), slice(6, 12)]
    pairs = [(spec.y[c], None if spec.t is None else spec.t[c]) for c in cuts]
    metric = spec.make()
    for _ in range(2):
        metric.reset()
        np.testing.assert_allclose(gathered(metric, pairs), expected, rtol=1e-6)


@each(METRICS)
def test_metric_of_variables_and_of_a_device(spec):
    if spec.id == "FromFunction":
        pytest.skip("its function is the user's, here one on NumPy arrays")
    expected = spec.oracle(spec.y, spec.t)
    y = Variable(spec.y)
    np.testing.assert_allclose(gathered(spec.make(), [(y, spec.t)]), expected, rtol=1e-6)
    assert y.grad is None
    with strict_device() as backend:
        pair = tuple(None if a is None else backend.from_host(a) for a in (spec.y, spec.t))
        np.testing.assert_allclose(gathered(spec.make(), [pair]), expected, rtol=1e-6)


@each([s for s in METRICS if s.id != "FromFunction"])
def test_metric_is_saved_and_made_again(spec):
    saved = json.loads(json.dumps(dezero.metrics.serialize(spec.make())))
    twin = dezero.metrics.get(saved)
    assert twin.name == spec.make().name
    np.testing.assert_allclose(
        gathered(twin, [(spec.y, spec.t)]), spec.oracle(spec.y, spec.t), rtol=1e-6
    )


@pytest.fixture
def played_files(monkeypatch, tmp_path):
    play_datasets(monkeypatch, tmp_path)


@each(DATASETS)
def test_dataset_by_index(spec, played_files):
    data = spec.make()
    n = len(data)
    x, t = data[0]
    assert (np.shape(x), x.dtype) == (spec.shape, spec.dtype)
    if spec.classes is None:
        assert (np.shape(t), t.dtype) == (spec.shape, spec.dtype)
    else:
        assert 0 <= t < spec.classes
    for index, places in (
        (slice(1, 4), [1, 2, 3]),
        (np.array([2, 0, 2]), [2, 0, 2]),
        (np.arange(n) < 2, [0, 1]),
        (slice(0, 0), []),
    ):
        xs, ts = data[index]
        assert xs.shape == (len(places), *spec.shape) and xs.dtype == spec.dtype
        for i, place in enumerate(places):
            np.testing.assert_array_equal(xs[i], data[place][0])
            assert ts[i] == data[place][1]
    np.testing.assert_array_equal(data[-1][0], data[n - 1][0])
    with pytest.raises(IndexError):
        data[n]


@each(DATASETS)
def test_dataset_in_lists_and_loops(spec, played_files):
    data = spec.make()
    for (x, t), place in zip(data.__getitems__([3, 1]), (3, 1), strict=True):
        np.testing.assert_array_equal(x, data[place][0])
        assert t == data[place][1]
    assert len([sample for sample in data]) == len(data)


@each(DATASETS)
def test_dataset_in_one_line(spec, played_files):
    data = spec.make()
    assert repr(data).startswith(f"{type(data).__name__}: {len(data)} ")
    assert "\n" not in repr(data)


@each(DATASETS)
def test_dataset_is_the_same_every_time(spec, played_files):
    one, other = spec.make(), spec.make()
    np.testing.assert_array_equal(one[:][0], other[:][0])
    np.testing.assert_array_equal(one[:][1], other[:][1])


def trained(callbacks, model=None, epochs=3):
    random.seed(0)
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((24, 3)).astype(np.float32), rng.integers(0, 2, 24)
    if model is None:
        model = Sequential(Linear(2))
        model.compile(optimizer=SGD(0.1), loss="softmax_cross_entropy", metrics=["accuracy"])
    options = {"epochs": epochs, "batch_size": 8, "validation_split": 0.25, "verbose": 0}
    return model, model.fit(x, t, callbacks=callbacks, **options)


@each(CALLBACKS)
def test_callback_does_its_work(spec, tmp_path, seeded):
    callback = spec.make(tmp_path)
    model, history = trained([callback])
    assert spec.seen(Run(tmp_path, model, history, callback)) == spec.expected
    assert {"loss", "val_loss", "accuracy", "val_accuracy"} <= set(history.history)


@each(CALLBACKS)
def test_callback_serves_a_second_training(spec, tmp_path, seeded):
    callback = spec.make(tmp_path)
    trained([callback])
    model, history = trained([callback])
    assert spec.seen(Run(tmp_path, model, history, callback)) == spec.expected


@each([s for s in CALLBACKS if s.passive])
def test_callback_that_watches_changes_nothing(spec, tmp_path, seeded):
    alone, plain = trained([])
    watched, history = trained([spec.make(tmp_path)])
    for one, other in zip(alone.params(), watched.params(), strict=True):
        np.testing.assert_array_equal(one.data, other.data)
    assert history.history == plain.history

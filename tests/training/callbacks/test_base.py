"""Callback and the list that calls them."""

import pytest

from dezero.training import Callback
from dezero.training.callbacks.base import OTHER_NAMES, POINTS, CallbackList, as_list


def test_every_point_of_keras_is_there_and_does_nothing():
    callback = Callback()
    for point in (*POINTS, *OTHER_NAMES.values()):
        args = (0,) if "epoch" in point or "batch" in point else ()
        getattr(callback, point)(*args)
        getattr(callback, point)(*args, {"loss": 1.0})


@pytest.mark.parametrize("point", POINTS)
def test_a_point_is_called_if_it_is_overridden(point):
    calls = []
    mine = type("Mine", (Callback,), {point: lambda self, *args: calls.append((self, args))})()
    watchers = CallbackList([Callback(), mine], "model", {"epochs": 3})
    assert [p for p in POINTS if watchers.listens(p)] == [point]
    watchers.call(point, 1, {"loss": 2.0})
    assert calls == [(mine, (1, {"loss": 2.0}))]
    assert mine.model == "model" and mine.params == {"epochs": 3}


@pytest.mark.parametrize(("point", "other"), OTHER_NAMES.items())
def test_older_names(point, other):
    calls = []
    mine = type("Mine", (Callback,), {other: lambda self, *args: calls.append(args)})()
    watchers = CallbackList(mine, None, {})
    assert watchers.listens(point)
    watchers.call(point, 4, {})
    assert calls == [(4, {})]


def test_functions_assigned_to_an_object_are_called_too():
    mine, calls = Callback(), []
    mine.on_epoch_end = lambda epoch, logs: calls.append(epoch)
    CallbackList([mine], None, {}).call("on_epoch_end", 3, {})
    assert calls == [3]


def test_in_order():
    calls = []

    class Mine(Callback):
        def __init__(self, name):
            self.name = name

        def on_train_end(self, logs=None):
            calls.append(self.name)

    CallbackList([Mine("a"), Mine("b")], None, {}).call("on_train_end", {})
    assert calls == ["a", "b"]


def test_as_list():
    one, other = Callback(), Callback()
    assert as_list(None) == [] and as_list(one) == [one]
    assert as_list((one, other)) == [one, other]


def test_what_is_no_callback():
    with pytest.raises(TypeError, match="callbacks: expected Callback objects, got str 'csv'. Sub"):
        as_list(["csv"])
    with pytest.raises(TypeError, match="expected Callback objects, got the class Callback"):
        as_list([Callback])

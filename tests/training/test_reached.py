"""What a step works on is found by looking at it."""

import functools
import logging
import types

import numpy as np
import pytest

from dezero import optimizers
from dezero.core import Variable
from dezero.models import MLP
from dezero.training import reached as found
from dezero.training.reached import owners, reached

NET = MLP((3, 2))
MODULE = types.ModuleType("settings_of_a_test")
MODULE.net = MLP((2,))


def by_global(x):
    return NET(x)


def by_module(x):
    return MODULE.net(x)


def by_helper(x):
    return [by_global(v) for v in x]


def by_nested(x):
    return (lambda v: NET(v))(x)


class Trainer:
    def __init__(self):
        self.parts = {"net": [NET], "text": "no", "array": np.ones(3)}

    def step(self, x):
        return x

    @functools.wraps(by_global)
    def wrapped(self, x):
        return x


def by_closure():
    model = NET

    def step(x):
        return model(x)

    return step


def by_empty_cell():
    def step(x):
        return later(x)

    found = owners(step)
    later = NET
    return found, later


FINDS = [
    by_global, by_helper, by_nested, by_closure(), Trainer().step, functools.partial(map, NET),
    lambda x, model=NET: model(x), (lambda *, model=NET: model), {"a": (NET,)}, Trainer().wrapped,
]  # fmt: skip


@pytest.mark.parametrize("step", FINDS)
def test_models_are_found(step):
    assert owners(step) == ([NET], [])


def test_models_of_modules_and_by_way_of_optimizers():
    assert owners(by_module) == ([MODULE.net], [])
    model = MLP((2,))
    optimizer = optimizers.SGD().setup(model)
    assert owners(lambda: optimizer.update()) == ([model], [optimizer])
    model.optimizer = optimizer
    assert owners(lambda: model) == ([model], [optimizer])
    assert owners(lambda: optimizers.SGD()) == ([], [])
    assert by_empty_cell()[0] == ([], [])


def test_looking_ends(monkeypatch):
    deep = [[[[[NET]]]]]
    assert owners(deep)[0] == [NET] and owners([deep])[0] == []
    wide = [object(), object(), object(), NET]
    assert owners(wide)[0] == [NET]
    monkeypatch.setattr(found, "MANY", 3)
    assert owners(wide)[0] == []


ALPHA, TOTAL, SETTINGS = 0.5, np.ones(3), {"beta": 2.0, "kept": [np.ones(1), 1.5]}
MODULE.gamma = 3.0


class Scaled(MLP):
    def __init__(self):
        super().__init__((2,))
        self.mask, self.unread = np.ones(2), np.ones(2)
        self.add_buffer("kept", np.ones(2))

    def forward(self, x):
        return super().forward(x) * self.mask + self.kept


def reads_much(x):
    def inner(y):
        return y * ALPHA + TOTAL + SETTINGS["beta"] + MODULE.gamma

    return inner(x)


def names(*roots):
    return [place.name for place in reached(*roots, read=set())[2]]


def test_places_where_a_step_finds_things():
    assert names(reads_much) == [
        "ALPHA", "MODULE.gamma", "SETTINGS", "TOTAL",
        "SETTINGS['beta']", "SETTINGS['kept']", "SETTINGS['kept'][0]",
    ]  # fmt: skip
    model = Scaled()
    assert names(lambda: model) == ["model", "Scaled.mask", "__class__"]
    assert names(Trainer().step) == [] == names({"a": [np.ones(3)]})
    assert names(functools.partial(len, NET), NET) == []
    assert names(by_closure()) == ["model"]


def test_places_tell_what_is_new_from_what_is_equal():
    alpha, x = 1.5, None
    places = found.Places(reached(lambda: (alpha, x), read=set())[2])
    first = places.values()
    alpha = float("1.5")
    assert all(a is b for a, b in zip(first, places.values(), strict=True))
    again = found.Places(places.places, places)
    assert again.values()[0] is first[0] is not alpha
    alpha, x = float("nan"), Variable(np.ones(1))
    second = again.values()
    assert second[0] is alpha and again.variables == [x] and second[1] is x
    alpha = float("-nan")
    assert all(a is b for a, b in zip(second, again.values(), strict=True))


def test_entries_that_are_gone_are_none():
    kept = [np.ones(1), np.ones(2)]
    places = reached(lambda: kept, read=set())[2]
    del kept[1]
    assert [place.read() is None for place in places] == [False, False, True]


class Base:
    share, h = 0.5, None

    @property
    def hidden(self):
        return self._kept

    @classmethod
    def of_class(cls):
        return ALPHA

    @functools.cached_property
    def once(self):
        return SETTINGS


class Slots(Base):
    __slots__ = ("inner",)


def test_places_behind_classes_properties_and_slots():
    x, kind = Slots(), Base
    x.inner, x._kept = np.ones(1), np.ones(2)
    found = names(lambda: (x.share, x.h, x.inner, x.hidden, x.of_class(), x.once, x.never))
    assert set(found) == {
        "x", "Slots.share", "Slots.h", "Slots.inner", "Slots._kept", "ALPHA", "SETTINGS",
        "SETTINGS['beta']", "SETTINGS['kept']", "SETTINGS['kept'][0]",
    }  # fmt: skip
    assert names(lambda: kind.share) == ["kind", "Base.share"]
    assert names(lambda: [kind])[0] == "kind" and names([kind]) == []


def test_code_of_libraries_is_not_looked_at():
    # A logger's code reads its level, the user's code only what it writes.
    log, given = logging.getLogger("of a test"), types.SimpleNamespace(alpha=1.5, beta=2.5)
    found = names(lambda: (log.info("x"), given.alpha))
    assert found == ["given", "log", "SimpleNamespace.alpha"]


def test_a_step_of_an_installed_package_is_the_users(monkeypatch):
    monkeypatch.setattr(found, "_is_installed", lambda path: path == __file__)
    assert owners(by_helper)[0] == [NET]
    assert names(reads_much)[:2] == ["ALPHA", "MODULE.gamma"]
    assert names(by_helper) == ["by_global"]  # which is not the step


def test_dezero_may_be_installed_too(monkeypatch):
    monkeypatch.setattr(found, "LIBRARIES", ["/lib/python3", "/lib/python3/site-packages/dezero"])
    assert found._is_of_libraries("/lib/python3/site-packages/dezero/functions/conv.py")
    assert found._is_of_libraries("/lib/python3/logging/__init__.py")
    for path in ("/lib/python3/site-packages/theirs/step.py", "/home/me/step.py"):
        assert not found._is_of_libraries(path)

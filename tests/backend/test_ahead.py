"""Batches made ahead: all of them, in order, and no thread is left behind."""

import contextvars
import threading

import pytest

from dezero.backend.ahead import ahead


def threads():
    return [t for t in threading.enumerate() if t.name == "dezero-prefetch"]


@pytest.mark.parametrize("depth", [1, 3])
def test_everything_comes_in_order(depth):
    assert list(ahead(iter(range(20)), depth)) == list(range(20))
    assert not threads()


def test_an_error_comes_after_what_was_before_it():
    def broken():
        yield 1
        raise KeyError("x")

    walk = ahead(broken(), 2)
    assert next(walk) == 1
    with pytest.raises(KeyError):
        next(walk)
    assert not threads()


def test_who_stops_early_leaves_no_thread():
    walk = ahead(iter(range(99)), 2)
    next(walk)
    assert len(threads()) == 1
    walk.close()
    assert not threads()


def test_the_thread_has_the_context_of_who_reads():
    setting = contextvars.ContextVar("setting", default=0)
    setting.set(7)
    assert list(ahead((setting.get() for _ in range(2)), 1)) == [7, 7]

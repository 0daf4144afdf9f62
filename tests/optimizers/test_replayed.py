"""Updates in a captured step: their numbers are arrays, made anew for each replay."""

import numpy as np
import pytest

from dezero.backend.capture import GraphCaptureError, Recording, while_recording
from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import SGD, Adam, Optimizer


class One(Layer):
    def __init__(self):
        self.W = Parameter(np.ones(3))


def ready(optimizer):
    """Return the optimizer after one update, its parameter with a gradient for the next."""
    layer = One()
    optimizer.setup(layer)
    layer.W.grad = Variable.constant(np.ones(3))
    optimizer.update()
    return optimizer


def test_numbers_are_refilled_and_updates_counted():
    optimizer = ready(Adam(lambda t: 0.1 * (t + 1)))
    block = optimizer._storage.blocks[0][1]
    taken = Recording(np.zeros(8))
    with while_recording(taken):
        optimizer.update()
    assert (optimizer.t, block.age, taken.used) == (2, 2, 4)
    optimizer.age = block.age
    for age in (3, 4):
        taken.repeat()
        assert (optimizer.t, block.age) == (age, age)
        twin = Adam(0.1 * age)
        twin.age = age
        assert taken.host[:4].tolist() == list(twin.rates().values())


def test_a_rate_that_raises_counts_nothing():
    optimizer = ready(SGD())
    block = optimizer._storage.blocks[0][1]
    taken = Recording(np.zeros(8))
    with while_recording(taken):
        optimizer.update()
    optimizer.lr = lambda t: 1 / 0
    with pytest.raises(ZeroDivisionError):
        taken.repeat()
    assert (optimizer.t, block.age) == (2, 2)


def test_what_undoes_it_sets_the_counts_back():
    optimizer = ready(SGD())
    block = optimizer._storage.blocks[0][1]
    taken = Recording(np.zeros(8))
    with while_recording(taken):
        optimizer.update()
    taken.again(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        taken.repeat()
    assert (optimizer.t, block.age) == (2, 2)


class Own(SGD):
    def step(self, x, g):
        x -= self.lr * g


class Book(Optimizer):
    def update_one(self, param):
        param.data -= 0.1 * param.grad.data


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [(Own(), "Own.step is not one of the library's"), (Book(), "Book.update_one works on the")],
)
def test_steps_of_ones_own_are_refused(optimizer, text):
    ready(optimizer)
    with while_recording(Recording(np.zeros(8))), pytest.raises(GraphCaptureError, match=text):
        optimizer.update()

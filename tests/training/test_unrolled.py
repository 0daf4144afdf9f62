"""Several steps in one call: what they return one by one, on the host and in one launch."""

from typing import NamedTuple

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.cuda import graph
from dezero.optimizers import SGD, Adam
from dezero.training.unrolled import unrolled
from tests.training.captured import Run, device_of_tests, dropped, falling, net, on_device  # noqa: F401

X = np.arange(24.0, dtype="f4").reshape(4, 2, 3)


class Pair(NamedTuple):
    x: np.ndarray
    name: str


def test_each_step_is_given_its_batch():
    def step(x, more, scale, *, pair):
        return x.sum() * scale, more["t"][0].tolist(), pair.x.shape, pair.name

    found = unrolled(step, 4)(X, {"t": [X * 2]}, 3, pair=Pair(X, "a"))
    assert found == [step(x, {"t": [x * 2]}, 3, pair=Pair(x, "a")) for x in X]


def test_a_batch_begins_where_an_array_of_its_own_would():
    assert all(x.base is None for x in unrolled(lambda x: x, 4)(X))


def test_gradients_reach_the_stack_of_batches():
    x = Variable(X)
    for y in unrolled(lambda x: (x**2).sum(), 4)(x):
        y.backward()
    np.testing.assert_array_equal(x.grad.data, 2 * X)


@pytest.mark.parametrize("wrong", [X[:3], np.array(3.0)])
def test_arrays_of_another_length_are_refused(wrong):
    with pytest.raises(ValueError, match="graph: expected arrays of 4 batches, one for each"):
        unrolled(lambda x: x, 4)(wrong)


def trained(unroll, model, optimizer, steps):
    run = Run(False, optimizer, model=model())
    step = graph(run.train, unroll=unroll, required=True) if unroll else run.train
    for _ in range(steps // (unroll or 1)):
        batches = []
        for _ in range(unroll or 1):
            x = run.draw.standard_normal((4, 5)).astype("f4")
            batches.append((x, run.draw.integers(0, 3, 4)))
        x, t = (on_device(np.stack(part)) for part in zip(*batches, strict=True))
        losses = step(x, t) if unroll and unroll > 1 else [step(x[0], t[0])]
        run.losses += [float(loss) for loss in losses]
    return run, step


KINDS = [(net, lambda: SGD(falling)), (dropped, Adam)]


def test_unrolled_steps_agree_to_the_last_bit(gpu):
    agree(gpu, *KINDS[1], 32, 4)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "optimizer"), KINDS)
def test_208_unrolled_steps_agree_to_the_last_bit(gpu, model, optimizer):
    agree(gpu, model, optimizer, 208, 16)


def agree(gpu, model, optimizer, steps, unroll):
    plain, _ = trained(0, model, optimizer, steps)
    before = gpu.launches
    same, step = trained(unroll, model, optimizer, steps)
    assert plain.all() == same.all()
    assert step.captured == 1 and gpu.launches - before == steps // unroll - 3


def test_bad_arguments():
    with pytest.raises(TypeError, match="graph: expected an integer as unroll, got"):
        graph(F.exp, unroll=1.5)
    with pytest.raises(ValueError, match="graph: expected unroll >= 1, got 0. 1 is a step a call."):
        graph(unroll=0)(F.exp)

"""The loop's cost: time linear in width and depth, no recursion, no cycles, early release."""

import gc
import time
import weakref

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Function, FunctionHook, Variable, no_grad


def chain(x, length):
    y = x
    for _ in range(length):
        y = F.neg(y)
    return y


def wide(x, width):
    y = x * 0.0
    for _ in range(width):
        y = y + x * 1.5
    return y


def counted_steps(build, size):
    """Return how many functions backward ran, each exactly once, for a graph of `size`."""
    calls = []

    class Counted(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            calls.append(self)
            return gy

    x = Variable(np.array(1.0))
    build(x, size, Counted).backward()
    return len(calls)


def test_steps_are_as_many_as_functions():
    def deep(x, size, cls):
        for _ in range(size):
            x = cls()(x)
        return x

    def broad(x, size, cls):
        return F.sum(F.stack([cls()(x) for _ in range(size)]))

    for build in (deep, broad):
        assert counted_steps(build, 100) == 100
        assert counted_steps(build, 1000) == 1000


def seconds(build, size):
    times = []
    for _ in range(3):
        y = build(Variable(np.array(1.0)), size)
        start = time.process_time()  # of this process alone, whatever else the machine does
        y.backward()
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.slow
@pytest.mark.parametrize("build", [chain, wide])
def test_cost_is_linear(build):
    # Eight times the work may take thrice eight times as long; quadratic would be sixty-four.
    small, large = seconds(build, 4000), seconds(build, 32000)
    assert large / small < 24


@pytest.mark.slow
def test_chain_of_100_000_needs_no_recursion():
    x = Variable(np.array(1.0))
    y = chain(x, 100_000)
    y.backward()
    assert x.grad.item() == 1.0


@pytest.mark.slow
def test_chain_of_100_000_is_freed_without_recursion():
    x = Variable(np.array(1.0))
    y = chain(x, 100_000)
    middle = weakref.ref(y.creator.inputs[0])
    del y
    gc.collect()
    assert middle() is None


@pytest.fixture
def no_collector():
    gc.freeze()  # what is there already is not looked at: quicker than to collect it
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("options", [{}, {"retain_grad": True}, {"retain_graph": True}])
def test_graph_dies_without_the_garbage_collector(no_collector, options):
    x = Variable(np.ones(3))
    a = F.exp(x)
    y = F.sum(a * a + a)
    watched = [weakref.ref(v) for v in (a, y, y.creator, a.creator)]
    y.backward(**options)
    del a, y
    assert [w() for w in watched] == [None] * 4


def test_forward_alone_leaves_no_cycle(no_collector):
    x = Variable(np.ones(3))
    y = F.sum(F.tanh(x) * 2.0)
    watched = [weakref.ref(y), weakref.ref(y.creator)]
    del y
    assert [w() for w in watched] == [None, None]


def test_second_order_graph_dies_when_its_gradient_goes(no_collector):
    x = Variable(np.ones(3))
    y = F.sum(F.sin(x))
    y.backward(create_graph=True)
    gx = x.grad
    watched = [weakref.ref(y), weakref.ref(gx), weakref.ref(gx.creator)]
    x.cleargrad()
    del y, gx
    assert [w() for w in watched] == [None] * 3


def test_no_grad_keeps_no_graph():
    x = Variable(np.ones(3))
    with no_grad():
        a = x * 2.0
        inner = weakref.ref(a)
        y = a + 1.0
        del a
    assert inner() is None
    assert y.creator is None and not y.requires_grad


class Alive(FunctionHook):
    """Notes, before each function's backward, which of the watched objects are alive."""

    def __init__(self):
        self.watched, self.seen = [], []

    def backward_pre(self, function, gys):
        self.seen.append([w() is not None for w in self.watched])


def test_intermediates_die_during_backward():
    x = Variable(np.ones(3))
    hook = Alive()
    y = x
    for _ in range(4):
        y = F.sin(y)
        hook.watched.append(weakref.ref(y))
    y = F.sum(y)
    with hook:
        y.backward()
    # The last of the four is needed by sum and sin; each is gone two functions later.
    assert hook.seen[0] == [True, True, True, True]
    assert hook.seen[3] == [True, True, False, False]
    assert hook.seen[4] == [True, False, False, False]


def test_retain_graph_keeps_the_intermediates():
    x = Variable(np.ones(3))
    hook = Alive()
    a = F.sin(x)
    hook.watched.append(weakref.ref(a))
    y = F.sum(F.sin(a))
    del a
    with hook:
        y.backward(retain_graph=True)
    assert all(seen == [True] for seen in hook.seen)
    y.backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.cos(np.sin(1)) * np.cos(1) * np.ones(3))


def test_used_graph_says_so():
    x = Variable(np.ones(3))
    y = F.sum(F.sin(x) * x)
    y.backward()
    with pytest.raises(RuntimeError, match="an earlier backward used it up.*retain_graph=True"):
        y.backward()


@pytest.mark.parametrize("options", [{"retain_graph": True}, {"retain_grad": True}])
def test_retained_graph_runs_again(options):
    x = Variable(np.array(2.0))
    y = x * x
    y.backward(**options)
    y.cleargrad()
    y.backward()
    assert x.grad.item() == 8.0


def test_shared_part_that_is_held_stays_usable():
    x = Variable(np.array(3.0))
    fake = F.exp(x) * x
    first, second = fake * 2.0, fake * 3.0
    first.backward()
    g = x.grad.item()
    x.cleargrad()
    second.backward()
    assert x.grad.item() == pytest.approx(1.5 * g)


def test_shared_leaf_survives_any_number_of_backwards():
    W = Variable(np.array(2.0))
    for step in range(1, 4):
        W.cleargrad()
        (W * float(step)).backward()
        assert W.grad.item() == step


def test_unchain_backward_after_backward():
    # Truncated back-propagation through time: the state's value stays, its past goes.
    x = Variable(np.array(0.5))
    h = x
    for _ in range(3):
        h = F.tanh(h)
    loss = h * 2.0
    loss.backward()
    loss.unchain_backward()
    assert loss.creator is None and h.creator is None
    x.cleargrad()
    (h * 4.0).backward()
    assert x.grad is None
    assert h.grad.item() == 4.0


def test_unchain_backward_cuts_every_branch():
    x = Variable(np.array(0.5))
    a, b = F.sin(x), F.cos(x)
    y = a * b
    y.unchain_backward()
    assert (y.creator, a.creator, b.creator) == (None, None, None)
    c = F.sin(x)
    c.unchain()
    assert c.creator is None


def test_unchain_backward_cuts_all_results_of_a_function():
    x = Variable(np.arange(4.0))
    a, b = F.split(x * 2, 2)
    y = a * 3
    y.unchain_backward()
    assert a.creator is None and b.creator is None
    F.sum(b).backward()
    assert x.grad is None and b.grad.data.tolist() == [1, 1]


def test_used_graph_leaves_a_sketch_of_itself():
    # For drawings made after backward, as the book makes them: no array is kept for that.
    x = Variable(np.ones((3, 2), np.float32), "x")
    h = F.sin(x)
    h.name = "hidden"
    array = weakref.ref(h.data)
    y = F.sum(h * h)
    del h
    y.backward()
    assert array() is None
    sketch = y.creator.trail
    assert [kind.__name__ for kind, _, _ in sketch] == ["Sum", "Mul", "Sin"]
    (first, name, shape, dtype), second = sketch[1][2]
    assert (name, shape, dtype) == ("hidden", (3, 2), np.float32)
    assert first is second[0] is sketch[2][1][0] and first() is None
    assert sketch[2][2][0][0]() is x

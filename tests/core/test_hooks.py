"""Hooks: what they see, when, that they cannot corrupt, and that they go again."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, FunctionHook, Variable
from dezero.core.hooks import read_only
from tests.strict_device import strict_device


class Log(FunctionHook):
    def __init__(self):
        self.lines = []

    def forward_pre(self, function, xs):
        self.lines.append(("forward_pre", type(function).__name__, [x.shape for x in xs]))

    def forward_post(self, function, xs, ys):
        self.lines.append(("forward_post", type(function).__name__, [y.shape for y in ys]))

    def backward_pre(self, function, gys):
        self.lines.append(("backward_pre", type(function).__name__, [g.shape for g in gys]))

    def backward_post(self, function, gys, gxs):
        shapes = [None if g is None else g.shape for g in gxs]
        self.lines.append(("backward_post", type(function).__name__, shapes))


def test_hook_sees_every_call():
    x = Variable(np.ones((2, 3)))
    with Log() as log:
        F.sum(x * np.ones(3)).backward()
    assert log.lines == [
        ("forward_pre", "Mul", [(2, 3), (3,)]),
        ("forward_post", "Mul", [(2, 3)]),
        ("forward_pre", "Sum", [(2, 3)]),
        ("forward_post", "Sum", [()]),
        ("backward_pre", "Sum", [()]),
        ("backward_post", "Sum", [(2, 3)]),
        ("backward_pre", "Mul", [(2, 3)]),
        ("backward_post", "Mul", [(2, 3), None]),
    ]


def test_forward_post_comes_when_the_call_is_recorded():
    seen = []

    class Look(FunctionHook):
        def forward_post(self, function, xs, ys):
            seen.append((len(function.inputs), [ref().shape for ref in function.outputs]))

    x = Variable(np.ones((4, 2)))
    with Look():
        y, z = F.split(x, 2)
        F.sum(y * z).backward()
    assert seen == [(1, [(2, 2), (2, 2)]), (2, [(2, 2)]), (1, [()])]
    np.testing.assert_array_equal(x.grad.data, np.ones((4, 2)))


def test_error_is_explained_under_a_hook_too():
    with FunctionHook(), pytest.raises(ValueError, match=r"add: .*got \(2,\) float64, \(3,\)"):
        F.add(Variable(np.ones(2)), np.ones(3))
    assert Config.hooks == ()


def test_hook_keeps_the_dtype_of_the_gradient():
    x = Variable(np.ones(2, np.float32))
    x.register_hook(lambda g: g.data.astype(np.float64) * 2)
    F.sum(x * x).backward()
    assert x.grad.dtype == np.float32 and x.grad.data.tolist() == [4.0, 4.0]


def test_hook_ends_with_its_block():
    with Log() as log:
        assert Config.hooks == (log,)
        with log:
            assert Config.hooks == (log, log)
        assert Config.hooks == (log,)
    Variable(np.ones(2)) * 2.0
    assert Config.hooks == () and log.lines == []


def test_plain_hook_does_nothing():
    x = Variable(np.array(2.0))
    with FunctionHook():
        (x * x).backward()
    assert x.grad.item() == 4.0


@pytest.mark.parametrize("create_graph", [False, True])
def test_hook_on_one_function(create_graph):
    log = Log()
    x = Variable(np.ones(2))
    function = F.Exp()
    handle = function.add_hook(log)
    F.sum(function(x) * 2.0).backward(create_graph=create_graph)
    assert [line[0] for line in log.lines] == [
        "forward_pre",
        "forward_post",
        "backward_pre",
        "backward_post",
    ]
    handle.remove()
    handle.remove()
    function(x)
    assert len(log.lines) == 4


def test_hooks_of_one_function_are_removed_one_by_one():
    first, second = Log(), Log()
    function = F.Exp()
    handle = function.add_hook(first)
    function.add_hook(second)
    handle.remove()
    function(Variable(np.ones(2)))
    assert (len(first.lines), len(second.lines)) == (0, 2)


class Vandal(FunctionHook):
    """Writes wherever it can, at one point."""

    def __init__(self, point, group):
        self.group = group
        setattr(self, point, self.write)

    def write(self, function, *groups):
        for array in groups[self.group]:
            if array is not None:
                array[...] = 666


@pytest.mark.parametrize(
    ("point", "group"),
    [
        ("forward_pre", 0),
        ("forward_post", 0),
        ("forward_post", 1),
        ("backward_pre", 0),
        ("backward_post", 0),
        ("backward_post", 1),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_hook_cannot_write(point, group, create_graph):
    x = Variable(np.ones(2))
    with pytest.raises(ValueError, match="read-only"), Vandal(point, group):
        F.exp(x).backward(create_graph=create_graph)
    np.testing.assert_array_equal(x.data, [1, 1])


def test_hook_gets_a_copy_where_the_device_has_no_views():
    with strict_device() as backend:
        x = Variable(backend.from_host(np.ones(2)))
        with Vandal("backward_post", 1):
            (x * 3.0 + x).backward()
        np.testing.assert_array_equal(x.grad.data.get(), [4.0, 4.0])


def test_read_only():
    x = np.ones(2)
    view = read_only(x)
    assert not view.flags.writeable and x.flags.writeable
    assert read_only(Variable(x)).base is x
    assert read_only(None) is None


def test_variable_hook_sees_the_whole_gradient_once():
    seen = []
    x = Variable(np.array(2.0))
    a = x * x
    a.register_hook(lambda g: seen.append(g.item()))
    (a * 3.0 + a).backward()
    assert seen == [4.0]
    assert x.grad.item() == 16.0


def test_variable_hook_on_a_leaf():
    seen = []
    x = Variable(np.array(2.0))
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 3.0 + x).backward()
    assert seen == [4.0]


def test_variable_hook_may_return_another_gradient():
    x = Variable(np.array(2.0))
    a = x * x
    a.register_hook(lambda g: g * 10.0)
    x.register_hook(lambda g: g.data + 1.0)
    a.backward()
    assert x.grad.item() == 41.0


def test_variable_hooks_run_in_order_and_go_one_by_one():
    x = Variable(np.array(1.0))
    first = x.register_hook(lambda g: g + 1.0)
    second = x.register_hook(lambda g: g * 10.0)
    x.register_hook(lambda g: None)
    (x * 1.0).backward()
    assert x.grad.item() == 20.0
    first.remove()
    x.cleargrad()
    (x * 1.0).backward()
    assert x.grad.item() == 10.0
    second.remove()
    x.cleargrad()
    (x * 1.0).backward()
    assert x.grad.item() == 1.0


def test_variable_hook_may_remove_itself():
    seen = []
    x = Variable(np.array(1.0))

    def once(g):
        seen.append("once")
        handle.remove()

    handle = x.register_hook(once)
    x.register_hook(lambda g: seen.append("always"))
    (x * 1.0).backward()
    (x * 1.0).backward()
    assert seen == ["once", "always", "always"]


def test_variable_hook_at_second_order():
    x = Variable(np.array(2.0))
    a = x**3
    a.register_hook(lambda g: g * 2.0)
    a.backward(create_graph=True)
    gx = x.grad
    assert gx.item() == 24.0
    x.cleargrad()
    gx.backward()
    assert x.grad.item() == 24.0


def test_variable_hook_cannot_corrupt_a_shared_gradient():
    a, b = Variable(np.ones(2)), Variable(np.ones(2))

    def spoil(g):
        g.data[...] = 666

    a.register_hook(spoil)
    with pytest.raises(ValueError, match="read-only"):
        (a + b).backward()


def test_variable_hook_returns_the_wrong_shape():
    x = Variable(np.ones(2))
    x.register_hook(lambda g: F.sum(g))
    with pytest.raises(ValueError, match=r"register_hook: expected a gradient of shape \(2,\)"):
        (x * 2.0).backward()

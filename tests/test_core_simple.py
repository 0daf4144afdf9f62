"""The didactic twin: small enough to read, and right, for `dezero.core` says the same."""

import ast
import gc
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import dezero
from dezero import core, core_simple
from dezero.core_simple import Config, Function, Variable, no_grad, using_config
from tests.closure import ROOT


def sphere(x, y):
    return x**2 + y**2


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def goldstein_price(x, y):
    a = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    b = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (x + y + 1) ** 2 * a) * (30 + (2 * x - 3 * y) ** 2 * b)


def rosenbrock(x, y):
    return 100 * (y - x**2) ** 2 + (x - 1) ** 2


def quotients(x, y):
    return 1 / x - y / (x - 3.0) + (2 - y) / 7 - (-x) ** -3


def shared(x, y):
    a = x * y
    b = a + a
    return b * a - b / (a + 2.5) + a


FORMULAS = [sphere, matyas, goldstein_price, rosenbrock, quotients, shared]
SHAPES = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 2)), ((0, 2), (2,))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("sx", "sy"), SHAPES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_agrees_with_core(formula, sx, sy, dtype, rng):
    arrays = [rng.uniform(0.5, 1.5, shape).astype(dtype) for shape in (sx, sy)]
    results = []
    for engine in (core_simple, core):
        x, y = (engine.Variable(a) for a in arrays)
        z = formula(x, y)
        z.backward()
        results.append((z, x, y))
    (z, x, y), (wide_z, wide_x, wide_y) = results
    for ours, theirs in (
        (z.data, wide_z.data),
        (x.grad, wide_x.grad.data),
        (y.grad, wide_y.grad.data),
    ):
        assert type(ours) is np.ndarray
        assert ours.dtype == theirs.dtype == dtype
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-4 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize("name", "add sub rsub mul div rdiv".split())
@pytest.mark.parametrize("swapped", [False, True])
def test_functions_take_numbers_on_both_sides(name, swapped):
    x = core_simple.Variable(np.array([1.0, 2.0], np.float32))
    args = (3, x) if swapped else (x, 3)
    y = getattr(core_simple, name)(*args)
    expected = getattr(core, name)(*(core.Variable(a.data) if a is x else a for a in args))
    np.testing.assert_allclose(y.data, expected.data, rtol=1e-6)
    assert y.dtype == np.float32


@pytest.mark.parametrize("name", "Add Sub Mul Div".split())
def test_classes(name):
    x0, x1 = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    y = getattr(core_simple, name)()(x0, x1)
    assert np.array_equal(y.data, getattr(core, name)()(x0, x1).data)
    assert type(y.creator).__name__ == name


def test_powers():
    for c in (0, 1, 2, -1, 0.5):
        x = Variable([1.0, 4.0])
        y = core_simple.Pow(c)(x)
        y.backward()
        np.testing.assert_allclose(y.data, [1, 4.0**c])
        np.testing.assert_allclose(x.grad, [c, c * 4.0 ** (c - 1)])
    x = Variable(0.0)
    core_simple.pow(x, 0).backward()
    assert x.grad == 0
    assert core_simple.Neg()(Variable(2.0)).data == core_simple.neg(Variable(2.0)).data == -2


def test_retain_grad_and_cleargrad():
    x = Variable(2.0)
    y = x * 3
    z = y * y
    z.backward()
    assert y.grad is None and z.grad is None and x.grad == 36
    x.cleargrad()
    z.backward(retain_grad=True)
    assert y.grad == 12 and z.grad == 1 and x.grad == 36
    z.backward(retain_grad=True)  # gradients are added to what is there
    assert x.grad > 36


def test_a_leaf_and_a_seed():
    x = Variable([1.0, 2.0])
    x.backward()
    assert np.array_equal(x.grad, [1, 1])
    y = Variable([1.0, 2.0])
    z = y * y
    z.grad = np.array([10.0, 1.0])
    z.backward()
    assert np.array_equal(y.grad, [20, 4])


def test_integers_get_floating_gradients():
    x = Variable(np.array([2, 3]))
    (x * x).backward()
    assert x.grad.dtype == np.float64 and np.array_equal(x.grad, [4, 6])


def test_no_grad_and_modes():
    with no_grad():
        assert not Config.enable_backprop
        y = Variable(1.0) + 1
    assert y.creator is None and Config.enable_backprop
    with pytest.raises(ZeroDivisionError), using_config("enable_backprop", False):
        1 / 0  # noqa: B018
    assert Config.enable_backprop
    with pytest.raises(AttributeError), using_config("enable_backpropp", False):
        pass


def test_modes_belong_to_a_thread():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(Config.enable_backprop))
        thread.start()
        thread.join()
    assert seen == [True]


def test_what_a_variable_tells():
    x = Variable([[1.0, 2.0], [3.0, 4.0]], "x")
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.name) == ((2, 2), 2, 4, np.float64, 2, "x")
    assert repr(x) == "variable([[1. 2.]\n          [3. 4.]])"
    assert repr(Variable(None)) == "variable(None)"
    assert core_simple.as_variable(x) is x
    with pytest.raises(TypeError, match="Variable: expected an array or a number, got 'text'"):
        Variable("text")
    core_simple.setup_variable()


def test_array_on_the_left_stays_a_variable():
    y = np.array([1.0, 2.0]) * Variable([3.0, 4.0])
    assert isinstance(y, Variable) and np.array_equal(y.data, [3, 8])


class Split(Function):
    """Two results of one input."""

    def forward(self, x):
        return x * 2, x * 3

    def backward(self, g0, g1):
        return sum(c * g for c, g in ((2, g0), (3, g1)) if g is not None)


def test_several_results_and_one_forgotten():
    x = Variable([1.0, 2.0])
    a, b = Split()(x)
    (a * b).backward()
    np.testing.assert_allclose(x.grad, 12 * x.data)
    x.cleargrad()
    a = Split()(x)[0]
    a.backward()
    np.testing.assert_allclose(x.grad, [2, 2])
    assert a.creator.outputs[1]() is None


def test_a_function_without_methods():
    with pytest.raises(NotImplementedError, match="Function.forward: expected one"):
        Function()(Variable(1.0))
    with pytest.raises(NotImplementedError, match="Function.backward: expected one"):
        Function().backward(1)


def test_no_reference_cycle():
    gc.disable()
    try:
        x = Variable(np.ones(3))
        y = shared(x, x)
        gone = weakref.ref(y)
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_wide_and_deep_graphs():
    x = Variable(1.0)
    y = x
    for _ in range(3000):
        y = y + x
    y.backward()
    assert x.grad == 3001


def test_imports_numpy_alone():
    text = (ROOT / "dezero/core_simple.py").read_text("utf-8")
    imports = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Import | ast.ImportFrom)]
    names = [n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports]
    outside = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
    assert outside == {"numpy"}


SWITCHED = "Config Function Variable as_array as_variable no_grad setup_variable using_config"


def test_the_switch_chooses_the_core(monkeypatch):
    assert dezero.is_simple_core is False
    for simple, engine in ((True, core_simple), (False, core)):
        monkeypatch.setattr(dezero, "is_simple_core", simple)
        for name in SWITCHED.split():
            assert getattr(dezero, name) is getattr(engine, name)
    assert dezero.Parameter is core.Parameter


SCRIPT = """
import dezero
dezero.is_simple_core = True
import numpy as np
from dezero import Variable, Function, no_grad, as_array

class Square(Function):
    def forward(self, x):
        return x ** 2
    def backward(self, gy):
        return 2 * self.inputs[0].data * gy

x = Variable(np.array(3.0))
y = Square()(x) + 1
y.backward()
print(type(x.grad).__name__, x.grad, y)
with no_grad():
    print((x * 2).creator)
"""


def test_a_script_of_the_first_steps():
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.splitlines() == ["ndarray 6.0 variable(10.0)", "None"], run.stderr

"""`dezero.core`, `dezero.core_simple`, `dezero.cuda`, and what `dezero` itself offers."""

import numpy as np
import pytest

import dezero
from dezero import core, core_simple
from tests.upstream import Name, gpu, node, same, thing, value

X0 = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])
X1 = np.array([2.0, 4.0, -0.5])
PLAIN = np.array([1.0, 2.0])


def always(formula):
    """The constructor of a class that computes `formula` and has no settings."""
    return lambda: formula


def arithmetic(engine: str) -> list[Name]:
    """The four operations, negative and power, with their classes."""
    two = {
        "add": lambda x0, x1: x0 + x1,
        "mul": lambda x0, x1: x0 * x1,
        "sub": lambda x0, x1: x0 - x1,
        "div": lambda x0, x1: x0 / x1,
        "rsub": lambda x0, x1: x1 - x0,
        "rdiv": lambda x0, x1: x1 / x0,
    }
    entries = [
        value(f"{engine}.neg", lambda x: -x, X0),
        value(f"{engine}.pow", lambda x, c: x**c, X0, 3),
        node(f"{engine}.Neg", lambda: np.negative, (), X0),
        node(f"{engine}.Pow", lambda c: lambda x: x**c, (3,), X0),
    ]
    for name, formula in two.items():
        entries += [value(f"{engine}.{name}", formula, X0, x1) for x1 in (X1, 2.0)]
        if not name.startswith("r"):
            entries.append(node(f"{engine}.{name.capitalize()}", always(formula), (), X0, X1))
    return entries


def variables_tell(cls):
    x = cls(X0, "x")
    assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.name) == ((2, 3), 2, 6, X0.dtype, 2, "x")
    assert x.data is X0 and x.grad is None and x.creator is None and x.generation == 0
    assert repr(cls(PLAIN)) == "variable([1. 2.])"
    assert repr(cls(None)) == "variable(None)"
    x.data, x.name = PLAIN, "y"
    assert x.shape == (2,) and x.name == "y"


def gradients(engine):
    """A Variable's gradient is a Variable in core, an array in core_simple."""

    def check(backward):
        x = engine.Variable(PLAIN)
        y = x * 3.0
        z = y * y
        backward(z, True)
        wrap = engine.Variable if engine is core else np.ndarray
        assert isinstance(x.grad, wrap) and isinstance(y.grad, wrap)
        same(x.grad, 18 * PLAIN)
        same(y.grad, 6 * PLAIN)
        x.grad = None
        x.cleargrad()
        y = x * x
        y.grad = engine.Variable(PLAIN) if engine is core else PLAIN
        backward(y)
        same(x.grad, 2 * PLAIN**2)
        assert y.grad is None

    return check


def second_order(backward):
    x = core.Variable(2.0)
    y = x**4 - 2 * x**2
    backward(y, False, True)
    gx, x.grad = x.grad, None
    gx.backward()
    same(x.grad, 44.0)


def creators(engine):
    def check(set_creator):
        func, x = engine.Function(), engine.Variable(1.0)
        func.generation = 4
        set_creator(x, func)
        assert x.creator is func and x.generation == 5

    return check


def unchained(unchain_backward):
    x = core.Variable(1.0)
    y = x * 2.0
    z = y * 3.0
    unchain_backward(z)
    assert y.creator is None
    same(z, 6.0)


class Double(core.Function):
    """A Function as the book writes it."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        (x,) = self.inputs
        y = self.outputs[0]()
        return 2 * gy + 0 * (x + y)


class SimpleDouble(core_simple.Function):
    """The same on arrays."""

    def forward(self, x):
        return 2 * x

    def backward(self, gy):
        return 2 * gy + 0 * (self.inputs[0].data + self.outputs[0]().data)


def functions_work(cls):
    x = (core if cls is core.Function else core_simple).Variable(PLAIN)
    y = (Double if cls is core.Function else SimpleDouble)()(x)
    same(y, 2 * PLAIN)
    assert y.creator.inputs[0].data is PLAIN and y.creator.outputs[0]() is y
    assert y.creator.generation == 0 and y.generation == 1
    y.backward()
    same(x.grad, [2, 2])


def using(engine):
    def check(using_config):
        with using_config("enable_backprop", False):
            assert not engine.Config.enable_backprop
            assert (engine.Variable(1.0) * 2).creator is None
        assert engine.Config.enable_backprop

    return check


def no_graph(engine):
    def check(no_grad):
        with no_grad():
            assert (engine.Variable(1.0) * 2).creator is None
        assert (engine.Variable(1.0) * 2).creator is not None

    return check


def testing(test_mode):
    with test_mode():
        assert not core.Config.train
    assert core.Config.train


def arrays(as_array):
    assert as_array(PLAIN) is PLAIN
    for x in (2.0, np.float64(2), 2):
        assert isinstance(as_array(x), np.ndarray) and as_array(x) == 2


def wraps(as_variable):
    x = as_variable(PLAIN)
    assert x.data is PLAIN and as_variable(x) is x


def to_the_gpu(as_cupy):
    if not dezero.cuda.gpu_enable:
        with pytest.raises(RuntimeError, match="expected a usable GPU"):
            as_cupy(PLAIN)
    with gpu() as is_there:
        assert dezero.cuda.gpu_enable and is_there(as_cupy(PLAIN))


def moves(to_gpu):
    x = core.Variable(X0)
    with gpu() as is_there:
        to_gpu(x)
        assert is_there(x.data)
        x.to_cpu()
    same(x, X0)


def engine_names(engine: str) -> list[Name]:
    module = {"core": core, "core_simple": core_simple}[engine]
    return [
        thing(f"{engine}.Config", None, lambda c: c.enable_backprop is True),
        thing(f"{engine}.using_config", lambda name, value: 0, using(module)),
        thing(f"{engine}.no_grad", lambda: 0, no_graph(module)),
        thing(f"{engine}.Variable", lambda data, name=None: 0, variables_tell),
        thing(f"{engine}.Variable.cleargrad", lambda self: 0, lambda f: f(module.Variable(1.0))),
        thing(f"{engine}.Variable.set_creator", lambda self, func: 0, creators(module)),
        thing(f"{engine}.as_variable", lambda obj: 0, wraps),
        thing(f"{engine}.Function", lambda: 0, functions_work),
        thing(f"{engine}.setup_variable", lambda: 0, lambda f: f() is None),
        *arithmetic(engine),
    ]


def method(name: str, like, *args, expected) -> Name:
    """A method of Variable and what it makes of X0."""
    return thing(
        f"core.Variable.{name}", like, lambda f: same(f(core.Variable(X0), *args), expected)
    )


NAMES = [
    *engine_names("core"),
    *engine_names("core_simple"),
    thing("core.Config", None, lambda c: c.train is True),
    thing("core.test_mode", lambda: 0, testing),
    thing("core.Parameter", lambda data, name=None: 0, variables_tell),
    thing("core.Parameter", None, lambda cls: issubclass(cls, core.Variable)),
    thing("core.as_array", lambda x, array_module=np: 0, arrays),
    thing("core_simple.as_array", lambda x: 0, arrays),
    thing(
        "core.Variable.backward",
        lambda self, retain_grad=False, create_graph=False: 0,
        gradients(core),
    ),
    thing("core.Variable.backward", None, second_order),
    thing(
        "core_simple.Variable.backward", lambda self, retain_grad=False: 0, gradients(core_simple)
    ),
    thing("core.Variable.unchain", lambda self: 0, lambda f: f(core.Variable(1.0) * 2) is None),
    thing("core.Variable.unchain_backward", lambda self: 0, unchained),
    thing("core.Variable.to_cpu", lambda self: 0, lambda f: f(core.Variable(X0)) is None),
    thing("core.Variable.to_gpu", lambda self: 0, moves),
    thing("core.Variable.T", None, lambda p: same(core.Variable(X0).T, X0.T)),
    method("reshape", lambda self, *shape: 0, 3, 2, expected=X0.reshape(3, 2)),
    method("reshape", None, (3, 2), expected=X0.reshape(3, 2)),
    method("transpose", lambda self, *axes: 0, expected=X0.T),
    method("transpose", None, 1, 0, expected=X0.T),
    method("transpose", None, [1, 0], expected=X0.T),
    method("transpose", None, None, expected=X0.T),
    method("sum", lambda self, axis=None, keepdims=False: 0, 1, True, expected=X0.sum(1)[:, None]),
    method("max", lambda self, axis=None, keepdims=False: 0, 0, expected=X0.max(0)),
    method("min", lambda self, axis=None, keepdims=False: 0, 0, expected=X0.min(0)),
    method("matmul", None, X1, expected=X0 @ X1),
    method("dot", None, X1, expected=X0 @ X1),
    method("__getitem__", None, (0, [1, 1]), expected=X0[0, [1, 1]]),
    method("__radd__", None, 2.0, expected=X0 + 2),
    method("__rmul__", None, 2.0, expected=X0 * 2),
    method("__rsub__", None, 2.0, expected=2 - X0),
    method("__rtruediv__", None, 2.0, expected=2 / X0),
    thing("cuda.gpu_enable", None, lambda flag: flag in (True, False)),
    thing("cuda.get_array_module", lambda x: 0, lambda f: f(core.Variable(X0)) is f(X0) is np),
    value("cuda.as_numpy", lambda x: x, X0),
    value("cuda.as_numpy", lambda x: x, 2.0),
    thing("cuda.as_cupy", lambda x: 0, to_the_gpu),
    thing("is_simple_core", None, lambda flag: flag is False),
    thing("__version__", None, lambda text: isinstance(text, str)),
]

# What `import dezero` offers without a module's name.
ROOF = {
    "core": "Variable Parameter Function using_config no_grad test_mode as_array as_variable "
    "setup_variable Config",
    "layers": "Layer",
    "models": "Model",
    "datasets": "Dataset",
    "dataloaders": "DataLoader SeqDataLoader",
}

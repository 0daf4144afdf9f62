"""The suite at work: each test plants a fault and sees a check fail on it."""

import runpy

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.backend import random, register, xp
from dezero.core import Config, Function, FunctionHook, Variable
from dezero.core.registry import DIFFERENTIABLE
from tests import closure
from tests import spec_checks as checks
from tests.leaks import nothing_leaks
from tests.specs import SPECS, spec
from tests.strict_device import STRICT, strict_device


class Cube(Function):
    """Right, and the base of what is planted."""

    def forward(self, x):
        return x * x * x

    def backward(self, gy):
        (x,) = self.inputs
        return gy * 3 * x * x


def planted(oracle=lambda x: x**3, **members):
    """Return a spec of a function like `Cube` with other members."""
    cls = type("Planted", (Cube,), members)

    def function(x):
        return cls()(x)

    return spec(function, (3, 4), oracle=oracle, elementwise=True)


def run_all(spec):
    for check in (
        checks.check_value,
        checks.check_integers,
        checks.check_order_1,
        checks.check_order_2,
        checks.check_fast_backward,
        checks.check_untouched,
        checks.check_layouts,
        checks.check_variants,
    ):
        check(spec)
    with strict_device() as backend:
        checks.check_device(spec, backend)


def test_without_a_fault_every_check_passes():
    run_all(planted())


def test_wrong_value():
    with pytest.raises(AssertionError, match="against the oracle"):
        checks.check_value(planted(oracle=lambda x: x**3 + 1e-6))


def test_wrong_derivative():
    with pytest.raises(AssertionError, match="derivative of order 1"):
        checks.check_order_1(planted(backward=lambda self, gy: gy * self.inputs[0] ** 2))


def test_derivative_taken_on_data():
    def backward(self, gy):
        x = self.inputs[0].data
        return gy * Variable.constant(3 * x * x)

    fault = planted(backward=backward)
    checks.check_order_1(fault)
    with pytest.raises(AssertionError, match="derivative of order 2"):
        checks.check_order_2(fault)


def test_gradient_cut_off_from_gy():
    def backward(self, gy):
        (x,) = self.inputs
        return Variable.constant(gy.data) * 3 * x * x

    with pytest.raises(AssertionError, match="derivative of order 2"):
        checks.check_order_2(planted(backward=backward))


def test_wrong_fast_backward():
    def fast_backward(self, gy):
        return gy * 3 * self.inputs[0].data

    with pytest.raises(AssertionError, match="fast_backward against backward"):
        checks.check_fast_backward(planted(fast_backward=fast_backward))


def test_numpy_on_a_device_array():
    fault = planted(forward=lambda self, x: np.tanh(x), oracle=np.tanh)
    checks.check_value(planted(forward=lambda self, x: xp(x).tanh(x), oracle=np.tanh))
    with strict_device() as backend, pytest.raises(TypeError, match=r"xp\(x\).tanh, got np.tanh"):
        checks.check_device(fault, backend)


def test_host_array_beside_a_device_array():
    fault = planted(forward=lambda self, x: x * np.ones(4))
    with strict_device() as backend, pytest.raises(TypeError, match="strict device|one device"):
        checks.check_device(fault, backend)


def test_host_array_in_backward():
    def backward(self, gy):
        return gy * 3 * Variable.constant(np.ones(self.inputs[0].shape))

    with strict_device() as backend, pytest.raises(TypeError, match="one device"):
        checks.check_device(planted(backward=backward), backend)


def test_value_of_a_device_read_on_the_host():
    def backward(self, gy):
        return gy * 3 * Variable.constant(self.inputs[0].data.get() ** 2)

    with strict_device() as backend, pytest.raises(RuntimeError, match="no value of a device to b"):
        checks.check_device(planted(backward=backward), backend)


def test_input_written_to():
    def forward(self, x):
        x *= x
        return x

    with pytest.raises(ValueError, match="read-only"):
        checks.check_untouched(planted(forward=forward))


def test_gradient_written_to():
    def fast_backward(self, gy):
        gy *= 3 * self.inputs[0].data ** 2
        return gy

    with pytest.raises(ValueError, match="read-only"):
        checks.check_untouched(planted(fast_backward=fast_backward))


def test_dtype_not_kept():
    with pytest.raises(AssertionError, match="result in float16"):
        checks.check_value(planted(forward=lambda self, x: (x * x * x).astype(np.float64)))


def test_integers_become_the_wrong_float():
    with pytest.raises(AssertionError, match="from integers"):
        checks.check_integers(planted(forward=lambda self, x: x * x * x * np.float64(1)))


def test_layout_matters():
    def forward(self, x):
        y = np.frombuffer(np.ascontiguousarray(x).data, x.dtype)[: x.size]
        y = y if x.flags.c_contiguous else y[::-1]
        return (y**3).reshape(x.shape)

    with pytest.raises(AssertionError, match="inputs"):
        checks.check_layouts(planted(forward=forward))


def test_scalar_in_place_of_a_0d_array():
    with pytest.raises(AssertionError, match="shape"):
        checks.check_variants(planted(forward=lambda self, x: (x * x * x).reshape(-1)))


def test_one_gradient_missing_when_the_other_input_is_constant():
    class Product(Function):
        def forward(self, x0, x1):
            return x0 * x1

        def backward(self, gy):
            x0, x1 = self.inputs
            return (gy * x1, gy * x0) if x0.requires_grad else (None, gy)

    fault = spec(lambda x0, x1: Product()(x0, x1), (3,), (3,), oracle=np.multiply)
    checks.check_order_2(fault)
    with pytest.raises(AssertionError, match="gradient 1 with the other inputs constant"):
        checks.check_order_1(fault)


def test_function_without_a_spec():
    def planted_op(x):
        return x

    planted_op.__module__ = "dezero.functions.activation"
    (line,) = closure.without_spec({"planted_op": planted_op}, SPECS)
    assert "tests/specs/functions/activation.py needs the line" in line
    assert "spec(F.planted_op, (3, 4), oracle=lambda x: ...)," in line


def test_spec_removed():
    rest = [s for s in SPECS if s.func is not F.add]
    lines = closure.without_spec(DIFFERENTIABLE, rest)
    assert any("spec(F.add, " in line for line in lines)
    assert not any("spec(F.add, " in line for line in closure.without_spec(DIFFERENTIABLE, SPECS))


def test_function_in_no_table_or_in_two():
    tables = ({"add": F.add}, {})
    assert closure.in_no_table(["add", "Add"], F, tables) == []
    assert "in 0 tables" in closure.in_no_table(["mul"], F, tables)[0]
    assert "in 2 tables" in closure.in_no_table(["add"], F, (tables[0], tables[0]))[0]


def test_class_that_no_spec_reaches():
    lines = closure.unreached([Cube], SPECS)
    assert lines and "Cube: in no spec's graph" in lines[0]
    assert closure.unreached([Cube], [spec(lambda x: Cube()(x), (2,), id="reached")]) == []


def test_fast_backward_that_no_spec_compares():
    fast = type("Fast", (Cube,), {"fast_backward": lambda self, gy: gy})
    assert "Fast.fast_backward: compared" in closure.uncompared([fast, Cube], SPECS)[0]
    assert closure.uncompared([fast], [spec(lambda x: fast()(x), (2,), id="compared")]) == []


def test_layer_without_an_entry():
    planted = type("Planted", (L.Layer,), {"__module__": "dezero.layers.planted"})
    assert planted in closure.subclasses(L.Layer, "layers")
    made = [L.Dropout(), L.Linear(2)]
    lines = closure.without_entry([planted, L.Dropout], made, "tests/specs/layers/__init__.py")
    assert lines == [
        "tests/specs/layers/__init__.py needs an entry for dezero.layers.planted.Planted."
    ]


def test_opt_out_is_noticed():
    assert closure.opt_outs(SPECS[:3]) == {}
    weaker = [
        spec(F.add, (2,), (2,), integers=False, id="a"),
        spec(F.add, (2,), (2,), dtypes=("float32",), because="none", id="b"),
    ]
    assert closure.opt_outs(weaker) == {"add-a": None, "add-b": "none"}


def test_raise_that_no_test_sees(tmp_path):
    room = tmp_path / "dezero" / "core"
    room.mkdir(parents=True)
    path = room / "planted.py"
    path.write_text(
        "def f(x):\n"
        "    if x:\n"
        "        raise ValueError(\n"
        "            'a'\n"
        "        )\n"
        "    raise KeyError\n"
    )
    planted = runpy.run_path(str(path))
    with pytest.raises(ValueError, match="a"):
        planted["f"](1)
    missing = closure.unexecuted_raises(closure.SEEN, tmp_path / "dezero")
    assert missing == ["dezero/core/planted.py:6"]


@pytest.mark.parametrize(
    ("leak", "name"),
    [
        (lambda: setattr(Config, "train", False), "a mode or a hook"),
        (lambda: FunctionHook().__enter__(), "a mode or a hook"),
        (lambda: random.seed(3), "the library's seed"),
        (lambda: np.random.rand(), "NumPy's global generator"),
        (lambda: np.seterr(all="ignore"), "NumPy's errstate"),
        (lambda: register(STRICT), "a backend"),
    ],
)
def test_leak_of_global_state(leak, name):
    with pytest.raises(AssertionError, match=f"leaks {name}"), nothing_leaks():
        leak()


def test_seed_may_change_where_a_test_says_so():
    with nothing_leaks(may_seed=True):
        random.seed(3)

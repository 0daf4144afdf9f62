"""Arrays edited between a call and backward: an error, or gradients that need not care."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, Function, Parameter, Variable, using_config
from dezero.layers import Linear
from dezero.models import MLP
from dezero.optimizers import SGD, Adam
from tests.spec_draw import call, draw, gradients, is_differentiable, seeds_for
from tests.specs import SPECS

DIFFERENTIABLE = [spec for spec in SPECS if is_differentiable(spec)]


def outcome(spec, edit, create_graph):
    """Return the gradients of a call whose arrays are edited afterwards, None if it raises."""
    xs = [Variable(np.array(a)) for a in draw(spec)]
    ys = [y for y in call(spec, xs) if y.requires_grad]
    gys = seeds_for(ys)
    for x in xs if edit else ():
        x.data[...] = x.data * 0.9 + 0.01
    try:
        gxs = gradients(ys, xs, gys, create_graph=create_graph)
    except RuntimeError as error:
        assert "as it was when the function was called" in str(error)
        return None
    return [None if gx is None else np.array(gx.data) for gx in gxs]


FIRST = {id(spec) for spec in {s.func: s for s in reversed(DIFFERENTIABLE)}.values()}


@pytest.mark.parametrize(
    "spec",
    # One of each function in every run, the others with the slow ones.
    [
        pytest.param(s, id=s.id, marks=() if id(s) in FIRST else pytest.mark.slow)
        for s in DIFFERENTIABLE
    ],
)
def test_no_function_gives_wrong_gradients(spec):
    for create_graph in (False, True):
        expected, got = outcome(spec, False, create_graph), outcome(spec, True, create_graph)
        assert expected is not None
        for g, e in zip(got or (), expected, strict=bool(got)):
            assert (g is None) == (e is None)
            if e is not None:
                np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)


EDITS = {
    "in place": lambda x: x.data.__setitem__(0, 10.0),
    "by an operator": lambda x: x.data.__imul__(2.0),
    "replaced": lambda x: setattr(x, "data", x.data + 1),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize(
    "function", [F.square, F.sin, lambda x: x * x, lambda x: x.reshape(2, 1) * 3 * x]
)
def test_a_variable_edited_after_use(function, edit):
    x = Variable(np.array([1.0, 2.0]), "x")
    y = F.sum(function(x))
    edit(x)
    with pytest.raises(RuntimeError, match="expected the array x? ?.*got it edited since"):
        y.backward()


def test_the_users_own_buffer_edited_after_use():
    for size in (3, 1000):
        buffer = np.ones(size)
        x = Variable(np.ones(size))
        y = F.sum(x * buffer)
        buffer[...] = 2
        with pytest.raises(RuntimeError, match="Mul.backward: expected the array"):
            y.backward()


def test_weights_updated_under_an_old_graph():
    for rule in (SGD, Adam):
        model = MLP((3, 2), "tanh")
        x = np.ones((4, 5), np.float32)
        loss, stale = F.sum(model(x)), F.sum(model(x) ** 2)
        loss.backward()
        rule().setup(model).update()
        with pytest.raises(RuntimeError, match="Linear.backward: expected the array W"):
            stale.backward()


def test_edits_that_harm_nobody():
    x, b = Variable(np.ones(3)), Variable(np.zeros(3))
    y = F.sum(F.exp(x + b))
    x.data *= 5
    b.data[0] = 7
    y.backward()
    np.testing.assert_allclose(x.grad.data, np.exp(np.ones(3)))
    x.data *= 5  # after backward, too, and before the next call
    z = F.sum(x * x)
    z.backward()


def test_newtons_method_edits_between_graphs():
    x = Variable(np.array(2.0))
    for _ in range(10):
        y = x**4 - 2 * x**2
        x.cleargrad()
        y.backward(create_graph=True)
        gx = x.grad
        x.cleargrad()
        gx.backward()
        x.data -= gx.data / x.grad.data
    assert float(x) == pytest.approx(1)


def test_training_loops_go_on():
    layer, x = Linear(2), np.ones((4, 5), np.float32)
    for _ in range(3):
        loss = F.sum(layer(x) ** 2)
        layer.cleargrads()
        loss.backward()
        for p in layer.params():
            p.data -= 0.01 * p.grad.data
        x *= 1.1


class Kept(Function):
    """Saves what it needs by itself, and says so."""

    def forward(self, x):
        self.copied = x.copy()
        return x * x

    def backward(self, gy):
        return gy * 2.0 * Variable.constant(self.copied)


def test_a_function_may_say_that_it_does_not_care():
    class Told(Kept, uses_inputs=False):
        pass

    for cls in (Kept, Told):
        x = Variable(np.array([1.0, 2.0]))
        y = cls()(x)
        x.data[0] = 9
        if cls is Kept:
            with pytest.raises(RuntimeError, match="Kept.backward: expected the array"):
                y.backward()
        else:
            y.backward()
            np.testing.assert_array_equal(x.grad.data, [2, 4])
    assert Function.uses_inputs and not Told.uses_inputs


def test_results_are_looked_at_when_all_are():
    assert Config.guard == "sample"
    for edited in range(2):
        x = Variable(np.ones(5000))
        with using_config("guard", "all"):
            y = F.exp(x)
            z = F.sum(y * 2.0)
        (y if edited else x).data[777] = 5
        with pytest.raises(RuntimeError, match="got it edited since"):
            z.backward()


def test_the_guard_can_be_switched_off():
    with using_config("guard", None):
        x = Variable(np.array([1.0, 2.0]))
        y = F.sum(x * x)
    x.data[0] = 10
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [20, 4])


def test_parameters_of_several_calls():
    """Every call has marks of its own: an edit between two calls is no edit under a graph."""
    W = Parameter(np.ones(3))
    for _ in range(2):
        W.data[0] += 1
        y = F.sum(W * W)
        W.cleargrad()
        y.backward()
        np.testing.assert_array_equal(W.grad.data, 2 * W.data)

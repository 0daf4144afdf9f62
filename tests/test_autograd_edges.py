"""Autograd where it is easy to go wrong: twins, closures, modes, dtypes, memory, forms of trees."""

import gc
from collections import namedtuple
from weakref import ref

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from dezero.core import Function, Parameter, Variable, no_grad
from dezero.layers import Linear
from tests.strict_device import strict_device

X = np.array([0.5, -1.5, 2.0])
Point = namedtuple("Point", "x y")


def network(x, w, b):
    """Return a function that is curved in every argument."""
    return F.tanh(x @ w + b) * F.exp(b)


ARGS = (
    np.random.default_rng(0).standard_normal((4, 3)),
    np.random.default_rng(1).standard_normal((3, 2)),
    np.random.default_rng(2).standard_normal(2),
)
ALONG = tuple(np.random.default_rng(3).standard_normal(a.shape) for a in ARGS)


def total(*args):
    return F.sum(network(*args) ** 2)


class TestAgainstFiniteDifferences:
    eps = 1e-6

    def moved(self, func, sign):
        at = [Variable(a + sign * self.eps * v) for a, v in zip(ARGS, ALONG, strict=True)]
        return func(*at).data

    def slope(self, func):
        return (self.moved(func, 1) - self.moved(func, -1)) / (2 * self.eps)

    def test_jvp(self):
        _, t = jvp(network, ARGS, ALONG)
        np.testing.assert_allclose(t.data, self.slope(network), rtol=1e-7, atol=1e-8)

    def test_vjp(self):
        u = np.random.default_rng(4).standard_normal((4, 2))
        _, gs = vjp(network, ARGS, u)
        along = sum((g.data * v).sum() for g, v in zip(gs, ALONG, strict=True))
        assert along == pytest.approx((self.slope(network) * u).sum(), rel=1e-7)

    def test_jacobian(self):
        J = jacobian(network, ARGS)
        along = sum(np.tensordot(j.data, v, v.ndim) for j, v in zip(J, ALONG, strict=True))
        np.testing.assert_allclose(along, self.slope(network), rtol=1e-7, atol=1e-8)

    @pytest.mark.parametrize("i", [0, 1, 2])
    def test_hvp_and_hessian(self, i):
        def gradient(*args):
            return value_and_grad(total, i)(*args)[1]

        _, products = hvp(total, ARGS, ALONG)
        np.testing.assert_allclose(products[i].data, self.slope(gradient), rtol=1e-6, atol=1e-7)
        rows = hessian(total, ARGS)[i]
        along = sum(np.tensordot(h.data, v, v.ndim) for h, v in zip(rows, ALONG, strict=True))
        np.testing.assert_allclose(along, products[i].data, rtol=1e-10, atol=1e-12)


TRANSFORMS = {
    "vjp": lambda f, x, **how: vjp(f, x, **how)[1],
    "jvp": lambda f, x, **how: jvp(f, x, (X, X), **how)[1],
    "jacobian": lambda f, x, **how: jacobian(f, x, **how),
    "hessian": lambda f, x, **how: hessian(lambda a, b: f(a, b).sum(), x, **how),
    "hvp": lambda f, x, **how: hvp(lambda a, b: f(a, b).sum(), x, (X, X), **how)[1],
}


def flat(tree):
    if type(tree) is not tuple:
        return [tree]
    return [leaf for branch in tree for leaf in flat(branch)]


@pytest.mark.parametrize("name", TRANSFORMS)
class TestEveryTransform:
    def run(self, name, a, b, func=lambda a, b: a**3 * b, **how):
        return flat(TRANSFORMS[name](func, (a, b), **how))

    def test_one_variable_given_twice_is_two_arguments(self, name):
        x = Variable(X)
        apart = self.run(name, Variable(X), Variable(X.copy()))
        for how in ({}, {"create_graph": True}):
            for got, want in zip(self.run(name, x, x, **how), apart, strict=True):
                np.testing.assert_allclose(got.data, want.data, rtol=1e-13)
        assert x.grad is None

    def test_what_the_function_uses_besides_is_no_argument(self, name):
        x, other = Variable(X), Variable(X)
        for how in ({}, {"create_graph": True}):
            got = self.run(name, x, other, lambda a, b: a**2 * b * x, **how)
            want = self.run(name, X, X, lambda a, b: a**2 * b * X)
            for one, two in zip(got, want, strict=True):
                np.testing.assert_allclose(one.data, two.data, rtol=1e-13)

    def test_under_no_grad(self, name):
        want = self.run(name, X, X)
        with no_grad():
            got = self.run(name, X, Variable(X))
            graph = self.run(name, Variable(X), Variable(X), create_graph=True)
        for one, two, three in zip(got, want, graph, strict=True):
            np.testing.assert_array_equal(one.data, two.data)
            np.testing.assert_array_equal(three.data, two.data)

    def test_differentiable_by_the_callers_variables(self, name):
        x, y = Variable(X), Variable(X + 3)
        got = self.run(name, x, y, create_graph=True)
        gx, gy = grad(sum(F.sum(g * g) for g in got), [x, y], allow_unused=True)
        eps = 1e-6
        for g, dx, dy in ((gx, eps, 0), (gy, 0, eps)):
            ends = [
                sum((g.data**2).sum() for g in self.run(name, X + s * dx, X + 3 + s * dy))
                for s in (1, -1)
            ]
            assert g.data.sum() == pytest.approx((ends[0] - ends[1]) / (2 * eps), rel=1e-5)
        assert x.grad is None and y.grad is None

    def test_constants_are_arguments_too(self, name):
        want = self.run(name, X, X)
        for how in ({}, {"create_graph": True}):
            got = self.run(name, Variable(X).detach(), Variable.constant(X), **how)
            for one, two in zip(got, want, strict=True):
                np.testing.assert_array_equal(one.data, two.data)

    def test_integers_are_refused(self, name):
        with pytest.raises(TypeError, match=rf"{name}: expected floating inputs, got \(3,\) int64"):
            self.run(name, X, np.arange(3))

    def test_a_result_that_is_no_variable(self, name):
        with pytest.raises(TypeError, match=rf"{name}: expected func to return Variables, got"):
            TRANSFORMS[name](lambda a, b: (a * b).data, (X, X))

    def test_results_are_constants_by_default(self, name):
        for g in self.run(name, Variable(X), Variable(X)):
            assert g.creator is None and not g.requires_grad


class TestParameters:
    def test_gradients_of_weights_are_left_alone(self):
        layer = Linear(2, in_size=3)
        x = X.astype(np.float32)[None]
        layer.W.grad = marker = Variable(np.ones((3, 2), np.float32))
        layer.W.register_hook(lambda g: 1 / 0)
        for result in (
            jacobian(layer, x),
            hessian(lambda x: F.sum(layer(x) ** 2), x),
            hvp(lambda x: F.sum(layer(x) ** 2), x, x)[1],
            jvp(layer, x, x)[1],
            vjp(layer, x)[1],
        ):
            assert result.dtype == np.float32
        assert layer.W.grad is marker and layer.b.grad is None

    def test_gradients_by_weights(self):
        layer = Linear(2, in_size=3)
        y = layer(X.astype(np.float32)[None])
        gW, gb = grad(F.sum(y), list(layer.params()))
        np.testing.assert_array_equal(gb.data, [1, 1])
        np.testing.assert_allclose(gW.data, np.stack([X, X], 1), rtol=1e-6)

    def test_one_without_a_shape(self):
        with pytest.raises(TypeError, match="grad: expected inputs to be floating Variables, got"):
            grad(F.sum(Variable(X)), Parameter(None, "W"))
        with pytest.raises(TypeError, match="jacobian: expected floating inputs"):
            jacobian(lambda x: x, Parameter(None, "W"))


class TestArrays:
    def test_results_share_nothing(self):
        a, b, seed = Variable(X), Variable(X), np.ones(3)
        ga, gb, gc_ = grad([a + b, a], [a, b, a], [seed, seed])
        gy = grad(a, a, seed)
        summed = grad(F.sum(b), b)
        for g in (ga, gb, gy, summed):
            g.data += 1  # would fail on a broadcast view
        np.testing.assert_array_equal(seed, 1)
        np.testing.assert_array_equal(ga.data, 3)
        np.testing.assert_array_equal(gb.data, 2)
        np.testing.assert_array_equal(gc_.data, 2)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_dtype_is_that_of_the_input(self, dtype):
        x, v = X.astype(dtype), [1, 2, 3]
        _, g = value_and_grad(lambda x: F.sum(x * x))(x)
        results = [
            g,
            grad([y := Variable(x)], y, [v]),
            vjp(F.exp, x, v)[1],
            jvp(F.exp, x, v)[1],
            jacobian(F.exp, x),
            hessian(lambda x: F.sum(x**3), x),
            hvp(lambda x: F.sum(x**3), x, v)[1],
        ]
        assert {r.dtype for r in results} == {np.dtype(dtype)}

    def test_seed_of_another_dtype_is_differentiable(self):
        x, v = Variable(X.astype(np.float32)), Variable(np.ones(3))
        g = grad(x * x, x, v, create_graph=True)
        assert g.dtype == np.float32
        gv = grad(F.sum(g), v)
        assert gv.dtype == np.float64
        np.testing.assert_allclose(gv.data, 2 * X)

    def test_numbers_are_leaves(self):
        value, (ga, gb) = value_and_grad(lambda p: p[0] * p[1] ** 2)([2.0, 3.0])
        assert (value.item(), ga.item(), gb.item()) == (18, 9, 12)
        assert jacobian(F.sin, 0.0).item() == 1 and hessian(F.sin, 0.5).shape == ()

    @pytest.mark.parametrize(
        ("func", "x", "shape"),
        [
            (F.exp, np.ones((2, 0)), (2, 0, 2, 0)),
            (F.sum, np.ones((2, 0)), (2, 0)),
            (lambda x: x[:0], np.ones(3), (0, 3)),
            (lambda x: Variable.constant(np.ones(2)), np.ones(3), (2, 3)),
            (lambda x: Variable.constant(np.arange(2)), np.ones(3), (2, 3)),
            (F.exp, np.array(1.0), ()),
        ],
    )
    def test_jacobians_of_empty_constant_and_0d(self, func, x, shape):
        J = jacobian(func, x)
        assert J.shape == shape and J.dtype == np.float64
        assert shape == () or not J.data.any() or func is F.sum
        assert vjp(func, x)[1].shape == x.shape

    def test_everything_on_a_device(self):
        with strict_device() as device:
            x, v = device.from_host(X), device.from_host(np.ones(3))
            for g, want in (
                (value_and_grad(lambda x: F.sum(x**3))(x)[1], 3 * X**2),
                (vjp(lambda x: x**3, x, v)[1], 3 * X**2),
                (jvp(lambda x: x**3, x, v)[1], 3 * X**2),
                (jacobian(lambda x: x**3, x), np.diag(3 * X**2)),
                (hessian(lambda x: F.sum(x**3), x), np.diag(6 * X)),
                (hvp(lambda x: F.sum(x**3), x, v)[1], 6 * X),
            ):
                np.testing.assert_allclose(g.data.get(), want)


class TestTrees:
    def test_keys_in_another_order(self):
        inputs = {"a": X, "b": 2 * X}
        v = {"b": np.zeros(3), "a": np.ones(3)}
        _, t = jvp(lambda p: p["a"] * 3.0 + p["b"] * 5.0, inputs, v)
        np.testing.assert_array_equal(t.data, [3, 3, 3])
        _, h = hvp(lambda p: F.sum(p["a"] ** 2 * p["b"]), inputs, v)
        np.testing.assert_allclose(h["b"].data, 2 * X)
        _, g = vjp(lambda p: {"s": p["a"], "d": p["b"] * 2.0}, inputs, {"d": X, "s": 0 * X})
        np.testing.assert_array_equal(g["b"].data, 2 * X)

    def test_namedtuple_is_one_argument(self):
        def func(p):
            assert isinstance(p, Point)
            return Point(p.x * p.y, [p.y])

        inputs, v = Point(X, 2 * X), Point(np.ones(3), np.zeros(3))
        outputs, g = vjp(func, inputs)
        assert isinstance(outputs, Point) and isinstance(g, Point)
        np.testing.assert_array_equal(g.y.data, X + 1)
        np.testing.assert_array_equal(jvp(func, inputs, v)[1].x.data, 2 * X)
        J = jacobian(func, inputs)
        assert isinstance(J, Point) and isinstance(J.y[0], Point) and J.y[0].x.shape == (3, 3)
        assert isinstance(hessian(lambda p: F.sum(p.x * p.y), inputs).x, Point)

    def test_a_tuple_of_one(self):
        (g,) = vjp(F.exp, (X,))[1]
        np.testing.assert_array_equal(g.data, np.exp(X))
        assert jacobian(F.exp, (X,))[0].shape == (3, 3)

    @pytest.mark.parametrize(
        ("call", "match"),
        [
            (lambda: jvp(F.exp, X, np.ones(2)), r"jvp: expected v of shapes \[\(3,\)\], got"),
            (lambda: jvp(F.exp, (X,), X), r"jvp: expected v of the form of \[\*\], got \*"),
            (lambda: jvp(F.exp, X, (X,)), r"jvp: expected v of the form of \*, got \[\*\]"),
            (lambda: hvp(F.sum, X, {"x": X}), r"hvp: expected v of the form of \*, got {'x': \*}"),
            (lambda: vjp(lambda x: [x, x], X, [X]), r"vjp: expected v of the form of \[\*, \*\]"),
            (lambda: vjp(F.exp, X, 1.0), r"vjp: expected v of shapes \[\(3,\)\], got \[\(\)\]"),
            (lambda: jvp(lambda p: p["a"], {"a": X}, {"b": X}), r"form of {'a': \*}, got {'b': \*"),
            (lambda: grad([x := Variable(X)], x, X), r"grad: expected grad_outputs of the form"),
        ],
    )
    def test_forms_that_do_not_fit(self, call, match):
        with pytest.raises(ValueError, match=match):
            call()


class Once(Function):
    """A function whose backward leaves the graph."""

    def forward(self, x):
        return x * x

    def backward(self, gy):
        return Variable(gy.data * 2 * self.inputs[0].data)


class TestGraphs:
    def test_second_derivatives_that_cannot_be(self):
        for call in (
            lambda: hessian(lambda x: F.sum(Once()(x)), X),
            lambda: hvp(lambda x: F.sum(Once()(x)), X, X),
            lambda: jvp(lambda x: Once()(x), X, X),
        ):
            with pytest.raises(RuntimeError, match="Once.backward: expected Variables computed by"):
                call()
        np.testing.assert_array_equal(vjp(lambda x: Once()(x), X)[1].data, 2 * X)

    def test_nothing_is_kept_alive(self):
        seen = []

        def func(x):
            y = F.exp(x)
            seen.append(ref(y.creator))
            return F.sum(y * y)

        gc.disable()
        try:
            for call in (
                lambda: value_and_grad(func)(X),
                lambda: vjp(func, X),
                lambda: jvp(func, X, X),
                lambda: jacobian(func, X),
                lambda: hessian(func, X),
                lambda: hvp(func, X, X),
            ):
                result = call()
                assert seen and all(node() is None for node in seen), result
        finally:
            gc.enable()

    def test_partly_used_up(self):
        """Two results share a part of the graph: the first pass may not take it from the second."""
        x = Variable(X)
        shared = F.exp(x)
        one, two = F.sum(shared * 2.0), F.sum(shared * 3.0)
        grad(one, x, retain_graph=True)
        np.testing.assert_allclose(grad(two, x).data, 3 * np.exp(X))

    def test_hooks_on_the_way(self):
        x = Variable(X)

        def func(x):
            y = x * x
            y.register_hook(lambda g: g * 10.0)
            return F.sum(y)

        np.testing.assert_allclose(vjp(func, x)[1].data, 20 * X)
        np.testing.assert_allclose(value_and_grad(func)(x)[1].data, 20 * X)
        np.testing.assert_allclose(hessian(func, X).data, 20 * np.eye(3))

    def test_a_deep_graph(self):
        """No recursion: depth is bounded by memory alone."""

        def func(x):
            for _ in range(3000):
                x = x * 1.001
            return x

        assert jacobian(func, np.ones(1)).item() == pytest.approx(1.001**3000)

"""Derivatives as functions: values, trees, orders, what stays alone, errors."""

from typing import NamedTuple

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from dezero.core import Variable, no_grad
from tests.strict_device import strict_device

X = np.array([0.5, -1.5, 2.0])
A = np.arange(6.0).reshape(2, 3) - 2


class TestGrad:
    def test_one_input(self):
        x = Variable(X)
        g = grad(F.sum(x**3), x)
        np.testing.assert_allclose(g.data, 3 * X**2)

    def test_grad_of_inputs_is_left_alone(self):
        x = Variable(X)
        x.grad = Variable(np.ones(3))
        y = F.sum(x * x)
        grad(y, x)
        np.testing.assert_array_equal(x.grad.data, [1, 1, 1])
        assert y.grad is None

    def test_inputs_in_the_middle_of_the_graph(self):
        x = Variable(X)
        a = x * x
        y = F.sum(a * 3.0 + a)
        ga, gx = grad(y, [a, x])
        np.testing.assert_allclose(ga.data, [4, 4, 4])
        np.testing.assert_allclose(gx.data, 8 * X)

    def test_output_by_itself(self):
        y = Variable(X) * 2.0
        np.testing.assert_array_equal(grad(y, y).data, [1, 1, 1])
        x = Variable(X)
        np.testing.assert_array_equal(grad(x, x).data, [1, 1, 1])

    def test_several_outputs_add_up(self):
        x = Variable(X)
        seeds = [Variable(X), np.ones(3)]
        g = grad([x * 2.0, x * x], x, seeds)
        np.testing.assert_allclose(g.data, 2 * X + 2 * X)

    def test_trees(self):
        class Pair(NamedTuple):
            W: Variable
            b: Variable

        params = {"l0": Pair(Variable(A), Variable(np.ones(2))), "rest": [Variable(X), ()]}
        y = F.sum(params["l0"].W @ params["rest"][0] * 2.0 + params["l0"].b)
        g = grad(y, params)
        assert isinstance(g["l0"], Pair) and g["rest"][1] == ()
        np.testing.assert_allclose(g["l0"].W.data, 2 * np.stack([X, X]))
        np.testing.assert_allclose(g["l0"].b.data, [1, 1])
        np.testing.assert_allclose(g["rest"][0].data, 2 * A.sum(0))

    def test_any_order(self):
        x = Variable(np.array(0.7))
        y = F.sin(x)
        for expected in (np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7)):
            y = grad(y, x, create_graph=True)
            assert y.item() == pytest.approx(expected)
        assert x.grad is None

    def test_differentiable_by_the_seeds(self):
        x, v = Variable(X), Variable(np.ones(3))
        g = grad(x**2, x, v, create_graph=True)
        np.testing.assert_allclose(grad(F.sum(g), v).data, 2 * X)

    def test_graph_is_used_up_unless_it_is_kept(self):
        x = Variable(X)
        y = F.sum(F.exp(x))
        grad(y, x, retain_graph=True)
        grad(y, x)
        with pytest.raises(RuntimeError, match="an earlier backward used it up"):
            grad(y, x)

    def test_result_is_constant_by_default(self):
        x = Variable(X)
        g = grad(F.sum(x * x), x)
        assert g.creator is None and not g.requires_grad

    def test_unused_input(self):
        x, other = Variable(X), Variable(np.ones(2), name="other")
        y = F.sum(x)
        with pytest.raises(RuntimeError, match="depend on every input, got none for other"):
            grad(y, [x, other], retain_graph=True)
        with pytest.raises(RuntimeError, match=r"got none for \(2,\) float64"):
            grad(y, Variable(np.ones(2)), retain_graph=True)
        g, none = grad(y, [x, other], allow_unused=True)
        assert none is None and g.shape == (3,)

    def test_output_without_a_graph(self):
        x = Variable(X)
        with no_grad():
            y = F.sum(x)
        with pytest.raises(RuntimeError, match="grad: expected outputs with a graph"):
            grad(y, x)

    def test_constant_among_the_outputs(self):
        x = Variable(X)
        g = grad([Variable.constant(X), x * 2.0], x)
        np.testing.assert_array_equal(g.data, [2, 2, 2])

    @pytest.mark.parametrize("bad", [np.ones(3), 3.0, Variable(np.arange(3))])
    def test_wrong_kinds(self, bad):
        x = Variable(X)
        with pytest.raises(TypeError, match="grad: expected inputs to be floating Variables"):
            grad(F.sum(x), bad)
        with pytest.raises(TypeError, match="grad: expected outputs to be floating Variables"):
            grad(bad, x)

    def test_seeds_that_do_not_fit(self):
        x = Variable(X)
        with pytest.raises(ValueError, match=r"grad_outputs of shapes \[\(3,\)\].*got \[\(2,\)\]"):
            grad(x * 2.0, x, np.ones(2))

    def test_hooks_are_asked(self):
        x = Variable(X)
        a = x * 1.0
        handles = [v.register_hook(lambda g: g * 10.0) for v in (x, a)]
        np.testing.assert_array_equal(grad(F.sum(a), x).data, [100, 100, 100])
        for handle in handles:
            handle.remove()

    def test_on_a_device(self):
        with strict_device() as backend:
            x = Variable(backend.from_host(X))
            g = grad(F.sum(x**2), x)
            np.testing.assert_allclose(g.data.get(), 2 * X)


class TestValueAndGrad:
    def test_first_argument(self):
        value, g = value_and_grad(lambda x, c: F.sum(x * x) * c)(X, 3.0)
        assert value.item() == pytest.approx(3 * (X**2).sum())
        np.testing.assert_allclose(g.data, 6 * X)

    def test_chosen_arguments(self):
        def func(a, b, *, factor):
            return F.sum(a * b) * factor

        value, (ga, gb) = value_and_grad(func, (0, 1))(X, X + 1, factor=2.0)
        np.testing.assert_allclose(ga.data, 2 * (X + 1))
        np.testing.assert_allclose(gb.data, 2 * X)
        assert value_and_grad(func, 1)(X, X, factor=2.0)[1].shape == (3,)

    def test_tree_and_what_does_not_matter(self):
        value, g = value_and_grad(lambda p: F.sum(p["a"]))({"a": X, "b": A})
        np.testing.assert_array_equal(g["a"].data, [1, 1, 1])
        np.testing.assert_array_equal(g["b"].data, np.zeros((2, 3)))
        assert not value.requires_grad

    def test_callers_variables_are_left_alone(self):
        x = Variable(X)
        value_and_grad(lambda x: F.sum(x))(x)
        assert x.grad is None

    def test_many_elements(self):
        with pytest.raises(ValueError, match=r"value_and_grad: expected func .*\(3,\)"):
            value_and_grad(lambda x: x * 2.0)(X)


def two(x, y):
    """Return two outputs of two inputs."""
    return [F.sin(x) * F.sum(y), F.exp(y)]


class TestProducts:
    v = (np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5]))
    y = np.array([0.25, 0.75])

    def matrix(self):
        """Return the Jacobian of `two` as blocks."""
        J = jacobian(two, (X, self.y))
        return [[block.data for block in row] for row in J]

    def test_jacobian(self):
        J = self.matrix()
        np.testing.assert_allclose(J[0][0], np.diag(np.cos(X)) * self.y.sum())
        np.testing.assert_allclose(J[0][1], np.sin(X)[:, None] * np.ones((1, 2)))
        np.testing.assert_allclose(J[1][0], np.zeros((2, 3)))
        np.testing.assert_allclose(J[1][1], np.diag(np.exp(self.y)))

    def test_vjp_is_v_times_jacobian(self):
        outputs, (gx, gy) = vjp(two, (X, self.y), list(self.v))
        J = self.matrix()
        np.testing.assert_allclose(gx.data, self.v[0] @ J[0][0])
        np.testing.assert_allclose(gy.data, self.v[0] @ J[0][1] + self.v[1] @ J[1][1])
        np.testing.assert_allclose(outputs[1].data, np.exp(self.y))
        assert not outputs[0].requires_grad

    def test_vjp_with_ones(self):
        _, g = vjp(F.exp, X)
        np.testing.assert_allclose(g.data, np.exp(X))

    def test_jvp_is_jacobian_times_v(self):
        outputs, (t0, t1) = jvp(two, (X, self.y), self.v)
        J = self.matrix()
        np.testing.assert_allclose(t0.data, J[0][0] @ self.v[0] + J[0][1] @ self.v[1])
        np.testing.assert_allclose(t1.data, J[1][1] @ self.v[1])
        np.testing.assert_allclose(outputs[0].data, np.sin(X) * self.y.sum())

    def test_jvp_of_a_linear_function(self):
        _, t = jvp(lambda x: F.matmul(A, x), X, np.ones(3))
        np.testing.assert_allclose(t.data, A.sum(1))

    def test_jvp_of_a_constant(self):
        _, t = jvp(lambda x: Variable.constant(np.ones(2)), X, np.ones(3))
        np.testing.assert_array_equal(t.data, [0, 0])

    def test_jacobian_of_matrices_and_numbers(self):
        J = jacobian(lambda x: x.T * 2.0, A)
        assert J.shape == (3, 2, 2, 3)
        np.testing.assert_allclose(J.data[2, 0], 2 * (np.arange(6).reshape(2, 3) == 2))
        assert jacobian(F.sum, X).shape == (3,)
        assert jacobian(F.exp, np.zeros((0,))).shape == (0, 0)

    def test_results_can_be_differentiated(self):
        x = Variable(X)
        _, g = vjp(lambda x: x**3, x, create_graph=True)
        np.testing.assert_allclose(grad(F.sum(g), x).data, 6 * X)
        _, t = jvp(lambda x: x**3, x, np.ones(3), create_graph=True)
        np.testing.assert_allclose(grad(F.sum(t), x).data, 6 * X)
        J = jacobian(lambda x: x**3, x, create_graph=True)
        np.testing.assert_allclose(grad(F.sum(J), x).data, 6 * X)


def cubic(x):
    """Return sum(x)**3, whose Hessian is 6 sum(x) everywhere."""
    return F.sum(x) ** 3


class TestSecondDerivatives:
    def test_hessian(self):
        H = hessian(cubic, X)
        np.testing.assert_allclose(H.data, np.full((3, 3), 6 * X.sum()))

    def test_hessian_of_matrices(self):
        H = hessian(lambda x: F.sum(x * x), A)
        np.testing.assert_allclose(H.data.reshape(6, 6), 2 * np.eye(6))

    def test_hessian_of_trees(self):
        H = hessian(lambda p: F.sum(p["a"] * p["b"]), {"a": X, "b": X})
        np.testing.assert_allclose(H["a"]["b"].data, np.eye(3))
        np.testing.assert_allclose(H["a"]["a"].data, np.zeros((3, 3)))

    def test_hessian_of_two_arguments(self):
        H = hessian(lambda a, b: F.sum(a * a * b), (X, np.ones(3)))
        np.testing.assert_allclose(H[0][0].data, 2 * np.eye(3))
        np.testing.assert_allclose(H[0][1].data, np.diag(2 * X))

    def test_hvp(self):
        v = np.array([1.0, -2.0, 0.5])
        value, Hv = hvp(cubic, X, v)
        np.testing.assert_allclose(Hv.data, hessian(cubic, X).data @ v)
        assert value.item() == pytest.approx(X.sum() ** 3)

    def test_hvp_of_two_arguments(self):
        v = (np.ones(3), np.full(3, 2.0))
        _, (ha, hb) = hvp(lambda a, b: F.sum(a * a * b), (X, np.ones(3)), v)
        np.testing.assert_allclose(ha.data, 2 * v[0] + 2 * X * v[1])
        np.testing.assert_allclose(hb.data, 2 * X * v[0])

    def test_hvp_of_a_linear_function(self):
        np.testing.assert_array_equal(hvp(F.sum, X, X)[1].data, [0, 0, 0])

    def test_third_derivative(self):
        x = Variable(X)
        H = hessian(lambda x: F.sum(x**4), x, create_graph=True)
        np.testing.assert_allclose(grad(F.sum(H), x).data, 24 * X)
        _, Hv = hvp(lambda x: F.sum(x**4), x, np.ones(3), create_graph=True)
        np.testing.assert_allclose(grad(F.sum(Hv), x).data, 24 * X)


class TestScalars:
    @pytest.mark.parametrize(
        ("name", "call"),
        [
            ("value_and_grad", lambda f: value_and_grad(f)(X)),
            ("hessian", lambda f: hessian(f, X)),
            ("hvp", lambda f: hvp(f, X, X)),
        ],
    )
    def test_what_must_return_one_element(self, name, call):
        for func in (F.exp, lambda x: [F.sum(x)]):
            with pytest.raises(ValueError, match=f"{name}: expected func to return one element"):
                call(func)
        with pytest.raises(TypeError, match=f"{name}: expected func to return Variables, got flo"):
            call(lambda x: 3.0)

    def test_size_one_of_any_shape(self):
        assert value_and_grad(lambda x: F.sum(x).reshape(1, 1))(X)[1].shape == (3,)
        assert hessian(lambda x: F.sum(x * x).reshape(1), X).shape == (3, 3)

    def test_of_a_constant(self):
        _, g = value_and_grad(lambda x: Variable.constant(np.array(2.0)))(X)
        np.testing.assert_array_equal(g.data, np.zeros(3))
        assert not hessian(lambda x: Variable.constant(np.array(2.0)), X).data.any()
        assert not hvp(lambda x: Variable.constant(np.array(2.0)), X, X)[1].data.any()

    @pytest.mark.parametrize("argnums", [2, -3, "x", (0, 5), 1.0])
    def test_positions_that_are_not_there(self, argnums):
        with pytest.raises(ValueError, match="value_and_grad: expected argnums to be positions of"):
            value_and_grad(lambda a, b: F.sum(a * b), argnums)(X, X)

    def test_positions_from_the_end(self):
        _, g = value_and_grad(lambda a, b: F.sum(a * b), -1)(X, X + 1)
        np.testing.assert_array_equal(g.data, X)

"""Finite differences against `backward`, to second order, along random directions.

A whole Jacobian costs one evaluation per element; a random direction costs two, and a wrong
derivative is orthogonal to it with probability zero.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dezero.autograd import grad
from dezero.backend import to_host
from dezero.core import Variable, as_array, no_grad

_EPS = 1e-6
_RTOL = {1: 1e-5, 2: 1e-4}
# Rounding noise of a difference quotient, relative to the size of what is differentiated.
_NOISE = {1: 1e-9, 2: 1e-8}


def check_grads(
    f: Callable[..., Any], *inputs: Any, order: int = 2, rng: np.random.Generator | None = None
) -> None:
    """Compare the derivatives of `f` with central differences in float64, to second order.

    Args:
        f: function of Variables that returns a Variable, or a list or tuple of them.
        inputs: arrays or Variables, away from kinks; they are copied, as float64.
        order: 1, or 2 for the second derivative as well, by the inputs and by gy.
        rng: draws the directions; fixed by default.
    Raises:
        AssertionError: a derivative is off by more than 1e-5 (second order: 1e-4), relatively.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    xs = [np.array(to_host(as_array(x)), np.float64) for x in inputs]
    gys = [rng.standard_normal(y.shape) for y in _outputs(f, _variables(xs))]
    _check_first(f, xs, gys, rng)
    if order > 1:
        _check_second(f, xs, gys, rng)


def _variables(arrays: Sequence[np.ndarray]) -> list[Variable]:
    # Read-only: a function that writes to what it was given raises here.
    variables = [Variable(np.array(a)) for a in arrays]
    for x in variables:
        x.data.setflags(write=False)
    return variables


def _outputs(f: Callable[..., Any], xs: Sequence[Variable]) -> list[Variable]:
    ys = f(*xs)
    return list(ys) if isinstance(ys, list | tuple) else [ys]


def _gradients(ys: list, xs: list, gys: list, create_graph: bool = False) -> list:
    """Return the gradients of sum(y * gy) by each of `xs`, None where there is none."""
    pairs = [(y, gy) for y, gy in zip(ys, gys, strict=True) if y is not None and y.requires_grad]
    if not pairs:
        return [None] * len(xs)
    ys, gys = [y for y, _ in pairs], [gy for _, gy in pairs]
    return grad(ys, xs, gys, create_graph, retain_graph=True, allow_unused=True)


def _dot(arrays: Sequence[Any], directions: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the inner product, and the same with absolute values as its scale."""
    terms = [
        (a.data if isinstance(a, Variable) else a) * d
        for a, d in zip(arrays, directions, strict=True)
        if a is not None
    ]
    return sum(float(t.sum()) for t in terms), sum(float(np.abs(t).sum()) for t in terms)


def _shifted(xs: Sequence[np.ndarray], steps: Sequence[np.ndarray], eps: float) -> list:
    return [x + eps * step for x, step in zip(xs, steps, strict=True)]


def _check_first(f: Callable[..., Any], xs: list, gys: list, rng: np.random.Generator) -> None:
    def value(points: list) -> tuple[float, float]:
        with no_grad():
            ys = _outputs(f, _variables(points))
        return _dot([y if y.dtype.kind == "f" else None for y in ys], gys)

    variables = _variables(xs)
    gxs = _gradients(_outputs(f, variables), variables, _variables(gys))
    steps = [rng.standard_normal(x.shape) for x in xs]
    _compare(f, 1, _dot(gxs, steps)[0], lambda eps: value(_shifted(xs, steps, eps)))


def _check_second(f: Callable[..., Any], xs: list, gys: list, rng: np.random.Generator) -> None:
    inward = [rng.standard_normal(x.shape) for x in xs]

    def first(points: list, seeds: list) -> tuple[list, list, list]:
        x, gy = _variables(points), _variables(seeds)
        return x, gy, _gradients(_outputs(f, x), x, gy, create_graph=True)

    variables, seeds, gxs = first(xs, gys)
    second = _gradients(gxs, [*variables, *seeds], [Variable.constant(v) for v in inward])
    steps = [rng.standard_normal(a.shape) for a in [*xs, *gys]]
    count = len(xs)

    def value(eps: float) -> tuple[float, float]:
        points = _shifted(xs, steps[:count], eps)
        return _dot(first(points, _shifted(gys, steps[count:], eps))[2], inward)

    _compare(f, 2, _dot(second, steps)[0], value)


def _compare(
    f: Callable[..., Any], order: int, got: float, value: Callable[[float], tuple[float, float]]
) -> None:
    (above, scale), (below, _) = value(_EPS), value(-_EPS)
    expected = (above - below) / (2 * _EPS)
    limit = _RTOL[order] * max(abs(got), abs(expected)) + _NOISE[order] * scale
    if not abs(got - expected) <= limit:
        raise AssertionError(
            f"check_grads: expected {expected:.9g} from finite differences as the derivative of "
            f"order {order} of {getattr(f, '__name__', f)}, got {got:.9g} from backward. "
            "Correct backward, or draw the inputs further from kinks."
        )


def numerical_grad(f: Callable[..., Any], x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
    """Return the gradient of sum(f(x)) by central differences, element by element.

    Args:
        f: function of Variables that returns a Variable.
        x: array or Variable; not changed.
        args, kwargs: handed on to `f` after x.
    Returns:
        float64 numpy.ndarray of the shape of x.
    """
    point = np.array(to_host(as_array(x)), np.float64)
    result = np.empty_like(point)
    with no_grad():
        for index in np.ndindex(point.shape):
            middle, values = point[index], []
            for eps in (1e-6, -1e-6):
                point[index] = middle + eps
                values.append(float(to_host(f(Variable(point.copy()), *args, **kwargs).data).sum()))
            point[index] = middle
            result[index] = (values[0] - values[1]) / 2e-6
    return result


def gradient_check(
    f: Callable[..., Any],
    x: Any,
    *args: Any,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    **kwargs: Any,
) -> bool:
    """Return whether the gradient of sum(f(x)) by x agrees with `numerical_grad`.

    Args:
        f: function of Variables that returns a Variable.
        x: array or Variable; not changed, unlike in the book.
        args, kwargs: handed on to `f` after x.
        rtol, atol: as in numpy.allclose.
    """
    variable = Variable(np.array(to_host(as_array(x)), np.float64))
    y = f(variable, *args, **kwargs)
    seed = Variable.constant(np.ones(y.shape))
    (gx,) = _gradients([y], [variable], [seed])
    got = np.zeros(variable.shape) if gx is None else gx.data
    return bool(np.allclose(got, numerical_grad(f, x, *args, **kwargs), rtol=rtol, atol=atol))

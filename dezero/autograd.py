"""Derivatives as functions: grad, vjp, jvp, jacobian, hessian, hvp, over nested containers.

A *tree* below is a Variable, array or number, or a list, tuple or dict of trees. Where a function
`func` is taken, `inputs` is its one argument, or a tuple of all its positional arguments, and the
result has the same form.
"""

from collections.abc import Callable
from typing import Any

from dezero.backend import xp
from dezero.core import Variable, as_variable
from dezero.core.backprop import backprop, run_variable_hooks
from dezero.core.errors import describe
from dezero.functions import concat

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    create_graph: bool = False,
    *,
    retain_graph: bool | None = None,
    allow_unused: bool = False,
) -> Any:
    """Return d(outputs)/d(inputs), summed over outputs; every `.grad` is left alone.

    Args:
        outputs: tree of Variables.
        inputs: tree of floating Variables they were computed from.
        grad_outputs: tree like outputs of weights (the seeds); ones by default.
        create_graph: make the result differentiable again.
        retain_graph: keep the graph for another pass; by default only with create_graph.
        allow_unused: give None, instead of an error, where outputs do not depend on an input.
    Returns:
        Tree like inputs of Variables.
    Raises:
        TypeError: an input or output is no Variable, or an input is not floating.
        RuntimeError: an output has no graph, or does not depend on an input.
        ValueError: grad_outputs does not fit outputs.
    """
    ys, xs = _leaves(outputs), _leaves(inputs)
    _check("outputs", ys)
    _check("inputs", xs)
    seeds = _seeds(ys, grad_outputs)
    found: dict[int, Any] = {}
    wanted = {id(x) for x in xs}

    def watch(y: Variable, gy: Any) -> None:
        if id(y) in wanted:
            found[id(y)] = gy

    keep = create_graph if retain_graph is None else retain_graph
    roots = [i for i, y in enumerate(ys) if y.requires_grad]
    if not roots:
        raise RuntimeError(
            "grad: expected outputs with a graph, got Variables made under no_grad() or from "
            "constants alone. Wrap the inputs in Variable before computing the outputs."
        )
    remaining = backprop(
        [ys[i] for i in roots],
        [seeds[i] if create_graph else seeds[i].data for i in roots],
        create_graph=create_graph,
        watch=watch,
        release=() if keep else tuple(ys[i].creator for i in roots),
    )
    for leaf, g in remaining.items():
        if id(leaf) in wanted:
            found[id(leaf)] = run_variable_hooks(leaf, g) if leaf.hooks else g
    return _rebuild(inputs, [_result(x, found.get(id(x)), allow_unused) for x in xs])


def _result(x: Variable, g: Any, allow_unused: bool) -> Variable | None:
    if g is None and not allow_unused:
        raise RuntimeError(
            f"grad: expected outputs that depend on every input, got none for "
            f"{x.name or describe(x)}. Pass allow_unused=True to have None for it."
        )
    return None if g is None else Variable.wrap(g)


def _seeds(ys: list, grad_outputs: Any) -> list:
    if grad_outputs is None:
        return [Variable.constant(xp(y.data).ones_like(y.data)) for y in ys]
    seeds = [Variable.wrap(g) for g in _leaves(grad_outputs)]
    if [g.shape for g in seeds] != [y.shape for y in ys]:
        raise ValueError(
            f"grad: expected grad_outputs of shapes {[y.shape for y in ys]} as the outputs have, "
            f"got {[g.shape for g in seeds]}. Give one per output."
        )
    return seeds


def _check(what: str, variables: list) -> None:
    for x in variables:
        if not isinstance(x, Variable) or x.dtype.kind != "f":
            raise TypeError(
                f"grad: expected {what} to be floating Variables, got {describe(x)}. "
                "A derivative by integers has no meaning; wrap floating arrays in Variable."
            )


def value_and_grad(func: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """Return a function that gives (func(*args), its gradient by the arguments `argnums`).

    Args:
        func: returns one Variable of one element.
        argnums: position of the argument, a tree, to differentiate by, or a tuple of positions.
    Returns:
        Function of the same arguments; the gradient has the form of the argument, zeros where
        func does not depend on it.
    """

    def run(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        positions = argnums if isinstance(argnums, tuple) else (argnums,)
        args = tuple(_fresh(a) if i in positions else a for i, a in enumerate(args))
        chosen = tuple(args[i] for i in positions)
        value = func(*args, **kwargs)
        if value.size != 1:
            raise ValueError(
                f"value_and_grad: expected func to return one element, got {value.shape}. "
                "Sum it, or use jacobian."
            )
        gradient = _grad_or_zeros(value, chosen)
        return value.detach(), gradient if isinstance(argnums, tuple) else gradient[0]

    return run


def vjp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), v^T J) with J the Jacobian: reverse mode.

    Args:
        func, inputs: see the head of this module.
        v: tree like the outputs; ones by default.
        create_graph: make both results differentiable by the Variables in inputs.
    """
    args = _as_args(inputs, create_graph)
    outputs = func(*args)
    result = _grad_or_zeros(outputs, args, v, create_graph=create_graph)
    return _detached(outputs, create_graph), _like(inputs, result)


def jvp(func: Callable, inputs: Any, v: Any, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), J v): the change of the outputs along `v`.

    Args:
        func, inputs: see the head of this module.
        v: tree like inputs, the direction.
        create_graph: make both results differentiable by the Variables in inputs.
    Note: computed as the derivative of u^T J by u, two reverse passes (the "double vjp" trick).
    """
    args = _as_args(inputs, create_graph)
    outputs = func(*args)
    ys = _leaves(outputs)
    us = [Variable(xp(y.data).zeros_like(y.data)) for y in ys]
    gxs = _leaves(_grad_or_zeros(ys, args, us, create_graph=True))
    seeds = [Variable.wrap(as_variable(t)) for t in _leaves(v)]
    result = _grad_or_zeros(gxs, us, seeds, create_graph=create_graph)
    return _detached(outputs, create_graph), _rebuild(outputs, result)


def jacobian(func: Callable, inputs: Any, create_graph: bool = False) -> Any:
    """Return J: for each output, a tree like inputs of arrays of shape output.shape + input.shape.

    Args:
        func, inputs: see the head of this module.
        create_graph: make the result differentiable by the Variables in inputs.
    """
    args = _as_args(inputs, create_graph)
    outputs = func(*args)
    xs = _leaves(args)
    per_output = []
    for y in _leaves(outputs):
        rows = [_row(y, i, xs, create_graph) for i in range(y.size)]
        blocks = []
        for j, x in enumerate(xs):
            parts = [row[j].reshape((1, *x.shape)) for row in rows]
            blocks.append(_concat(parts, x).reshape(y.shape + x.shape))
        per_output.append(_like(inputs, _rebuild(args, blocks)))
    return _rebuild(outputs, per_output)


def _row(y: Variable, i: int, xs: list, create_graph: bool) -> list:
    seed = xp(y.data).zeros(y.size, dtype=y.dtype)
    seed[i] = 1
    seed = Variable.constant(seed.reshape(y.shape))
    return _grad_or_zeros([y], xs, [seed], create_graph=create_graph, retain_graph=True)


def _concat(parts: list, x: Variable) -> Variable:
    return concat(parts, axis=0) if parts else Variable.constant(x.data[None][:0])


def hessian(func: Callable, inputs: Any, create_graph: bool = False) -> Any:
    """Return the second derivatives of a scalar function: the Jacobian of its gradient.

    Args:
        func, inputs: see the head of this module; func returns one element.
        create_graph: make the result differentiable by the Variables in inputs.
    Returns:
        For one Variable of shape S: a Variable of shape S + S. For trees: a tree of such trees.
    """
    return jacobian(_gradient_of(func, inputs), inputs, create_graph)


def hvp(func: Callable, inputs: Any, v: Any, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), H v) with H the Hessian, without forming H.

    Args:
        func, inputs: see the head of this module; func returns one element.
        v: tree like inputs.
        create_graph: make both results differentiable by the Variables in inputs.
    Reference: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
    """
    args = _as_args(inputs, create_graph)
    value = func(*args)
    gradient = _grad_or_zeros(value, args, create_graph=True)
    directions = v if isinstance(inputs, tuple) else (v,)
    result = _grad_or_zeros(gradient, args, directions, create_graph=create_graph)
    return _detached(value, create_graph), _like(inputs, result)


def _gradient_of(func: Callable, inputs: Any) -> Callable:
    def gradient(*args: Any) -> Any:
        return _like(inputs, _grad_or_zeros(func(*args), args, create_graph=True))

    return gradient


def _grad_or_zeros(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    create_graph: bool = False,
    retain_graph: bool | None = None,
) -> Any:
    """Compute `grad` with zeros where an input does not matter, as mathematics has it."""
    xs = _leaves(inputs)
    if any(y.requires_grad for y in _leaves(outputs)):
        gs = grad(
            outputs, xs, grad_outputs, create_graph, retain_graph=retain_graph, allow_unused=True
        )
    else:
        gs = [None] * len(xs)
    filled = [
        Variable.constant(xp(x.data).zeros_like(x.data)) if g is None else g
        for x, g in zip(xs, gs, strict=True)
    ]
    return _rebuild(inputs, filled)


def _as_args(inputs: Any, create_graph: bool) -> tuple:
    args = inputs if isinstance(inputs, tuple) else (inputs,)
    # Fresh Variables, so that neither the caller's graph nor its `.grad` is touched; with
    # create_graph the caller's own, so that it can differentiate by them.
    return tuple(_map(as_variable, a) if create_graph else _fresh(a) for a in args)


def _fresh(tree: Any) -> Any:
    return _map(lambda x: Variable(x.data if isinstance(x, Variable) else x), tree)


def _like(inputs: Any, results: Any) -> Any:
    return results if isinstance(inputs, tuple) else results[0]


def _detached(tree: Any, create_graph: bool) -> Any:
    return tree if create_graph else _map(lambda y: y.detach(), tree)


def _is_container(tree: Any) -> bool:
    return isinstance(tree, list | tuple | dict)


def _leaves(tree: Any) -> list:
    if not _is_container(tree):
        return [tree]
    branches = tree.values() if isinstance(tree, dict) else tree
    return [leaf for branch in branches for leaf in _leaves(branch)]


def _map(func: Callable, tree: Any) -> Any:
    return _rebuild(tree, [func(leaf) for leaf in _leaves(tree)])


def _rebuild(tree: Any, leaves: list) -> Any:
    """Return a tree of the form of `tree` with `leaves` in the order of `_leaves`."""
    remaining = iter(leaves)

    def build(branch: Any) -> Any:
        if isinstance(branch, dict):
            return {key: build(value) for key, value in branch.items()}
        if isinstance(branch, tuple) and hasattr(branch, "_fields"):
            return type(branch)(*[build(value) for value in branch])
        if isinstance(branch, list | tuple):
            return type(branch)([build(value) for value in branch])
        return next(remaining)

    return build(tree)

"""Derivatives as functions: grad, vjp, jvp, jacobian, hessian, hvp, over nested containers.

A *tree* below is a Variable, array or number, or a list, tuple or dict of trees. Where a function
`func` is taken, `inputs` is its one argument, or a plain tuple of all its positional arguments, and
the result has the same form; `func` is differentiated also under no_grad(). Partial derivatives are
by the arguments alone: what else `func` uses, such as the weights of a model, is a constant here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from dezero.backend import xp
from dezero.core import Variable, as_variable, using_config
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
    seeds = _seeds("grad: expected grad_outputs", outputs, ys, grad_outputs)
    roots = [i for i, y in enumerate(ys) if y.requires_grad]
    if not roots:
        raise RuntimeError(
            "grad: expected outputs with a graph, got Variables made under no_grad() or from "
            "constants alone. Wrap the inputs in Variable before computing the outputs."
        )
    found: dict[int, Any] = {}
    wanted = {id(x) for x in xs}

    def watch(y: Variable, gy: Any) -> None:
        if id(y) in wanted:
            found[id(y)] = gy

    keep = create_graph if retain_graph is None else retain_graph
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
    if not allow_unused:
        _check_used(xs, found)
    owned = {id(seed.data) for seed in seeds}
    return _rebuild(inputs, [_result(found.get(id(x)), owned) for x in xs])


def _check_used(xs: list, found: dict[int, Any]) -> None:
    for x in xs:
        if found.get(id(x)) is None:
            raise RuntimeError(
                f"grad: expected outputs that depend on every input, got none for "
                f"{x.name or describe(x)}. Pass allow_unused=True to have None for it."
            )


def _result(g: Any, owned: set[int]) -> Variable | None:
    """Return gradient `g` as a Variable whose array no other result shares."""
    if g is None or isinstance(g, Variable):
        return g
    if getattr(g, "base", None) is not None or id(g) in owned:
        g = g.copy()
    owned.add(id(g))
    return Variable.wrap(g)


def _seeds(expected: str, like: Any, ys: list, tree: Any) -> list:
    """Return a Variable for each of `ys` from a tree of the form of `like`; ones from None.

    `expected` begins the error: who expected what.
    """
    if tree is None:
        return [Variable.constant(xp(y.data).ones_like(y.data)) for y in ys]
    seeds = [Variable.wrap(g) for g in _leaves_like(expected, like, tree)]
    if [g.shape for g in seeds] != [y.shape for y in ys]:
        raise ValueError(
            f"{expected} of shapes {[y.shape for y in ys]}, got {[g.shape for g in seeds]}. "
            "Give an array of the same shape for each."
        )
    return [g if g.dtype == y.dtype else g.astype(y.dtype) for g, y in zip(seeds, ys, strict=True)]


def _check(what: str, variables: list) -> None:
    for x in variables:
        if not isinstance(x, Variable) or x.data is None or x.dtype.kind != "f":
            raise TypeError(
                f"grad: expected {what} to be floating Variables, got {describe(x)}. "
                "Wrap floating arrays in Variable; integers have no derivative."
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

    positions = argnums if isinstance(argnums, tuple) else (argnums,)

    def run(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        chosen = {i: _fresh("value_and_grad", args[i]) for i in _checked(positions, args)}
        filled = [chosen.get(i, a) for i, a in enumerate(args)]
        value = _scalar("value_and_grad", lambda *a: func(*a, **kwargs), filled)
        gradient = _grad_or_zeros(value, tuple(chosen[i % len(args)] for i in positions))
        return value.detach(), gradient if isinstance(argnums, tuple) else gradient[0]

    return run


def _checked(positions: tuple, args: tuple) -> list[int]:
    for i in positions:
        if not isinstance(i, int) or not -len(args) <= i < len(args):
            raise ValueError(
                f"value_and_grad: expected argnums to be positions of {len(args)} arguments, "
                f"got {i!r}. Arguments by keyword are not differentiated by."
            )
    return [i % len(args) for i in positions]


def vjp(func: Callable, inputs: Any, v: Any = None, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), v^T J) with J the Jacobian: reverse mode.

    Args:
        func, inputs: see the head of this module.
        v: tree like the outputs; ones by default.
        create_graph: make both results differentiable by the Variables in inputs.
    """
    args = _as_args("vjp", inputs, create_graph)
    outputs = _call("vjp", func, args)
    seeds = _seeds("vjp: expected v", outputs, _leaves(outputs), v)
    result = _grad_or_zeros(_leaves(outputs), args, seeds, create_graph=create_graph)
    return _detached(outputs, create_graph), _like(inputs, result)


def jvp(func: Callable, inputs: Any, v: Any, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), J v): the change of the outputs along `v`.

    Args:
        func, inputs: see the head of this module.
        v: tree like inputs, the direction.
        create_graph: make both results differentiable by the Variables in inputs.
    Note: computed as the derivative of u^T J by u, two reverse passes (the "double vjp" trick).
    """
    args = _as_args("jvp", inputs, create_graph)
    seeds = _seeds("jvp: expected v", inputs, _leaves(args), v)
    outputs = _call("jvp", func, args)
    ys = _leaves(outputs)
    us = [Variable(xp(y.data).zeros_like(y.data)) for y in ys]
    gxs = _leaves(_grad_or_zeros(ys, args, us, create_graph=True))
    result = _grad_or_zeros(gxs, us, seeds, create_graph=create_graph)
    return _detached(outputs, create_graph), _rebuild(outputs, result)


def jacobian(func: Callable, inputs: Any, create_graph: bool = False) -> Any:
    """Return J: for each output, a tree like inputs of arrays of shape output.shape + input.shape.

    Args:
        func, inputs: see the head of this module.
        create_graph: make the result differentiable by the Variables in inputs.
    """
    return _jacobian("jacobian", func, inputs, create_graph)


def _jacobian(caller: str, func: Callable, inputs: Any, create_graph: bool) -> Any:
    args = _as_args(caller, inputs, create_graph)
    outputs = _call(caller, func, args)
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

    def gradient(*args: Any) -> Any:
        value = _scalar("hessian", func, args)
        return _like(inputs, _grad_or_zeros(value, args, create_graph=True))

    return _jacobian("hessian", gradient, inputs, create_graph)


def hvp(func: Callable, inputs: Any, v: Any, create_graph: bool = False) -> tuple[Any, Any]:
    """Return (func(inputs), H v) with H the Hessian, without forming H.

    Args:
        func, inputs: see the head of this module; func returns one element.
        v: tree like inputs.
        create_graph: make both results differentiable by the Variables in inputs.
    Reference: Pearlmutter 1994, "Fast exact multiplication by the Hessian".
    """
    args = _as_args("hvp", inputs, create_graph)
    directions = _seeds("hvp: expected v", inputs, _leaves(args), v)
    value = _scalar("hvp", func, args)
    gradient = _leaves(_grad_or_zeros(value, args, create_graph=True))
    result = _grad_or_zeros(gradient, args, directions, create_graph=create_graph)
    return _detached(value, create_graph), _like(inputs, result)


def _call(caller: str, func: Callable, args: Any) -> Any:
    with using_config("enable_backprop", True):
        outputs = func(*args)
    for y in _leaves(outputs):
        if not isinstance(y, Variable):
            raise TypeError(
                f"{caller}: expected func to return Variables, got {describe(y)}. "
                "Compute with dezero's functions, and return Variable.constant(...) for constants."
            )
    return outputs


def _scalar(caller: str, func: Callable, args: Any) -> Variable:
    value = _call(caller, func, args)
    if not isinstance(value, Variable) or value.size != 1:
        raise ValueError(
            f"{caller}: expected func to return one element, got {describe(value)}. "
            "Sum it, or use jacobian."
        )
    return value


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


def _as_args(caller: str, inputs: Any, create_graph: bool) -> tuple:
    args = inputs if type(inputs) is tuple else (inputs,)
    return tuple(_fresh(caller, a, create_graph) for a in args)


def _fresh(caller: str, tree: Any, create_graph: bool = False) -> Any:
    """Return `tree` with Variables of its own, computed from the caller's if `create_graph`.

    So neither the caller's graph nor its `.grad` is touched, and an array that comes twice, or is
    used by the function besides, is told from the argument.
    """

    def own(leaf: Any) -> Variable:
        x = as_variable(leaf)
        if x.data is None or x.dtype.kind != "f":
            raise TypeError(
                f"{caller}: expected floating inputs, got {describe(leaf)}. "
                "A derivative by integers has no meaning; convert them first."
            )
        if create_graph and x.requires_grad:
            with using_config("enable_backprop", True):
                return x * 1
        return Variable(x.data)

    return _map(own, tree)


def _like(inputs: Any, results: Any) -> Any:
    return results if type(inputs) is tuple else results[0]


def _detached(tree: Any, create_graph: bool) -> Any:
    return tree if create_graph else _map(lambda y: y.detach(), tree)


def _is_container(tree: Any) -> bool:
    return isinstance(tree, list | tuple | dict)


def _leaves(tree: Any) -> list:
    if not _is_container(tree):
        return [tree]
    branches = tree.values() if isinstance(tree, dict) else tree
    return [leaf for branch in branches for leaf in _leaves(branch)]


def _leaves_like(expected: str, like: Any, tree: Any) -> list:
    """Return the leaves of `tree` in the order of those of `like`, which has the same form."""
    if isinstance(like, dict):
        fits = isinstance(tree, dict) and tree.keys() == like.keys()
        pairs = [(like[key], tree[key]) for key in like] if fits else []
    elif _is_container(like):
        fits = isinstance(tree, list | tuple) and len(tree) == len(like)
        pairs = list(zip(like, tree, strict=True)) if fits else []
    else:
        fits, pairs = not isinstance(tree, dict | tuple), []
        if fits:
            return [tree]
    if not fits:
        raise ValueError(
            f"{expected} of the form of {_form(like)}, got {_form(tree)}. "
            "Use the same keys and lengths."
        )
    return [leaf for one, other in pairs for leaf in _leaves_like(expected, one, other)]


def _form(tree: Any) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_form(v)}" for key, v in tree.items()) + "}"
    if isinstance(tree, list | tuple):
        return "[" + ", ".join(_form(v) for v in tree) + "]"
    return "*"


def _map(func: Callable, tree: Any) -> Any:
    return _rebuild(tree, [func(leaf) for leaf in _leaves(tree)])


def _rebuild(tree: Any, leaves: list) -> Any:
    """Return a tree of the form of `tree` with `leaves` in the order of `_leaves`."""
    return _build(tree, iter(leaves))


def _build(tree: Any, leaves: Iterator) -> Any:
    # Not a function inside `_rebuild`: by naming itself it would keep the leaves from being freed.
    if isinstance(tree, dict):
        return {key: _build(value, leaves) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[_build(value, leaves) for value in tree])
    if isinstance(tree, list | tuple):
        return type(tree)([_build(value, leaves) for value in tree])
    return next(leaves)

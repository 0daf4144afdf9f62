"""Reverse-mode differentiation: one loop over the functions that made the result.

Functions are taken from a heap by generation, the latest first, so that a function is run only
when every gradient of its outputs has arrived: a variable used twice must have both contributions
added before they travel further back. A heap makes the cost n log n, and no recursion means that
depth is bounded by memory alone.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any
from weakref import ref

from dezero.backend import expect_unedited
from dezero.core.config import STATE, Config, State
from dezero.core.hooks import read_only, run_hooks


def backprop(
    roots: list,
    seeds: list,
    *,
    create_graph: bool = False,
    watch: Callable[[Any, Any], None] | None = None,
    release: tuple = (),
) -> dict:
    """Send `seeds` back from `roots` and return {leaf Variable: gradient}.

    Args:
        roots: Variables to start from.
        seeds: their gradients, arrays; Variables if `create_graph`.
        create_graph: compute gradients as Variables that can be differentiated again.
        watch: called with each Variable that a function made, and its finished gradient.
        release: functions that let their inputs go once they are used. What nobody else holds
            dies with them, step by step; what you still hold a Variable of stays whole.
    Returns:
        dict from Variable to array, or to Variable if `create_graph`.
    Raises:
        RuntimeError: a part of the graph was used up by an earlier backward.
        ValueError, TypeError: a `backward` returned gradients of wrong number, shape or kind.
    """
    gradients, heap, seen, add = _frontier()
    trail: list = []
    hooks = STATE.get().hooks
    # One record for another: a `with` block would cost as much as a function's backward.
    token = STATE.set(State(create_graph, *STATE.get()[1:]))
    try:
        for root, seed in zip(roots, seeds, strict=True):
            add(root, seed)
        while heap:
            function = heappop(heap)[2]
            # It cannot come again, and kept here it would hold its inputs to the end.
            seen.discard(function)
            gxs = _local_gradients(function, gradients, create_graph, hooks, watch)
            inputs = []
            for x, gx in zip(function.inputs, gxs, strict=True):
                data = x.data
                shape, dtype = (None, None) if data is None else (data.shape, data.dtype)
                inputs.append((ref(x), x.name, shape, dtype))
                if gx is not None and x.requires_grad:
                    if gx.shape != shape or gx.dtype is not dtype:
                        gx = _checked(function, x, gx)
                    add(x, gx)
            # No array, but all that a drawing or unchain_backward asks of what was let go.
            trail.append((type(function), function.outputs, inputs))
            if function in release:
                function.inputs, function.trail = (), trail
    finally:
        STATE.reset(token)
    return gradients


def _local_gradients(
    function: Any, gradients: dict, create_graph: bool, hooks: tuple, watch: Any
) -> tuple:
    """Take the gradients of the outputs out of the table and return those of the inputs."""
    if function.trail is not None:
        raise RuntimeError(_CONSUMED)
    # `ys` keeps the outputs alive: functions may ask for them through `outputs[0]()`.
    ys = [output() for output in function.outputs]
    gys = [gradients.pop(y, None) for y in ys]
    if function.marks:
        expect_unedited(function)
    if watch is not None or len(ys) > 1 or ys[0].hooks:
        _complete(function, ys, gys, create_graph, watch)
    try:
        if create_graph or hooks or function.hooks or function.fast_backward is None:
            gxs = _call_backward(function, gys, create_graph, (*hooks, *function.hooks))
        else:
            gxs = function.fast_backward(*gys)
    except Exception as error:
        function.explain_backward(error, gys)
        raise
    if type(gxs) is tuple and len(gxs) == len(function.inputs):
        return gxs
    return _one_per_input(function, gxs)


def _frontier() -> tuple[dict, list, set, Callable[[Any, Any], None]]:
    """Return arrived gradients, the heap of functions to run, the set of those, and how to add."""
    gradients: dict = {}
    heap: list = []
    seen: set = set()
    tie = count()

    def add(x: Any, gx: Any) -> None:
        gradients[x] = gradients[x] + gx if x in gradients else gx
        creator = x.creator
        if creator is not None and creator not in seen:
            seen.add(creator)
            heappush(heap, (-creator.generation, next(tie), creator))

    return gradients, heap, seen, add


def _complete(function: Any, ys: list, gys: list, create_graph: bool, watch: Any) -> None:
    """Finish `gys` in place: fill gaps, run the hooks of `ys`, tell `watch`."""
    for i, y in enumerate(ys):
        if gys[i] is None:
            gys[i] = _zeros(function, i, create_graph)
        elif y.hooks:
            gys[i] = run_variable_hooks(y, gys[i])
        if watch is not None and y is not None:
            watch(y, gys[i])


_CONSUMED = (
    "backward: expected a graph that is still whole, but an earlier backward used it up and let "
    "its arrays go. Compute the result anew, or call the first backward with retain_graph=True."
)


def run_variable_hooks(x: Any, gx: Any) -> Any:
    """Give gradient `gx` of `x` to its hooks in order; each may return another in its place."""
    for hook in list(x.hooks):
        result = hook(gx if hasattr(gx, "creator") else x.constant(read_only(gx)))
        if result is not None:
            result = x.wrap(result)
            if result.shape != x.shape:
                raise ValueError(
                    f"register_hook: expected a gradient of shape {x.shape} from the hook, "
                    f"got {result.shape}. Return None to leave the gradient as it is."
                )
            if result.dtype != gx.dtype:
                result = result.astype(gx.dtype)
            gx = result if hasattr(gx, "creator") else result.data
    return gx


def _call_backward(function: Any, gys: list, create_graph: bool, hooks: tuple) -> tuple:
    if hooks:
        run_hooks(hooks, "backward_pre", function, gys)
    if create_graph:
        gxs = _one_per_input(function, function.backward(*gys))
        _check_differentiable(function, gys, gxs)
    elif function.fast_backward is not None:
        gxs = _one_per_input(function, function.fast_backward(*gys))
    else:
        variable = function.variable
        gxs = function.backward(*[variable.constant(gy) for gy in gys])
        gxs = tuple(
            gx.data if isinstance(gx, variable) else gx for gx in _one_per_input(function, gxs)
        )
    if hooks:
        run_hooks(hooks, "backward_post", function, gys, gxs)
    return gxs


def _one_per_input(function: Any, gxs: Any) -> tuple:
    gxs = tuple(gxs) if isinstance(gxs, tuple | list) else (gxs,)
    if len(gxs) != len(function.inputs):
        raise ValueError(
            f"{type(function).__name__}.backward: expected one gradient for each of "
            f"{len(function.inputs)} inputs, got {len(gxs)}. Return None where there is none."
        )
    for gx in gxs:
        if gx is not None and not hasattr(gx, "shape"):
            raise TypeError(
                f"{type(function).__name__}.backward: expected an array or Variable as gradient, "
                f"got {type(gx).__name__}. Return one per input."
            )
    return gxs


def _check_differentiable(function: Any, gys: list, gxs: Any) -> None:
    # A fresh Variable in place of a computed one cuts the second derivative off without a word.
    known = [*gys, *function.inputs, *(output() for output in function.outputs)]
    for x, gx in zip(function.inputs, gxs, strict=True):
        if gx is None or not x.requires_grad:
            continue
        is_variable = isinstance(gx, function.variable)
        fresh = is_variable and gx.creator is None and gx.requires_grad
        if not is_variable or (fresh and not any(gx is v for v in known)):
            raise RuntimeError(
                f"{type(function).__name__}.backward: expected Variables computed by dezero "
                "functions, since create_graph=True asks for a second derivative, got "
                f"{'a new Variable' if is_variable else type(gx).__name__}. "
                "Write backward on Variables, without .data."
            )


def _checked(function: Any, x: Any, gx: Any) -> Any:
    if gx.shape != x.shape:
        raise ValueError(
            f"{type(function).__name__}.backward: expected a gradient of shape {x.shape} as its "
            f"input has, got {gx.shape}. Undo broadcasting with sum_to."
        )
    # The gradient of integer data is floating; all else has the dtype of its data.
    if gx.dtype == x.dtype or (x.dtype.kind != "f" and gx.dtype.kind == "f"):
        return gx
    return gx.astype(x.dtype if x.dtype.kind == "f" else Config.dtype)


def _zeros(function: Any, i: int, create_graph: bool) -> Any:
    zeros = function.zeros_like_output(i)
    return function.variable.constant(zeros) if create_graph else zeros

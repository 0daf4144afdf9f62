"""What the suite does to one spec. Each check raises AssertionError; `test_specs.py` calls them."""

import contextlib
import contextvars
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dezero.backend import Backend, backend_of, no_sync
from dezero.core import Config, Variable
from dezero.testing import check_grads
from tests.spec_draw import (
    bind,
    call,
    check_same,
    draw,
    draw_integers,
    gradients,
    is_differentiable,
    locked,
    moved,
    seeds_for,
)
from tests.specs import Spec

# What cannot be computed without a look at values: a mask picks as many elements as it has True,
# paths through labels are laid on the host, an assignment by index needs each once.
WAITING = (
    "ctc_loss", "get_item-index-13", "get_item-index-14", "sequence_mask-int64[2, 1]", "set_item",
)  # fmt: skip


def check_value(spec: Spec) -> None:
    """Results agree with the oracle in every dtype, which is kept, by gradients too."""
    if spec.needs:
        pytest.importorskip(spec.needs)
    drawn = draw(spec)
    for dtype in spec.dtypes:
        arrays = [a.astype(dtype) for a in drawn]
        ys = call(spec, locked(arrays))
        for y in ys:
            assert isinstance(y, Variable), f"expected Variables, got {type(y).__name__}"
        if spec.oracle is not None:
            wide = [a.astype(np.float64) for a in arrays]
            _compare_with_oracle(spec, ys, wide, dtype)
        if is_differentiable(spec):
            _check_dtypes(spec, arrays, dtype)


def _compare_with_oracle(spec: Spec, ys: list, arrays: list, precision: str) -> None:
    expected = spec.oracle(*bind(spec, arrays))
    expected = list(expected) if isinstance(expected, list | tuple) else [expected]
    assert len(ys) == len(expected), f"expected {len(expected)} results, got {len(ys)}"
    for i, (y, e) in enumerate(zip(ys, expected, strict=True)):
        check_same(y, np.asarray(e), f"result {i} in {precision} against the oracle", precision)


def _check_dtypes(spec: Spec, arrays: list, dtype: str) -> None:
    xs = locked(arrays, dtype)
    ys = [y for y in call(spec, xs) if y.requires_grad]
    wanted = np.dtype(spec.out_dtype or dtype)
    for y in ys:
        assert y.dtype == wanted, f"expected the result in {wanted} for {dtype}, got {y.dtype}"
    for create_graph in (False, True):
        for gx in gradients(ys, xs, seeds_for(ys), create_graph=create_graph):
            got = dtype if gx is None else gx.dtype
            assert got == dtype, f"expected the gradient in {dtype}, got {got}"


def check_integers(spec: Spec) -> None:
    """Integer inputs give the oracle's values, as integers or in Config.dtype; gradients float."""
    arrays = draw_integers(spec)
    if arrays is None:
        return
    xs = locked(arrays)
    if spec.integers is not True:
        with pytest.raises(spec.integers):
            call(spec, xs)
        return
    ys = call(spec, xs)
    if spec.oracle is not None and spec.needs is None:
        _compare_with_oracle(spec, ys, [x.data.astype(np.float64) for x in xs], "float32")
    if spec.out_dtype is None:
        # Integers beside a floating constant take its dtype, alone Config.dtype.
        beside = {c.dtype for c in _arrays_in(spec.args) if c.dtype.kind == "f"}
        for y in ys:
            assert y.dtype.kind in "biu" or y.dtype in (beside or {np.dtype(Config.dtype)}), (
                f"expected {np.dtype(Config.dtype)} from integers, got {y.dtype}"
            )
    if is_differentiable(spec):
        for y in ys:
            if y.requires_grad:
                y.backward(retain_graph=True)
        for gx in (x.grad for x in xs):
            assert gx is None or gx.dtype.kind == "f", f"expected a floating gradient, got {gx}"


def _arrays_in(x: Any) -> list:
    if isinstance(x, tuple | list):
        return [a for v in x for a in _arrays_in(v)]
    # NumPy's scalars are weak, as Python's are.
    return [x] if isinstance(x, np.ndarray | Variable) else []


def check_order_1(spec: Spec) -> None:
    """`backward` agrees with finite differences, and with itself when only some inputs ask."""
    arrays = draw(spec)
    check_grads(_as_function(spec), *arrays, order=1)
    whole = _first(spec, locked(arrays))
    for i in range(len(arrays) if len(arrays) > 1 else 0):
        xs = locked(arrays)
        for j, x in enumerate(xs):
            x.requires_grad = i == j
        for create_graph in (False, True):
            part = _first(spec, xs, create_graph=create_graph)
            check_same(part[i], whole[i], f"gradient {i} with the other inputs constant")


def check_order_2(spec: Spec) -> None:
    """The derivative of `backward`, by the inputs and by gy, agrees with finite differences."""
    check_grads(_as_function(spec), *draw(spec), order=2)


def check_untouched(spec: Spec) -> None:
    """Neither inputs nor gy change, and what `backward` is told apart from the arrays' layout."""
    arrays = draw(spec)
    values = [np.array(a) for a in arrays]
    xs = locked(arrays)
    ys = [y for y in call(spec, xs) if y.requires_grad]
    gys = seeds_for(ys)
    before = [np.array(gy.data) for gy in gys]
    for create_graph in (False, True):
        gradients(ys, xs, gys, create_graph=create_graph)
    for x, value in zip(xs, values, strict=True):
        np.testing.assert_array_equal(x.data, value, err_msg="an input was written to")
    for gy, value in zip(gys, before, strict=True):
        np.testing.assert_array_equal(gy.data, value, err_msg="gy was written to")


def check_layouts(spec: Spec) -> None:
    """Negative strides, gaps and column order give the same result and gradient."""
    arrays = draw(spec)
    plain = locked(arrays)
    expected = call(spec, plain)
    wanted = _first(spec, plain) if is_differentiable(spec) else []
    for layout in (_backwards, _columns):
        xs = [Variable(layout(a)) for a in arrays]
        for x in xs:
            x.data.setflags(write=False)
        for y, e in zip(call(spec, xs), expected, strict=True):
            check_same(y, e, f"result for {layout.__name__} inputs")
        for gx, e in zip(_first(spec, xs) if wanted else [], wanted, strict=True):
            check_same(gx, e, f"gradient for {layout.__name__} inputs")


def _backwards(x: np.ndarray) -> np.ndarray:
    room = np.zeros([2 * size for size in x.shape], x.dtype)
    view = room[(slice(None, None, -2),) * x.ndim] if x.ndim else room
    view[...] = x
    return view


def _columns(x: np.ndarray) -> np.ndarray:
    return np.array(x, order="F")


def check_variants(spec: Spec) -> None:
    """An elementwise function takes 0-d, empty and size-1 inputs, and so does its gradient."""
    for shape in ((), (0,), (2, 0, 3), (1,), (1, 1, 1)):
        arrays = draw(spec, shape=shape)
        xs = locked(arrays)
        ys = call(spec, xs)
        for y in ys:
            assert y.shape == shape, f"expected shape {shape}, got {y.shape}"
            assert isinstance(y.data, np.ndarray), f"expected an array, got {type(y.data)}"
        if spec.oracle is not None and spec.needs is None:
            _compare_with_oracle(spec, ys, arrays, "float64")
        if is_differentiable(spec):
            for gx in _first(spec, xs):
                assert gx is None or gx.shape == shape, f"expected {shape}, got {gx.shape}"
            if shape == ():
                check_grads(_as_function(spec), *arrays)


def check_fast_backward(spec: Spec) -> None:
    """`fast_backward` gives the gradients of `backward`, in first and second order."""
    for dtype in ("float64", "float32"):
        if dtype not in spec.dtypes:
            continue
        xs = locked(draw(spec), dtype)
        ys = [y for y in call(spec, xs) if y.requires_grad]
        gys = seeds_for(ys)
        slow = gradients(ys, xs, gys, create_graph=True)
        fast = gradients(ys, xs, gys)
        for i, (a, b) in enumerate(zip(fast, slow, strict=True)):
            check_same(a, b, f"fast_backward against backward, input {i}, {dtype}", dtype)
        if len(ys) == 1 and ys[0].shape == ():
            # Half of it: what comes back to the function may be a number of NumPy's, no array.
            for i, (a, b) in enumerate(zip(gradients([ys[0] * 0.5], xs, gys), slow, strict=True)):
                half = None if b is None else b * 0.5
                check_same(a, half, f"fast_backward of half a result, input {i}, {dtype}", dtype)
        slow = [gx for gx in slow if gx is not None]
        ggs, at = seeds_for(slow), [*xs, *gys]
        fast = gradients(slow, at, ggs)
        slow = gradients(slow, at, ggs, create_graph=True)
        for i, (a, b) in enumerate(zip(fast, slow, strict=True)):
            check_same(a, b, f"fast_backward against backward, order 2, {i}, {dtype}", dtype)


# Drawn in float32 for all dtypes, by a logarithm and a cosine that differ in their last bit.
DRAWN = "gaussian_noise", "gaussian_dropout", "redrawn_noise"


def check_device(spec: Spec, backend: Backend, dtype: str = "float64") -> None:
    """Value, first and second order on another device are those of NumPy, and stay there.

    And the host never waits for a value of the device, but in the specs that `WAITING` names.
    """

    def move(x: Any) -> Any:
        return moved(x, backend.from_host)

    arrays = [a.astype(dtype) for a in draw(spec)]
    there = [Variable(move(a)) for a in arrays]
    with contextlib.nullcontext() if spec.id.startswith(WAITING) else no_sync():
        found = _all_orders(spec, there, move)
    results = zip(found, _all_orders(spec, locked(arrays)), strict=True)
    precision = "float32" if spec.id.startswith(DRAWN) else dtype
    for i, (got, expected) in enumerate(results):
        if got is not None:
            owner = backend_of(got.data).name
            assert owner == backend.name, f"result {i}: expected it on {backend.name}, got {owner}"
        check_same(got, expected, f"{i} on {backend.name} in {dtype}", precision)


def check_nothing_is_sent(spec: Spec, backend: Backend) -> None:
    """After `check_device` all constants are there: nothing crosses, in either direction."""

    def move(x: Any) -> Any:
        # What the test itself sends, in a context where that is allowed.
        return contextvars.Context().run(moved, x, backend.from_host)

    there = [Variable(move(a)) for a in draw(spec)]
    with contextlib.nullcontext() if spec.id.startswith(WAITING) else no_sync(sending=False):
        _all_orders(spec, there, move)


def _all_orders(spec: Spec, xs: list, move: Callable[[Any], Any] = lambda x: x) -> list:
    """Return values, gradients (fast and not) and second gradients, one after the other."""
    ys = call(spec, xs, move)
    if not is_differentiable(spec):
        return ys
    rooted = [y for y in ys if y.requires_grad]
    gys = [move(gy) for gy in seeds_for(rooted)]
    gxs = gradients(rooted, xs, gys, create_graph=True)
    roots = [gx for gx in gxs if gx is not None]
    ggs = [move(gg) for gg in seeds_for(roots)]
    second = gradients(roots, [*xs, *gys], ggs)
    return [*ys, *gxs, *gradients(rooted, xs, gys), *second]


def check_no_gradient(spec: Spec) -> None:
    """A nondifferentiable function returns constants."""
    for y in call(spec, locked(draw(spec))):
        assert not y.requires_grad, "expected a constant: Variable.constant(array)"


def _as_function(spec: Spec) -> Callable[..., Any]:
    def function(*xs: Variable) -> list[Variable]:
        return call(spec, list(xs))

    function.__name__ = spec.id
    return function


def _first(spec: Spec, xs: list[Variable], create_graph: bool = False) -> list:
    ys = [y for y in call(spec, xs) if y.requires_grad]
    return gradients(ys, xs, seeds_for(ys), create_graph=create_graph)

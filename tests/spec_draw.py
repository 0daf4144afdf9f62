"""Draws a spec's arrays and makes its call; what checks share."""

import contextlib
import copy
import math
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dezero.autograd import grad
from dezero.backend import random, to_host
from dezero.backend.philox import Stream
from dezero.core import Config, Variable
from dezero.core.registry import NONDIFFERENTIABLE
from tests.specs import Const, Spec, is_shape

RTOL = {"float64": 1e-9, "float32": 2e-4, "float16": 5e-2}
ATOL = {"float64": 1e-12, "float32": 1e-5, "float16": 5e-2}


def is_differentiable(spec: Spec) -> bool:
    return spec.func not in NONDIFFERENTIABLE.values()


def draw(spec: Spec, *, shape: Any = None) -> list[np.ndarray]:
    """Return the spec's random arrays in order; every `shape` replaced if one is given."""
    rng = np.random.default_rng(zlib.crc32(spec.id.encode()))
    for _ in range(100):
        arrays = [
            source.draw(size if shape is None else shape) for source, size in _slots(spec, rng)
        ]
        if not callable(spec.kinks) or np.min(spec.kinks(*arrays), initial=1.0) > 1e-2:
            return arrays
    raise ValueError(f"spec {spec.id}: expected draws away from kinks, got none in 100.")


def draw_integers(spec: Spec) -> list[np.ndarray] | None:
    """Return integer arrays in the spec's range, or None where it holds no integer."""
    rng = np.random.default_rng(zlib.crc32(spec.id.encode()))
    slots = [(source._replace(integers=True), size) for source, size in _slots(spec, rng)]
    if any(source.whole_numbers().size == 0 for source, _ in slots):
        return None
    return [source.draw(size) for source, size in slots]


def _slots(spec: Spec, rng: np.random.Generator) -> list[tuple["_Source", tuple]]:
    slots = []
    for i, arg in enumerate(arg for arg in spec.args if not isinstance(arg, Const)):
        shapes = [arg] if is_shape(arg) else arg
        if not isinstance(shapes, list) or not all(is_shape(s) for s in shapes):
            raise TypeError(f"spec {spec.id}: expected shapes or const(...), got {arg!r}.")
        source = _Source(rng, _bound(spec.low, i), _bound(spec.high, i), spec.kinks, False)
        slots += [(source, size) for size in shapes]
    return slots


def _bound(bound: Any, i: int) -> float:
    return bound if isinstance(bound, int | float) else bound[i]


class _Source(NamedTuple):
    rng: np.random.Generator
    low: float
    high: float
    kinks: Any
    integers: bool

    def near_kink(self, x: np.ndarray) -> np.ndarray:
        kinks = () if callable(self.kinks) else self.kinks
        near = np.zeros(x.shape, bool)
        for kink in kinks:
            near |= np.abs(x - kink) < 2e-2 * max(1.0, abs(kink))
        return near

    def whole_numbers(self) -> np.ndarray:
        whole = np.arange(math.ceil(self.low), math.floor(self.high) + 1)
        return whole[~self.near_kink(whole)]

    def draw(self, shape: Any) -> np.ndarray:
        if self.integers:
            return np.asarray(self.rng.choice(self.whole_numbers(), shape))
        x = np.asarray(self.rng.uniform(self.low, self.high, shape))
        for _ in range(1000):
            near = self.near_kink(x)
            if not near.any():
                return x
            x[near] = self.rng.uniform(self.low, self.high, int(near.sum()))
        raise ValueError(f"spec: expected draws away from kinks, got none in {self}.")


def bind(spec: Spec, values: list, move: Callable[[Any], Any] = lambda x: x) -> list:
    """Return the call's arguments: `values` in place of the shapes, constants through `move`."""
    left = iter(values)
    args = []
    for arg in spec.args:
        if isinstance(arg, Const):
            args.append(move(arg.value))
        elif is_shape(arg):
            args.append(next(left))
        else:
            args.append([next(left) for _ in arg])
    return args


def call(spec: Spec, values: list, move: Callable[[Any], Any] = lambda x: x) -> list[Variable]:
    """Return the list of results, with the library's generator in a fixed state meanwhile."""
    args = [_fresh(arg) for arg in bind(spec, values, move)]
    kwargs = {name: _fresh(move(value)) for name, value in spec.kwargs.items()}
    with seeded():
        ys = spec.func(*args, **kwargs)
    return list(ys) if isinstance(ys, list | tuple) else [ys]


def _fresh(x: Any) -> Any:
    # Each call of a spec draws the same numbers.
    return copy.deepcopy(x) if isinstance(x, np.random.Generator | Stream) else x


def moved(x: Any, from_host: Callable[[np.ndarray], Any]) -> Any:
    """Return `x` with every NumPy array and Variable in it on another device."""
    if isinstance(x, np.ndarray):
        return from_host(x)
    if isinstance(x, Variable):
        return Variable(from_host(x.data)) if x.requires_grad else x.constant(from_host(x.data))
    if type(x) in (tuple, list):
        return type(x)(moved(v, from_host) for v in x)
    if type(x) is dict:
        return {k: moved(v, from_host) for k, v in x.items()}
    return x


@contextlib.contextmanager
def seeded() -> Iterator[None]:
    """Have the library draw the same numbers in every such block."""
    outer = random._generator.get(), random._stream.get()
    random.seed(0)
    try:
        yield
    finally:
        random._generator.set(outer[0])
        random._stream.set(outer[1])


def locked(arrays: list[np.ndarray], dtype: Any = None) -> list[Variable]:
    """Return Variables around read-only copies: whoever writes to them raises."""
    variables = [Variable(np.array(a, dtype=dtype)) for a in arrays]
    for x in variables:
        x.data.setflags(write=False)
    return variables


def seeds_for(ys: list[Variable]) -> list[Variable]:
    rng = np.random.default_rng(1)
    dtypes = [y.dtype if y.dtype.kind == "f" else np.dtype(Config.dtype) for y in ys]
    drawn = [np.asarray(rng.standard_normal(y.shape)) for y in ys]
    return [v for g, d in zip(drawn, dtypes, strict=True) for v in locked([g], d)]


def gradients(ys: list, xs: list, gys: list, *, create_graph: bool = False) -> list:
    """Return the gradients of sum(y * gy) by each of `xs`, None where there is none."""
    if not ys:
        return [None] * len(xs)
    return grad(ys, xs, gys, create_graph, retain_graph=True, allow_unused=True)


def host(x: Any) -> np.ndarray | None:
    return None if x is None else to_host(x.data if isinstance(x, Variable) else x)


def check_same(got: Any, expected: Any, what: str, precision: str = "float64") -> None:
    got, expected = host(got), host(expected)
    if got is None or expected is None:
        # No gradient and a gradient of zeros say the same.
        rest = expected if got is None else got
        assert rest is None or not np.any(rest), f"{what}: expected {expected}, got {got}"
        return
    assert got.shape == np.shape(expected), f"{what}: shape {np.shape(expected)}, got {got.shape}"
    np.testing.assert_allclose(
        got, expected, rtol=RTOL[precision], atol=ATOL[precision], err_msg=what
    )

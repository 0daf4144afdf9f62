"""Draws a spec's arrays and makes its call; what checks share."""

import contextlib
import math
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dezero.backend import random, to_host
from dezero.core import Config, Variable
from dezero.core.registry import NONDIFFERENTIABLE
from tests.specs import Const, Spec, is_shape

RTOL = {"float64": 1e-9, "float32": 2e-4, "float16": 5e-2}
ATOL = {"float64": 1e-12, "float32": 1e-5, "float16": 5e-2}


def is_differentiable(spec: Spec) -> bool:
    return spec.func not in NONDIFFERENTIABLE.values()


def draw(spec: Spec, *, integers: bool = False, shape: Any = None) -> list[np.ndarray]:
    """Return the spec's random arrays in order; every `shape` replaced if one is given."""
    rng = np.random.default_rng(zlib.crc32(spec.id.encode()))
    slots = [arg for arg in spec.args if not isinstance(arg, Const)]
    for _ in range(100):
        arrays = []
        for i, arg in enumerate(slots):
            shapes = [arg] if is_shape(arg) else arg
            if not isinstance(shapes, list) or not all(is_shape(s) for s in shapes):
                raise TypeError(f"spec {spec.id}: expected shapes or const(...), got {arg!r}.")
            source = _Source(rng, _bound(spec.low, i), _bound(spec.high, i), integers)
            for size in shapes:
                arrays.append(source.draw(size if shape is None else shape))
                if not callable(spec.kinks):
                    source.redraw(arrays[-1], spec.kinks)
        # Integers lie on kinks by nature; nobody takes differences there.
        if integers or not callable(spec.kinks) or np.min(spec.kinks(*arrays), initial=1.0) > 1e-2:
            return arrays
    raise ValueError(f"spec {spec.id}: expected draws away from kinks, got none in 100.")


def _bound(bound: Any, i: int) -> float:
    return bound if isinstance(bound, int | float) else bound[i]


class _Source(NamedTuple):
    rng: np.random.Generator
    low: float
    high: float
    integers: bool

    def draw(self, shape: Any) -> np.ndarray:
        if self.integers:
            low, high = math.ceil(self.low), math.floor(self.high)
            return np.asarray(self.rng.integers(low, high, shape, endpoint=True))
        return np.asarray(self.rng.uniform(self.low, self.high, shape))

    def redraw(self, x: np.ndarray, kinks: Any) -> None:
        """Draw anew, in place, what lies near a kink."""
        for _ in range(1000):
            near = np.zeros(x.shape, bool)
            for kink in kinks:
                near |= np.abs(x - kink) < 2e-2 * max(1.0, abs(kink))
            if not near.any():
                return
            x[near] = self.draw(int(near.sum()))
        raise ValueError(f"spec: expected draws away from kinks {kinks}, got none in {self}.")


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
    kwargs = {name: move(value) for name, value in spec.kwargs.items()}
    with seeded():
        ys = spec.func(*bind(spec, values, move), **kwargs)
    return list(ys) if isinstance(ys, list | tuple) else [ys]


@contextlib.contextmanager
def seeded() -> Iterator[None]:
    state = random.get_state()
    random.seed(0)
    try:
        yield
    finally:
        random.set_state(state)


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

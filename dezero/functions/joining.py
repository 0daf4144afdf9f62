"""Functions that join, cut, repeat, pad and turn arrays."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Function, Variable, differentiable
from dezero.core.errors import lookup
from dezero.core.registry import NUMPY_NAMES
from dezero.functions.indexing import get_item
from dezero.functions.placing import kept
from dezero.functions.shape import (
    Axis,
    broadcast_to,
    expand_dims,
    normal_axes,
    normal_axis,
    ravel,
    reshape,
)

__all__ = [
    "Concat",
    "Flip",
    "Pad",
    "Roll",
    "Split",
    "concat",
    "flip",
    "hstack",
    "pad",
    "repeat",
    "roll",
    "split",
    "stack",
    "tile",
    "vstack",
]


def cut(axis: int, start: Any, stop: Any) -> tuple:
    """Return the index of a range along `axis`."""
    return (*(slice(None),) * axis, slice(start, stop))


class Concat(Function, uses_inputs=False):
    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, *xs: Any) -> Any:
        floats = [x.dtype for x in xs if x.dtype.kind == "f"]
        if floats and len(floats) < len(xs):
            # NumPy would widen float32 beside int64 to float64.
            dtype = xp(xs[0]).result_type(*floats)
            xs = tuple(x.astype(dtype) if x.dtype.kind in "biu" else x for x in xs)
        try:
            return xp(xs[0]).concatenate(xs, axis=self.axis)
        except ValueError as error:
            shapes = ", ".join(str(x.shape) for x in xs)
            raise ValueError(
                f"concat: expected shapes that are equal except along axis {self.axis}, "
                f"got {shapes}. Reshape them first, or choose another axis."
            ) from error

    def _ends(self) -> list[int]:
        return list(accumulate(x.data.shape[self.axis] for x in self.inputs))

    def backward(self, gy: Variable) -> tuple:
        return tuple(split(gy, self._ends()[:-1], self.axis))

    def fast_backward(self, gy: Any) -> tuple:
        ends = self._ends()
        return tuple(
            gy[cut(self.axis, start, stop)] for start, stop in zip([0, *ends], ends, strict=False)
        )


@differentiable
def concat(xs: Sequence[Any], axis: int | None = 0) -> Variable:
    """Join arrays along an axis they have.

    Args:
        xs: Variables or arrays whose shapes are equal except along axis.
        axis: int, negative counted from the last; None joins them flattened.
    Returns:
        Variable; integers beside floats take the floats' dtype.
    Raises:
        ValueError: xs is empty, or the shapes do not fit.
    """
    variables = _several(xs, "concat")
    if axis is None:
        return Concat(0)(*(ravel(x) for x in variables))
    return Concat(normal_axis(axis, variables[0].ndim, "concat"))(*variables)


NUMPY_NAMES["concatenate"] = "concat"


def _several(xs: Sequence[Any], name: str) -> list[Variable]:
    variables = [Variable.wrap(x) for x in xs]
    if not variables:
        raise ValueError(f"{name}: expected at least one array, got none. Check the list.")
    return variables


@differentiable
def stack(xs: Sequence[Any], axis: int = 0) -> Variable:
    """Join arrays along a new axis.

    Args:
        xs: Variables or arrays of one shape.
        axis: place of the new axis in the result, negative counted from its last axis.
    Returns:
        Variable with one axis more.
    Raises:
        ValueError: xs is empty, or the shapes differ.
    """
    variables = _several(xs, "stack")
    shapes = [x.shape for x in variables]
    if any(shape != shapes[0] for shape in shapes):
        raise ValueError(
            f"stack: expected equal shapes, got {', '.join(map(str, shapes))}. "
            "Use concat to join arrays along an axis they have."
        )
    return concat([expand_dims(x, axis) for x in variables], axis)


@differentiable
def vstack(xs: Sequence[Any]) -> Variable:
    """Join arrays as rows, along axis 0; arguments as in `concat`, 1-d ones count as one row."""
    return concat([_rows(x) for x in _several(xs, "vstack")], 0)


@differentiable
def hstack(xs: Sequence[Any]) -> Variable:
    """Join arrays side by side, along axis 1 (1-d ones along axis 0); arguments as in `concat`."""
    variables = [reshape(x, (1,)) if x.ndim == 0 else x for x in _several(xs, "hstack")]
    return concat(variables, 0 if variables[0].ndim == 1 else 1)


def _rows(x: Variable) -> Variable:
    return reshape(x, (1, -1)) if x.ndim < 2 else x


class Split(Function, uses_inputs=False):
    def __init__(self, cuts: tuple[int, ...], axis: int) -> None:
        self.cuts, self.axis = cuts, axis

    def forward(self, x: Any) -> tuple:
        return tuple(
            x[cut(self.axis, start, stop)]
            for start, stop in zip((0, *self.cuts), (*self.cuts, None), strict=True)
        )

    def backward(self, *gys: Variable) -> Variable:
        return concat(gys, self.axis)

    def fast_backward(self, *gys: Any) -> Any:
        return xp(gys[0]).concatenate(gys, axis=self.axis)


@differentiable
def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Variable]:
    """Cut an array into parts along an axis.

    Args:
        x: Variable or array, any shape but () and any dtype.
        indices_or_sections: the number of equal parts, or the places to cut at, in order.
        axis: int, negative counted from the last.
    Returns:
        list of Variables, dtype of x.
    Raises:
        ValueError: x does not divide into so many parts, or the places are not in order.
    """
    x = Variable.wrap(x)
    axis = normal_axis(axis, x.ndim, "split")
    size = x.shape[axis]
    if isinstance(indices_or_sections, int | np.integer):
        parts = int(indices_or_sections)
        if parts < 1 or size % parts:
            raise ValueError(
                f"split: expected a number of parts that divides axis {axis} of x {x.shape}, "
                f"got {parts}. Give the places to cut at as a list instead."
            )
        cuts = tuple(range(size // parts, size, size // parts)) if size else (0,) * (parts - 1)
    else:
        cuts = tuple(slice(int(i)).indices(size)[1] for i in indices_or_sections)
        if list(cuts) != sorted(cuts):
            raise ValueError(
                f"split: expected places in ascending order, got {list(indices_or_sections)}. "
                "Sort them, or use indexing for parts that overlap."
            )
    parts = Split(cuts, axis)(x)
    return parts if isinstance(parts, list) else [parts]


@differentiable
def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Variable:
    """Repeat each element of `x` so many times, in place: [1, 2] becomes [1, 1, 2, 2].

    Args:
        x: Variable or array, any shape and dtype.
        repeats: how often, one number or one for each place along axis.
        axis: int, negative counted from the last; by default x is flattened first.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: repeats is negative or of another length than axis.
    """
    x = ravel(x) if axis is None else Variable.wrap(x)
    axis = normal_axis(0 if axis is None else axis, x.ndim, "repeat")
    size = x.shape[axis]
    counts = np.asarray(repeats)
    if counts.dtype.kind not in "iu" or counts.size not in (1, size) or (counts < 0).any():
        raise ValueError(
            f"repeat: expected whole repeats >= 0, one or one per place of {size}, got {repeats}. "
            "Choose the axis they belong to."
        )
    if counts.size == 1:
        times = int(counts.reshape(()))
        before, after = x.shape[:axis], x.shape[axis + 1 :]
        wide = broadcast_to(expand_dims(x, axis + 1), (*before, size, times, *after))
        return reshape(wide, (*before, size * times, *after))
    return get_item(x, (*(slice(None),) * axis, kept(np.repeat(np.arange(size), counts), x.data)))


@differentiable
def tile(x: Any, reps: int | Sequence[int]) -> Variable:
    """Repeat the whole of `x` so many times along each axis: [1, 2] becomes [1, 2, 1, 2].

    Args:
        x: Variable or array, any shape and dtype.
        reps: how often, for the last axes of x; more numbers than axes add axes in front.
    Returns:
        Variable, dtype of x.
    """
    x = Variable.wrap(x)
    times = tuple(reps) if isinstance(reps, tuple | list) else (reps,)
    ndim = max(x.ndim, len(times))
    times = (1,) * (ndim - len(times)) + times
    sizes = (1,) * (ndim - x.ndim) + x.shape
    narrow = reshape(x, tuple(n for size in sizes for n in (1, size)))
    pairs = list(zip(times, sizes, strict=True))
    wide = broadcast_to(narrow, tuple(n for pair in pairs for n in pair))
    return reshape(wide, tuple(a * b for a, b in pairs))


class Pad(Function, uses_inputs=False):
    def __init__(self, widths: list[tuple[int, int]], value: Any) -> None:
        self.widths, self.value = widths, value

    def forward(self, x: Any) -> Any:
        return xp(x).pad(x, self.widths, mode="constant", constant_values=self.value)

    def backward(self, gy: Variable) -> Variable:
        shape = self.inputs[0].shape
        inner = (
            slice(before, before + n) for (before, _), n in zip(self.widths, shape, strict=True)
        )
        return get_item(gy, tuple(inner))


_INDEX_MODES = {"constant": False, "edge": True, "reflect": True, "symmetric": True, "wrap": True}


@differentiable
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Variable:
    """Add a border to `x`.

    Args:
        x: Variable or array, any shape and dtype.
        pad_width: one number, (before, after), or one such pair for each axis.
        mode: "constant", "edge", "reflect", "symmetric" or "wrap", as in numpy.pad.
        constant_values: number or numbers of the constant border, as in numpy.pad.
    Returns:
        Variable, dtype of x.
    Raises:
        ValueError: mode is unknown, or pad_width is negative or does not fit x.
    """
    x = Variable.wrap(x)
    by_index = lookup("pad", mode, _INDEX_MODES)
    try:
        widths = np.broadcast_to(np.asarray(pad_width, dtype=int), (x.ndim, 2)).tolist()
        if any(n < 0 for pair in widths for n in pair):
            raise ValueError("negative")
    except ValueError as error:
        raise ValueError(
            f"pad: expected widths >= 0 as a number, a pair or {x.ndim} pairs, got {pad_width}. "
            "Use indexing to cut a border off."
        ) from error
    if not by_index:
        return Pad(widths, constant_values)(x)
    for axis, pair in enumerate(widths):
        if any(pair):
            index = np.pad(np.arange(x.shape[axis]), pair, mode=mode)  # type: ignore[call-overload]
            x = get_item(x, (*(slice(None),) * axis, kept(index, x.data)))
    return x


class Flip(Function):
    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes

    def forward(self, x: Any) -> Any:
        return xp(x).flip(x, self.axes)

    def backward(self, gy: Variable) -> Variable:
        return flip(gy, self.axes)


@differentiable
def flip(x: Any, axis: Axis = None) -> Variable:
    """Reverse the order of elements along `axis`, by default along all axes.

    Args:
        x: Variable or array, any shape and dtype.
        axis: int or several, negative counted from the last.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: an axis is out of range or given twice.
    """
    x = Variable.wrap(x)
    return Flip(normal_axes(axis, x.ndim, "flip"))(x)


class Roll(Function):
    def __init__(self, shift: Any, axis: Any) -> None:
        self.shift, self.axis = shift, axis

    def forward(self, x: Any) -> Any:
        return xp(x).roll(x, self.shift, self.axis)

    def backward(self, gy: Variable) -> Variable:
        several = isinstance(self.shift, tuple)
        return roll(gy, tuple(-s for s in self.shift) if several else -self.shift, self.axis)


@differentiable
def roll(x: Any, shift: int | Sequence[int], axis: Axis = None) -> Variable:
    """Shift elements along `axis`; what leaves at one end comes in at the other.

    Args:
        x: Variable or array, any shape and dtype.
        shift: by how many places, one number or one per axis.
        axis: int or several; by default the elements are shifted in row-major order.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: an axis is out of range, or shift and axis differ in number.
    """
    shift = tuple(shift) if isinstance(shift, Sequence) else shift
    return Roll(shift, tuple(axis) if isinstance(axis, Sequence) else axis)(x)

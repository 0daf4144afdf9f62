"""Layers of several inputs: Add, Subtract, Multiply, Average, extremes, Concatenate, Dot."""

from functools import reduce
from math import prod
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import xp
from dezero.core import Variable
from dezero.keras.layers.weighted import Weighted

__all__ = [
    "Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract",
    "add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
]  # fmt: skip


class Merge(Weighted):
    """Base of the layers that take a list; inputs of fewer axes get axes of 1 after the batch."""

    supports_masking = True
    takes_two = False

    def build(self, input_shape: Any) -> None:
        """Refuse shapes that do not go together."""
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape that the inputs broadcast to."""
        shapes = self._checked(input_shape)
        batch = [shape[0] for shape in shapes if shape[0] is not None]
        if len(set(batch)) > 1:
            self._refuse("inputs of one batch size", shapes)
        inner = reduce(self._broadcast, [shape[1:] for shape in shapes])
        return (batch[0] if batch else None, *inner)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where one of the inputs counts; None unless all of them have masks."""
        if mask is None or any(one is None for one in mask):
            return None
        return reduce(lambda a, b: a | b, mask)

    def _checked(self, shapes: Any) -> list[tuple]:
        """Return the shapes as tuples; ValueError unless there are as many as the layer takes."""
        if not shapes or not all(isinstance(shape, list | tuple) and shape for shape in shapes):
            self._refuse("a list of inputs", shapes)
        if self.takes_two and len(shapes) != 2:
            self._refuse("two inputs", shapes)
        return [tuple(shape) for shape in shapes]

    def _refuse(self, what: str, shapes: Any) -> None:
        raise ValueError(
            f"{type(self).__name__}: expected {what}, got shapes {shapes}. "
            f"Call {self.name!r} as layer([x, y])."
        )

    def _broadcast(self, one: tuple, other: tuple) -> tuple:
        one, other = sorted((one, other), key=len, reverse=True)
        padded = (1,) * (len(one) - len(other)) + other
        sizes = []
        for a, b in zip(one, padded, strict=True):
            if a is not None and b is not None and a != b and 1 not in (a, b):
                self._refuse("inputs that broadcast", [(None, *one), (None, *other)])
            sizes.append(None if None in (a, b) else a if b == 1 else b)
        return tuple(sizes)

    def _aligned(self, inputs: Any) -> list[Variable]:
        """Return the inputs with equally many axes."""
        if not isinstance(inputs, list | tuple):
            self._refuse("a list of inputs", np.shape(getattr(inputs, "data", inputs)))
        xs = [Variable.wrap(x) for x in inputs]
        ndim = max(x.ndim for x in xs)
        return [x if x.ndim == ndim else F.reshape(x, _widened(x.shape, 1, ndim)) for x in xs]


def _widened(shape: tuple, place: int, ndim: int) -> tuple:
    """Return the shape with as many axes of 1 at `place` as make it `ndim` long."""
    return (*shape[:place], *(1,) * (ndim - len(shape)), *shape[place:])


def _spread(mask: Any, x: Variable) -> Any:
    """Return the mask of samples, or of places of a sequence, for each element of x."""
    module = xp(x.data)
    wide = module.asarray(mask, dtype=bool)
    return module.broadcast_to(wide.reshape(_widened(wide.shape, wide.ndim, x.ndim)), x.shape)


class Add(Merge):
    """y = x0 + x1 + ..."""

    def call(self, inputs: Any) -> Any:
        """Return the sum of the inputs."""
        return reduce(F.add, self._aligned(inputs))


class Subtract(Merge):
    """y = x0 - x1."""

    takes_two = True

    def call(self, inputs: Any) -> Any:
        """Return the difference of the two inputs."""
        return reduce(F.sub, self._aligned(inputs))


class Average(Merge):
    """y = (x0 + x1 + ...) / their number."""

    def call(self, inputs: Any) -> Any:
        """Return the mean of the inputs."""
        xs = self._aligned(inputs)
        return reduce(F.add, xs) / len(xs)


class Multiply(Merge):
    """y = x0 * x1 * ...; an input counts as 1 where it is masked."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the product of the inputs, 0 where all of them are masked."""
        xs = self._aligned(inputs)
        if mask is None:
            return reduce(F.mul, xs)
        pairs = zip(mask, xs, strict=True)
        spread: list[Any] = [None if m is None else _spread(m, x) for m, x in pairs]
        y = reduce(
            F.mul,
            [x if m is None else F.where(m, x, 1) for m, x in zip(spread, xs, strict=True)],
        )
        if any(m is None for m in spread):
            return y
        return F.where(reduce(lambda a, b: a | b, spread), y, 0)


class _Extreme(Merge):
    """The larger or smaller of the inputs; one that is masked has no say."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the element of that input which is the extreme one."""
        xs = self._aligned(inputs)
        spread = [
            None if m is None else _spread(m, x)
            for m, x in zip(mask or [None] * len(xs), xs, strict=True)
        ]
        y, seen = xs[0], spread[0]
        for x, m in zip(xs[1:], spread[1:], strict=True):
            x = x if m is None else F.where(m, x, y)
            y = y if seen is None else F.where(seen, y, x)
            seen = None if seen is None or m is None else seen | m
            y = self._chosen(y, x)
        return y

    def _chosen(self, y: Variable, x: Variable) -> Variable:
        # Not F.maximum: where both are equal, Keras gives the whole gradient to the first.
        first = y.data >= x.data if isinstance(self, Maximum) else y.data <= x.data
        return F.where(first | (y.data != y.data), y, x)


class Maximum(_Extreme):
    """y = max(x0, x1, ...), elementwise."""


class Minimum(_Extreme):
    """y = min(x0, x1, ...), elementwise."""


class Concatenate(Merge):
    """Join the inputs along an axis.

    Args:
        axis: counted with the batch as 0, or from the last.
    """

    fields = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
            raise TypeError(f"Concatenate: expected an integer as axis, got {axis!r}. Try -1.")
        self.axis = int(axis)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, joined."""
        if not isinstance(inputs, list | tuple):
            self._refuse("a list of inputs", np.shape(getattr(inputs, "data", inputs)))
        return F.concat(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the first input, with the sum of the sizes at `axis`."""
        shapes = self._checked(input_shape)
        ndim = len(shapes[0])
        if len({len(shape) for shape in shapes}) > 1 or not -ndim <= self.axis < ndim:
            self._refuse(f"inputs that all have axis {self.axis}", shapes)
        place = self.axis % ndim
        for at, sizes in enumerate(zip(*shapes, strict=True)):
            if at != place and len(set(sizes) - {None}) > 1:
                self._refuse(f"inputs whose sizes differ at axis {self.axis} alone", shapes)
        joined = [shape[place] for shape in shapes]
        total = None if None in joined else sum(joined)
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the masks joined as the inputs are; an input without one counts everywhere."""
        if mask is None or all(one is None for one in mask):
            return None
        xs = [Variable.wrap(x) for x in inputs]
        module = xp(xs[0].data)
        wide = [
            module.ones(x.shape, bool) if m is None else _spread(m, x)
            for m, x in zip(mask, xs, strict=True)
        ]
        axes = max(m.ndim for m in mask if m is not None)
        return module.concatenate(wide, axis=self.axis).any(axis=tuple(range(axes, xs[0].ndim)))


class Dot(Merge):
    """y[n] = x0[n] times x1[n], summed over one axis of each.

    Args:
        axes: the axis, or a pair of them, one for each input; the batch is axis 0.
        normalize: whether vectors along the axes are scaled to length 1 before.
    """

    fields = ("axes", "normalize")
    takes_two = True

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = tuple(axes) if isinstance(axes, list | tuple) else (axes, axes)
        if len(pair) != 2 or any(isinstance(a, bool) or not isinstance(a, int) for a in pair):
            raise ValueError(f"Dot: expected axes, an integer or two, got {axes!r}. Try -1.")
        self.axes, self.normalize = axes, bool(normalize)
        self._pair = pair

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the batch and what is left of both shapes, (batch, 1) if nothing is."""
        shapes = self._checked(input_shape)
        one, other = self._places(shapes)
        sizes = {shapes[0][one], shapes[1][other]} - {None}
        batch = {shape[0] for shape in shapes} - {None}
        if len(sizes) > 1 or len(batch) > 1:
            self._refuse(f"inputs whose batches and sizes at axes {self.axes} agree", shapes)
        left = [s for i, s in enumerate(shapes[0]) if i not in (0, one)]
        left += [s for i, s in enumerate(shapes[1]) if i not in (0, other)]
        return (next(iter(batch), None), *(left or [1]))

    def _places(self, shapes: list[tuple]) -> tuple[int, int]:
        """Return the axes, counted from 0, of inputs of these shapes."""
        places = [a + len(s) if a < 0 else a for a, s in zip(self._pair, shapes, strict=True)]
        if not all(0 < a < len(s) for a, s in zip(places, shapes, strict=True)):
            self._refuse(f"inputs that have axes {self.axes} beside the batch", shapes)
        return places[0], places[1]

    def call(self, inputs: Any) -> Any:
        """Return the products."""
        x, y = (Variable.wrap(value) for value in inputs)
        one, other = self._places([x.shape, y.shape])
        if self.normalize:
            x, y = F.normalize(x, one), F.normalize(y, other)
        x, y = F.moveaxis(x, one, -1), F.moveaxis(y, other, 1)
        n, *rows, size = x.shape
        columns = y.shape[2:]
        product = F.matmul(
            F.reshape(x, (n, prod(rows), size)), F.reshape(y, (n, size, prod(columns)))
        )
        return F.reshape(product, (n, *((*rows, *columns) or (1,))))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: what is left has no places of a sequence."""


def add(inputs: Any, **options: Any) -> Any:
    """Return `Add(**options)(inputs)`, the sum of a list."""
    return Add(**options)(inputs)


def subtract(inputs: Any, **options: Any) -> Any:
    """Return `Subtract(**options)(inputs)`, the difference of two."""
    return Subtract(**options)(inputs)


def multiply(inputs: Any, **options: Any) -> Any:
    """Return `Multiply(**options)(inputs)`, the product of a list."""
    return Multiply(**options)(inputs)


def average(inputs: Any, **options: Any) -> Any:
    """Return `Average(**options)(inputs)`, the mean of a list."""
    return Average(**options)(inputs)


def maximum(inputs: Any, **options: Any) -> Any:
    """Return `Maximum(**options)(inputs)`, the largest of a list."""
    return Maximum(**options)(inputs)


def minimum(inputs: Any, **options: Any) -> Any:
    """Return `Minimum(**options)(inputs)`, the smallest of a list."""
    return Minimum(**options)(inputs)


def concatenate(inputs: Any, axis: int = -1, **options: Any) -> Any:
    """Return `Concatenate(axis, **options)(inputs)`, a list joined along an axis."""
    return Concatenate(axis, **options)(inputs)


def dot(inputs: Any, axes: Any = -1, normalize: bool = False, **options: Any) -> Any:
    """Return `Dot(axes, normalize, **options)(inputs)`, the products of two."""
    return Dot(axes, normalize, **options)(inputs)

"""Python's operators and NumPy's methods for `Variable`, looked up by name in the function table.

The table and not the functions: nothing here imports from a floor above.
"""

from typing import Any

import numpy as np

from dezero.backend import on_cpu
from dezero.core.registry import DIFFERENTIABLE, NONDIFFERENTIABLE


class Operators:
    """Python's operators, each one looked up by name in the table of functions."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return DIFFERENTIABLE["add"](self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return DIFFERENTIABLE["sub"](self, other)

    def __rsub__(self, other: Any) -> Any:
        return DIFFERENTIABLE["sub"](other, self)

    def __mul__(self, other: Any) -> Any:
        return DIFFERENTIABLE["mul"](self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return DIFFERENTIABLE["div"](self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return DIFFERENTIABLE["div"](other, self)

    def __pow__(self, other: Any) -> Any:
        return DIFFERENTIABLE["pow"](self, other)

    def __rpow__(self, other: Any) -> Any:
        return DIFFERENTIABLE["pow"](other, self)

    def __matmul__(self, other: Any) -> Any:
        return DIFFERENTIABLE["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return DIFFERENTIABLE["matmul"](other, self)

    def __mod__(self, other: Any) -> Any:
        return DIFFERENTIABLE["mod"](self, other)

    def __rmod__(self, other: Any) -> Any:
        return DIFFERENTIABLE["mod"](other, self)

    def __floordiv__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["floor_divide"](self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["floor_divide"](other, self)

    def __and__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["bitwise_and"](self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["bitwise_or"](self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["bitwise_xor"](self, other)

    __rxor__ = __xor__

    def __invert__(self) -> Any:
        return NONDIFFERENTIABLE["invert"](self)

    def __neg__(self) -> Any:
        return DIFFERENTIABLE["neg"](self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return DIFFERENTIABLE["abs"](self)

    def __eq__(self, other: object) -> Any:
        return NONDIFFERENTIABLE["equal"](self, other)

    def __ne__(self, other: object) -> Any:
        return NONDIFFERENTIABLE["not_equal"](self, other)

    def __lt__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["less"](self, other)

    def __le__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["less_equal"](self, other)

    def __gt__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["greater"](self, other)

    def __ge__(self, other: Any) -> Any:
        return NONDIFFERENTIABLE["greater_equal"](self, other)

    # By identity, although == compares elements: the engine keeps Variables in dicts.
    __hash__ = object.__hash__

    def __getitem__(self, index: Any) -> Any:
        return DIFFERENTIABLE["get_item"](self, index)


class ArrayMethods(Operators):
    """NumPy's array methods; each is the function of the same name in `dezero.functions`."""

    __slots__ = ()
    data: Any

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(on_cpu("numpy.asarray", self.data), dtype=dtype, copy=copy)

    @property
    def T(self) -> Any:
        """The transpose: all axes in reverse order."""
        return DIFFERENTIABLE["transpose"](self)

    def reshape(self, *shape: Any) -> Any:
        """See `dezero.functions.reshape`; the shape as numbers or as one tuple."""
        return DIFFERENTIABLE["reshape"](self, _unpacked(shape))

    def transpose(self, *axes: Any) -> Any:
        """See `dezero.functions.transpose`; the axes as numbers or as one tuple."""
        return DIFFERENTIABLE["transpose"](self, _unpacked(axes) if axes else None)

    def flatten(self) -> Any:
        """Return all elements on one axis, as NumPy's method does (`F.flatten` keeps axis 0)."""
        return DIFFERENTIABLE["reshape"](self, (-1,))

    ravel = flatten

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.sum`."""
        return DIFFERENTIABLE["sum"](self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.mean`."""
        return DIFFERENTIABLE["mean"](self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.max`."""
        return DIFFERENTIABLE["max"](self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.min`."""
        return DIFFERENTIABLE["min"](self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.prod`."""
        return DIFFERENTIABLE["prod"](self, axis, keepdims)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """See `dezero.functions.var`."""
        return DIFFERENTIABLE["var"](self, axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        """See `dezero.functions.std`."""
        return DIFFERENTIABLE["std"](self, axis, ddof=ddof, keepdims=keepdims)

    def argmax(self, axis: int | None = None) -> Any:
        """See `dezero.functions.argmax`."""
        return NONDIFFERENTIABLE["argmax"](self, axis)

    def argmin(self, axis: int | None = None) -> Any:
        """See `dezero.functions.argmin`."""
        return NONDIFFERENTIABLE["argmin"](self, axis)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.all`."""
        return NONDIFFERENTIABLE["all"](self, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """See `dezero.functions.any`."""
        return NONDIFFERENTIABLE["any"](self, axis, keepdims)

    def matmul(self, other: Any) -> Any:
        """See `dezero.functions.matmul`."""
        return DIFFERENTIABLE["matmul"](self, other)

    def dot(self, other: Any) -> Any:
        """See `dezero.functions.dot`."""
        return DIFFERENTIABLE["dot"](self, other)

    def astype(self, dtype: Any) -> Any:
        """See `dezero.functions.astype`."""
        return DIFFERENTIABLE["astype"](self, dtype)

    def copy(self) -> Any:
        """See `dezero.functions.copy`."""
        return DIFFERENTIABLE["copy"](self)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        """See `dezero.functions.clip`."""
        return DIFFERENTIABLE["clip"](self, min, max)

    def squeeze(self, axis: Any = None) -> Any:
        """See `dezero.functions.squeeze`."""
        return DIFFERENTIABLE["squeeze"](self, axis)

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """See `dezero.functions.swapaxes`."""
        return DIFFERENTIABLE["swapaxes"](self, axis1, axis2)

    def repeat(self, repeats: Any, axis: int | None = None) -> Any:
        """See `dezero.functions.repeat`."""
        return DIFFERENTIABLE["repeat"](self, repeats, axis)

    def cumsum(self, axis: int | None = None) -> Any:
        """See `dezero.functions.cumsum`."""
        return DIFFERENTIABLE["cumsum"](self, axis)


def _unpacked(args: tuple) -> Any:
    return (
        args[0]
        if len(args) == 1 and (args[0] is None or isinstance(args[0], tuple | list))
        else args
    )

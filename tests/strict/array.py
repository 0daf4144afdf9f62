"""`StrictArray`: a NumPy array behind a door that only `xp`, operators and methods open."""

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend.transfers import reading
from tests.strict import rules
from tests.strict.crossing import ARRAY_TYPES, is_strict, unwrap, uploads, waits, wrap
from tests.strict.module import StrictUfunc, call, in_order
from tests.strict.signatures import METHODS, SNAPSHOT, check_arguments

OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "power", "and": "bitwise_and",
    "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
    "divmod": "divmod", "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
    "gt": "greater", "ge": "greater_equal", "neg": "negative", "pos": "positive",
    "abs": "absolute", "invert": "invert",
}  # fmt: skip
COPIED = "get item tolist tobytes"  # written out below
UNPLAYED = "cstruct dump dumps mdspan reduced_view scatter_add scatter_max scatter_min set tofile"
UNPLAYED += " toDlpack"


class StrictFlags:
    """What CuPy tells of an array's memory; there is no `writeable`."""

    def __init__(self, flags: Any) -> None:
        self.c_contiguous, self.f_contiguous = flags.c_contiguous, flags.f_contiguous
        self.owndata, self.forc, self.fnc = flags.owndata, flags.forc, flags.fnc

    def __getitem__(self, name: str) -> bool:
        return getattr(self, name.lower())


class StrictArray:
    """A NumPy array behind a door that only `xp`, operators and methods of this device open."""

    __slots__ = ("__weakref__", "_host")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 100

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    strides = property(lambda self: self._host.strides)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    flags = property(lambda self: StrictFlags(self._host.flags))
    T = property(lambda self: StrictArray(self._host.T))
    mT = property(lambda self: StrictArray(self._host.mT))
    real = property(lambda self: StrictArray(self._host.real))
    device = property(lambda self: types.SimpleNamespace(id=0))
    data = property(lambda self: types.SimpleNamespace(ptr=self._host.ctypes.data))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; CuPy too lets them be set."""
        return self._host.shape

    @shape.setter
    def shape(self, shape: tuple[int, ...]) -> None:
        self._host.shape = shape

    @property
    def base(self) -> Any:
        """None for an array with its own memory, else the one that has it."""
        root = self._host
        while isinstance(root.base, np.ndarray):
            root = root.base
        return None if root is self._host else StrictArray(root)

    def __repr__(self) -> str:
        reading("strict device: repr", self.nbytes)
        return f"strict({self._host!r})"

    def __str__(self) -> str:
        reading("strict device: str", self.nbytes)
        return str(self._host)

    def __format__(self, spec: str) -> str:
        reading("strict device: format", self.nbytes)
        return format(self._host, spec)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("strict device: expected to_host(x), got an implicit copy to NumPy.")

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise TypeError(f"strict device: expected xp(x).{func.__name__}, got np.{func.__name__}.")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        # A NumPy scalar on the left of an operator arrives here, as it does in CuPy.
        if method == "__call__" and len(args) == 2 and isinstance(args[0], np.generic):
            if ufunc is np.matmul:
                raise TypeError("strict device: @: expected arrays, got a number.")
            return StrictUfunc(ufunc, ufunc.__name__)(*args, **kwargs)
        raise TypeError(f"strict device: expected xp(x).{ufunc.__name__}, got np.{ufunc.__name__}.")

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator["StrictArray"]:
        return (self[i] for i in range(len(self._host)))

    def __contains__(self, item: Any) -> bool:
        raise TypeError("strict device: expected (x == item).any(), got `in`.")

    def __index__(self) -> int:
        raise TypeError("strict device: expected int(x), got an implicit index.")

    def __copy__(self) -> "StrictArray":
        return StrictArray(self._host.copy())

    def __deepcopy__(self, memo: Any) -> "StrictArray":
        return StrictArray(self._host.copy())

    def __reduce__(self) -> tuple:
        return StrictArray, (self.get(),)

    def __getitem__(self, index: Any) -> "StrictArray":
        found, advanced = _index(index)
        if not advanced:
            # A single element is a view as well, which later writes show through.
            return StrictArray(
                self._host[(*_tuple(found), ...)] if _full(found) else self._host[found]
            )
        result = self._host[found]
        return wrap(np.ascontiguousarray(result) if np.ndim(result) else result)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, list | tuple):
            raise TypeError("strict device: x[i] = v: expected an array or number, got a list.")
        found = unwrap(index, "an index")
        value = unwrap(value, "a value")
        rules.check_assignment(self._host, found, value)
        self._host[found] = value

    def __matmul__(self, other: Any) -> Any:
        if getattr(other, "__array_priority__", 0) > self.__array_priority__:
            return NotImplemented
        return _product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _product(other, self)

    def __imatmul__(self, other: Any) -> Any:
        raise TypeError("strict device: expected x @ y, got @=, which CuPy has not.")

    def __float__(self) -> float:
        return float(self._read("float"))

    def __int__(self) -> int:
        return int(self._read("int"))

    def __bool__(self) -> bool:
        reading("strict device: bool", self.nbytes)
        return bool(self._host)

    def item(self) -> Any:
        """Return the only element."""
        return self._read("item")

    def tolist(self) -> Any:
        """Return the elements as lists."""
        reading("strict device: tolist", self.nbytes)
        return self._host.tolist()

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the bytes."""
        reading("strict device: tobytes", self.nbytes)
        return self._host.tobytes(order)

    def get(self) -> np.ndarray:
        """Return a copy on the host."""
        reading("strict device: get", self.nbytes)
        return self._host.copy()

    def astype(
        self, dtype: Any, order: str = "K", casting: Any = None, subok: Any = None,
        copy: bool = True,
    ) -> "StrictArray":  # fmt: skip
        """Return the elements in another dtype; CuPy takes neither casting nor subok."""
        if casting is not None or subok is not None:
            raise TypeError("strict device: astype: CuPy supports neither casting= nor subok=.")
        rules.check_cast(self._host, dtype, "astype")
        result = self._host.astype(dtype, order=order, copy=copy)
        return self if result is self._host else StrictArray(result)

    def _read(self, name: str) -> Any:
        reading(f"strict device: {name}", self.nbytes)
        return self._host.item()


ARRAY_TYPES.append(StrictArray)


def _tuple(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _full(index: Any) -> bool:
    return all(isinstance(part, int | np.integer) for part in _tuple(index))


def _index(index: Any) -> tuple[Any, bool]:
    """Return the host's index, and whether arrays are in it; count what CuPy does on the way."""
    advanced = False
    for part in _tuple(index):
        if isinstance(part, list):
            uploads("a list as index", 8 * len(part))
            advanced = True
        elif is_strict(part):
            if part.dtype.kind == "b":
                waits("x[mask]")
            advanced = True
    return unwrap(index, "an index"), advanced


def _product(a: Any, b: Any) -> Any:
    for x in (a, b):
        if not isinstance(x, StrictArray):
            unwrap(x, "an argument of @")
            raise TypeError(f"strict device: @: expected arrays, got {type(x).__name__}.")
    result = np.matmul(a._host, b._host)
    return wrap(in_order(result, "matmul", [a._host, b._host]))


def _add_methods() -> None:
    for name, ufunc in OPERATORS.items():
        for prefix in ("", "r", "i"):
            method = f"__{prefix}{name}__"
            if method in SNAPSHOT["special"]:
                setattr(StrictArray, method, _operator(method, prefix, ufunc))
    missing = {*UNPLAYED.split(), *COPIED.split(), "astype"}
    for name in METHODS.keys() - missing:
        setattr(StrictArray, name, _method(name))


def _operator(name: str, prefix: str, ufunc: str) -> Callable[..., Any]:
    function = StrictUfunc(getattr(np, ufunc), ufunc)

    def plain(self: StrictArray, *other: Any) -> Any:
        if other and getattr(other[0], "__array_priority__", 0) > self.__array_priority__:
            return NotImplemented  # as CuPy leaves it to the other, such as a Variable
        return function(self, *other[:1])

    def reflected(self: StrictArray, other: Any, *_: Any) -> Any:
        return function(other, self)

    def in_place(self: StrictArray, other: Any) -> Any:
        function(self, other, out=self)
        return self

    method = {"": plain, "r": reflected, "i": in_place}[prefix]
    method.__name__ = name
    return method


def _method(name: str) -> Callable[..., Any]:
    signature = METHODS[name]

    def method(self: StrictArray, *args: Any, **kwargs: Any) -> Any:
        check_arguments(name, signature, args, kwargs)
        host = getattr(self._host, name)
        return call(name, lambda _, *rest, **named: host(*rest, **named), (self, *args), kwargs)

    method.__name__ = name
    return method


_add_methods()

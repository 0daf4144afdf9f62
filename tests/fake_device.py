"""A device that is not there: arrays that refuse NumPy, functions that refuse host arrays.

It stands in for CuPy, so that a host array or an `np.` call on the way of a device array fails on
any laptop. What is allowed here is what CuPy allows without a hidden copy between the devices.
"""

import contextlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend import Backend, register, unregister
from dezero.backend.registry import HOST_KERNELS

# CuPy has no such functions, and no such keywords.
MISSING = (
    "apply_over_axes block einsum_path errstate frompyfunc fromiter geomspace insert matvec memmap "
    "nanpercentile nanquantile ndenumerate nditer random save load unstack vecdot vecmat"
).split()
REFUSED_KEYWORDS = {"where", "initial", "correction", "device", "like", "subok"}
# These make arrays from numbers; `array` and `asarray` also copy host arrays, in plain sight.
CREATION = "array asarray ascontiguousarray arange empty eye full identity linspace ones tri zeros"
UPLOADS = {"array", "asarray"}
PLAIN = "broadcast_shapes can_cast dtype finfo iinfo isscalar issubdtype ndim promote_types"
NO_ARRAY_NEEDED = {*CREATION.split(), *PLAIN.split(), "result_type", "meshgrid", "indices"}


class FakeArray:
    """A NumPy array behind a door that only `xp`, operators and methods of this device open."""

    __slots__ = ("__weakref__", "_host")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    strides = property(lambda self: self._host.strides)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    flags = property(lambda self: self._host.flags)
    T = property(lambda self: FakeArray(self._host.T))

    @property
    def base(self) -> Any:
        return None if self._host.base is None else self

    def __repr__(self) -> str:
        return f"fake({self._host!r})"

    def __str__(self) -> str:
        return str(self._host)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("fake device: expected to_host(x), got an implicit copy to NumPy.")

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise TypeError(f"fake device: expected xp(x).{func.__name__}, got np.{func.__name__}.")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        # A NumPy scalar on the left of an operator arrives here, as it does in CuPy.
        if method == "__call__" and len(args) == 2 and isinstance(args[0], np.generic):
            return _run(ufunc, args, kwargs, ufunc.__name__)
        raise TypeError(f"fake device: expected xp(x).{ufunc.__name__}, got np.{ufunc.__name__}.")

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator["FakeArray"]:
        return (_wrap(row) for row in self._host)

    def __contains__(self, item: Any) -> bool:
        raise TypeError("fake device: expected (x == item).any(), got `in`.")

    def __index__(self) -> int:
        raise TypeError("fake device: expected int(x), got an implicit index.")

    def __getitem__(self, index: Any) -> "FakeArray":
        return _wrap(self._host[_unwrap(index, "an index", lists=True)])

    def __setitem__(self, index: Any, value: Any) -> None:
        index = _unwrap(index, "an index", lists=True)
        parts = index if isinstance(index, tuple) else (index,)
        if any(isinstance(p, np.ndarray) and p.dtype.kind in "iu" for p in parts):
            hits = np.zeros(self.shape, np.int64)
            np.add.at(hits, index, 1)
            if hits.max(initial=0) > 1:
                raise ValueError("fake device: expected distinct indices in x[i] = v.")
        self._host[index] = _unwrap(value, "a value")

    def __float__(self) -> float:
        return float(self._host.item())

    def __int__(self) -> int:
        return int(self._host.item())

    def __bool__(self) -> bool:
        return bool(self._host)

    def __imatmul__(self, other: Any) -> Any:
        raise TypeError("fake device: expected x @ y, got @=, which CuPy has not.")

    def item(self, *args: int) -> Any:
        return self._host.item(*args)

    def tolist(self) -> Any:
        return self._host.tolist()

    def get(self) -> np.ndarray:
        return self._host.copy()


def _wrap(result: Any) -> Any:
    if isinstance(result, np.ndarray | np.generic):
        return FakeArray(np.asarray(result))
    if isinstance(result, tuple | list):
        wrapped = [_wrap(r) for r in result]
        return wrapped if isinstance(result, list) else tuple(wrapped)
    return result


def _unwrap(x: Any, what: str, lists: bool = False) -> Any:
    if isinstance(x, FakeArray):
        return x._host
    if isinstance(x, np.ndarray):
        raise TypeError(
            f"fake device: expected arrays of one device, got a NumPy array as {what}. "
            "Make it with xp(x), or move it with from_host."
        )
    if isinstance(x, tuple) and not hasattr(x, "_fields"):  # a Window is no tuple of arrays
        return tuple(_unwrap(v, what, lists) for v in x)
    if isinstance(x, list):
        return [_unwrap(v, what, lists) for v in x]
    return x


def _run(func: Callable[..., Any], args: tuple, kwargs: dict, name: str) -> Any:
    refused = REFUSED_KEYWORDS & set(kwargs)
    if refused:
        raise TypeError(f"fake device: {name} has no {', '.join(sorted(refused))}= in CuPy.")
    if isinstance(func, np.ufunc) and any(isinstance(a, list | tuple) for a in args):
        raise TypeError(f"fake device: {name}: expected arrays or numbers, got a list.")
    args = tuple(_unwrap(a, f"an argument of {name}") for a in args)
    kwargs = {k: _unwrap(v, f"{k}= of {name}") for k, v in kwargs.items()}
    return _wrap(func(*args, **kwargs))


def _add_methods() -> None:
    binary = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"
    names = [f"__{prefix}{op}__" for op in binary.split() for prefix in ("", "r", "i")]
    names = [name for name in names if name != "__imatmul__"]
    names += [f"__{op}__" for op in "neg pos abs invert eq ne lt le gt ge".split()]
    names += (
        "all any argmax argmin argpartition argsort astype choose clip compress conj copy cumprod "
        "cumsum diagonal dot fill flatten max mean min nonzero partition prod put ravel repeat "
        "reshape round sort squeeze std sum swapaxes take trace transpose var view"
    ).split()
    for name in names:
        setattr(FakeArray, name, _method(name))


def _method(name: str) -> Callable[..., Any]:
    def method(self: FakeArray, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("__") and any(isinstance(a, list | tuple) for a in args):
            raise TypeError(f"fake device: {name}: expected an array or number, got a list.")
        result = _run(getattr(self._host, name), args, kwargs, name)
        # In-place operators hand the same array back.
        return self if name.startswith("__i") and name != "__invert__" else result

    method.__name__ = name
    return method


_add_methods()


class FakeUfunc:
    """A ufunc of the device, with the methods CuPy gives its own."""

    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc = ufunc
        self.__name__, self.nin, self.nout = ufunc.__name__, ufunc.nin, ufunc.nout

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _run(self._ufunc, args, kwargs, self.__name__)

    def __getattr__(self, name: str) -> Any:
        if name not in ("accumulate", "at", "outer", "reduce", "reduceat"):
            raise AttributeError(f"fake device: {self.__name__} has no {name}.")
        method = getattr(self._ufunc, name)
        return lambda *args, **kwargs: _run(method, args, kwargs, f"{self.__name__}.{name}")


class FakeModule:
    """NumPy's names for arrays of the device."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module
        self.__name__ = f"fake.{module.__name__}"
        self.ndarray = FakeArray

    def __getattr__(self, name: str) -> Any:
        if name in MISSING:
            raise AttributeError(f"fake device: CuPy has no {name}.")
        value = getattr(self._module, name)
        if isinstance(value, types.ModuleType):
            return FakeModule(value)
        if isinstance(value, np.ufunc):
            return FakeUfunc(value)
        if isinstance(value, type) or not callable(value):
            return value
        return lambda *args, **kwargs: self._call(name, value, args, kwargs)

    def _call(self, name: str, func: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
        if name in UPLOADS and isinstance(args[0], np.ndarray):
            return _wrap(func(args[0].copy(), *args[1:], **kwargs))
        if name not in NO_ARRAY_NEEDED and not _holds_array((*args, *kwargs.values())):
            raise TypeError(f"fake device: {name}: expected an array of the device, got none.")
        return _run(func, args, kwargs, name)


def _holds_array(x: Any) -> bool:
    if isinstance(x, tuple | list):
        return any(_holds_array(v) for v in x)
    # A host array is let through to be refused by name.
    return isinstance(x, FakeArray | np.ndarray)


def _kernel(name: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: _run(getattr(HOST_KERNELS, name), args, kwargs, name)


FAKE = Backend(
    name="fake",
    array_types=(FakeArray,),
    xp=FakeModule(np),
    kernels=types.SimpleNamespace(**{name: _kernel(name) for name in vars(HOST_KERNELS)}),
    to_host=lambda x: x.get(),
    from_host=lambda x: FakeArray(np.array(x)),
)


@contextlib.contextmanager
def fake_device() -> Iterator[Backend]:
    """Register the fake device for the length of the block."""
    register(FAKE)
    try:
        yield FAKE
    finally:
        unregister(FAKE)

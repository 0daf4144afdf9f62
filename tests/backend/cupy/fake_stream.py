"""Arrays of a GPU that is not there, and what makes them, by the names that CuPy gives it."""

import contextlib
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend import Backend, register, unregister
from dezero.backend.cupy.memory import ROOM
from dezero.backend.cupy.streams import STREAMS, CupyStreams
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.skipping import SKIP
from tests.backend.cupy.fake_runtime import (
    GPU,
    Event,
    MemoryPool,
    Stream,
    StreamCaptureError,
    arrays_in,
    as_arrays,
    kinds_of,
    mapped,
    root_of,
    using_allocator,
)

__all__ = ["FAKE", "GPU", "Array", "Stream", "StreamCaptureError", "fake_stream"]

NAME = "fakecuda"
# cuBLAS, cuSOLVER and whatever must know a size on the host.
REFUSED = set(
    "matmul dot vdot inner tensordot __matmul__ __rmatmul__ nonzero flatnonzero argwhere unique "
    "bincount extract compress histogram trim_zeros".split()
)
PRODUCTS = set("matmul dot __matmul__ __rmatmul__".split())
# Whether the library has products of its own for devices; else CuPy's are let through.
OWN_PRODUCTS = hasattr(HOST_KERNELS, "matmul")
PLAIN = set("broadcast_shapes can_cast finfo iinfo isscalar issubdtype promote_types".split())


# These compile nothing: they make views, or memory.
PLACES = {"reshape", "transpose", "swapaxes", "view", "squeeze", "ravel", "__getitem__", "diagonal"}
PLACES |= {"broadcast_to", "expand_dims", "moveaxis", "empty", "empty_like", "kernel aligned_empty"}
PLACES |= {"as_strided", "asarray", "ascontiguousarray", "flip", "atleast_1d", "split"}
_owners: "weakref.WeakValueDictionary[int, Array]" = weakref.WeakValueDictionary()


def _inner(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        raise TypeError("fake stream: expected arrays of one device, got a NumPy array.")
    return x._host


def _launch(func: Callable, args: tuple, kwargs: dict, name: str) -> Any:
    args, kwargs = mapped(_inner, args), mapped(_inner, kwargs)
    graph, stream = GPU.capturing, GPU.current
    stream.tick += 1
    kind = name, *kinds_of((args, tuple(kwargs.items())))
    if graph is None:
        GPU.counts[0] += 1
        GPU.compiled.add(kind)
        for x in arrays_in((args, kwargs)):
            GPU.touch(root_of(x), stream)
    else:
        if GPU.is_particular and kind not in GPU.compiled and name not in PLACES:
            GPU.wait(f"{name} is compiled for {kind[1:]}")
        if name in (REFUSED if OWN_PRODUCTS else REFUSED - PRODUCTS) or (
            name == "where" and len(args) == 1
        ):
            GPU.wait(name)
        if not stream.non_blocking:
            GPU.wait(f"{name} on the default stream")
        graph.look((args, kwargs))
    # What is taken down is worked out for its shapes alone.
    with contextlib.nullcontext() if graph is None else np.errstate(all="ignore"):
        result = as_arrays(func(*args, **kwargs))
    if graph is not None:
        graph.take(func, args, kwargs, result, name)
    inside = {id(root_of(x)) for x in arrays_in((args, kwargs))}
    for x in arrays_in(result):
        if GPU.pool is not None and id(root_of(x)) not in inside:
            GPU.pool.roots.append(root_of(x))
        if graph is None:
            GPU.touch(root_of(x), stream)
    return mapped(Array, result)


class Array:
    """An array of the device."""

    __slots__ = ("__weakref__", "_host", "_owner")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 100

    def __init__(self, host: np.ndarray) -> None:
        self._host, root = host, root_of(host)
        # As of CuPy's, a view keeps the array that it is one of.
        self._owner = _owners.get(id(root))
        if self._owner is None or root_of(self._owner._host) is not root:
            _owners[id(root)], self._owner = self, None

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    strides = property(lambda self: self._host.strides)
    itemsize = property(lambda self: self._host.itemsize)
    nbytes = property(lambda self: self._host.nbytes)
    flags = property(lambda self: self._host.flags)
    T = property(lambda self: self.transpose())

    @property
    def base(self) -> Any:
        return None if self._host.base is None else self

    def __repr__(self) -> str:
        return f"fakecuda({self._host!r})"

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("fake stream: expected to_host(x), got an implicit copy to NumPy.")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "__call__" and len(args) == 2 and isinstance(args[0], np.generic):
            return _launch(ufunc, args, kwargs, ufunc.__name__)
        raise TypeError(f"fake stream: expected xp(x).{ufunc.__name__}, got np.{ufunc.__name__}.")

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise TypeError(f"fake stream: expected xp(x).{func.__name__}, got np.{func.__name__}.")

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Iterator["Array"]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> "Array":
        _refuse_index(index)
        return _launch(_get, (self, index), {}, "__getitem__")

    def __setitem__(self, index: Any, value: Any) -> None:
        _refuse_index(index)
        _launch(_set, (self, index, value), {}, "__setitem__")

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        GPU.wait("a copy from the host")
        if arr.shape != self.shape or arr.dtype != self.dtype:
            raise ValueError("fake stream: set: expected an array of the same shape and dtype")
        stream = stream or GPU.current
        stream.tick += 1
        GPU.touch(root_of(self._host), stream)
        self._host[...] = arr
        GPU.fly(arr, stream)

    def get(self) -> np.ndarray:
        GPU.wait("a copy to the host")
        GPU.touch(root_of(self._host), GPU.current)
        GPU.land(GPU.current.now())
        return self._host.copy()

    def item(self, *args: int) -> Any:
        return self.get().item(*args)

    def tolist(self) -> Any:
        return self.get().tolist()

    def __float__(self) -> float:
        return float(self.get().item())

    def __int__(self) -> int:
        return int(self.get().item())

    def __bool__(self) -> bool:
        return bool(self.get())


def _get(x: np.ndarray, index: Any) -> Any:
    return x[index]


def _set(x: np.ndarray, index: Any, value: Any) -> None:
    x[index] = value


def _refuse_index(index: Any) -> None:
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, list):
            GPU.wait("a list as index")
        if isinstance(part, Array) and part.dtype == bool:
            GPU.wait("a boolean mask")


def _method(name: str) -> Callable[..., Any]:
    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        result = _launch(getattr(np.ndarray, name), (self, *args), kwargs, name)
        same = type(result) is Array and result._host is self._host  # as of astype(copy=False)
        return self if same or (name.startswith("__i") and name != "__invert__") else result

    method.__name__ = name
    return method


for _op in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split():
    for _prefix in ("", "r", "i"):
        if _prefix + _op != "imatmul":
            setattr(Array, f"__{_prefix}{_op}__", _method(f"__{_prefix}{_op}__"))
for _op in "neg pos abs invert eq ne lt le gt ge".split():
    setattr(Array, f"__{_op}__", _method(f"__{_op}__"))
for _op in (
    "all any argmax argmin argsort astype clip copy cumsum diagonal dot fill flatten max mean min "
    "nonzero prod ravel repeat reshape round squeeze std sum swapaxes take transpose var view"
).split():
    setattr(Array, _op, _method(_op))


class Module:
    """NumPy's names for arrays of the device, and a few of CuPy's own."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module
        self.ndarray = Array
        self.get_default_memory_pool = lambda: GPU.common
        self.cuda = types.SimpleNamespace(
            Stream=Stream,
            Event=Event,
            MemoryPool=MemoryPool,
            using_allocator=using_allocator,
            get_current_stream=lambda device_id=-1: GPU.current,
            runtime=types.SimpleNamespace(getDevice=lambda: 0),
        )

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if isinstance(value, types.ModuleType):
            return _Refusing(name) if name in ("random", "linalg") else Module(value)
        if isinstance(value, np.ufunc):
            return Ufunc(value)
        if isinstance(value, type) or not callable(value) or name in PLAIN:
            return value
        return lambda *args, **kwargs: _call(name, value, args, kwargs)


class _Refusing:
    """cuRAND and cuSOLVER."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        GPU.wait(f"{self._name}.{name}")
        value = getattr(getattr(np, self._name), name)
        return lambda *args, **kwargs: _launch(value, args, kwargs, name)


class Ufunc:
    def __init__(self, ufunc: np.ufunc) -> None:
        self._ufunc, self.__name__ = ufunc, ufunc.__name__
        self.nin, self.nout = ufunc.nin, ufunc.nout

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _launch(self._ufunc, args, kwargs, self.__name__)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._ufunc, name)
        return lambda *args, **kwargs: _launch(method, args, kwargs, f"{self.__name__}.{name}")


def _call(name: str, func: Callable, args: tuple, kwargs: dict) -> Any:
    if name in ("array", "asarray", "ascontiguousarray") and not isinstance(args[0], Array):
        if isinstance(args[0], np.ndarray | list | tuple):
            GPU.wait("a copy from the host")
            args = np.array(args[0]), *args[1:]
            return mapped(Array, func(*args, **kwargs))
    return _launch(func, args, kwargs, name)


def _kernel(name: str) -> Callable[..., Any]:
    host = getattr(HOST_KERNELS, name)

    if not name.endswith("_step"):
        return lambda *args, **kwargs: _launch(host, args, kwargs, f"kernel {name}")

    def run(skip: Any, *args: Any, **kwargs: Any) -> Any:
        # A number of an update may be an array of one element, read when it is launched.
        if _number(skip) == 0:
            numbers = {k: _number(v) for k, v in kwargs.items()}
            host(*[_number(v) for v in args], **numbers)

    return lambda *args, **kwargs: _launch(run, (SKIP.get(), *args), kwargs, f"kernel {name}")


def _number(x: Any) -> Any:
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


FAKE = Backend(
    name=NAME,
    array_types=(Array,),
    xp=Module(np),
    kernels=types.SimpleNamespace(**{name: _kernel(name) for name in vars(HOST_KERNELS)}),
    to_host=lambda x: x.get(),
    from_host=lambda x: _call("array", np.array, (x,), {}),
)


@contextlib.contextmanager
def fake_stream(monkeypatch: Any) -> Iterator[Any]:
    """Let there be this device, with streams, for the length of the block."""
    GPU.reset()
    register(FAKE)
    monkeypatch.setattr("dezero.backend.cupy.loading.module", lambda: FAKE.xp)
    pinned = types.SimpleNamespace(empty_pinned=GPU.new_pinned)
    monkeypatch.setitem(__import__("sys").modules, "cupyx", pinned)
    monkeypatch.setattr("dezero.backend.cupy.streams._idle", {})
    monkeypatch.setitem(STREAMS, NAME, CupyStreams)
    monkeypatch.setitem(ROOM, NAME, lambda: 1 << 30)
    try:
        yield GPU
    finally:
        unregister(FAKE)

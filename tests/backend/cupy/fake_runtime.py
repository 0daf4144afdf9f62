"""Streams and captures of a GPU that is not there, behind the names that CuPy gives them.

Arrays live in NumPy, and what is done to them goes through one door, `_launch` of `fake_stream`.
While a stream is capturing, launches are taken down by the addresses they work on; nothing is done,
and what CuPy refuses then is refused. A launch of the graph does it all on the same addresses: it
fails if their memory was let go, and finds there whatever was put there since. Each stream has a
clock, so that work on memory that another stream may still be using is an error.
"""

import contextlib
import contextvars
import functools
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

UNTOLD = {"empty", "empty_like", "aligned_empty"}


class StreamCaptureError(RuntimeError):
    """What the runtime says of what a capturing stream may not do."""


class _Gpu:
    """The state of the device: who is current, what is being captured."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.capturing: Any = None
        self.streams = 0
        self.null = Stream(null=True)
        self.current = self.null
        self.pool: Any = None
        self.common = MemoryPool()  # of arrays made outside of using_allocator
        self.host: dict[int, int] = {}  # what the host has waited for
        self.pinned: dict[int, Any] = {}
        self.flights: list[tuple[Any, bytes, int, int]] = []
        self.uses: dict[int, tuple[Any, dict[int, int]]] = {}
        self.launches = 0  # of graphs
        self.counts = [0]  # launches of anything else; a list, for what code reads is watched
        self.compiled: set[tuple] = set()
        self.is_particular = True  # refuses kernels that a capture is the first to meet

    @property
    def works(self) -> int:
        """Launches that were of no graph."""
        return self.counts[0]

    def wait(self, what: str) -> None:
        """Do what makes the host wait for the device."""
        if self.capturing is not None:
            self.capturing.invalid = True
            raise StreamCaptureError(
                f"cudaErrorStreamCaptureUnsupported: {what}: operation not permitted when stream "
                "is capturing"
            )

    def new_pinned(self, shape: Any, dtype: Any = float, order: str = "C") -> np.ndarray:
        """Return memory of the host that copies leave some time after they were asked for."""
        x = np.empty(shape, dtype, order)
        self.pinned[id(x)] = weakref.ref(x)
        return x

    def fly(self, x: np.ndarray, stream: "Stream") -> None:
        """Note a copy from memory of the host, which is done when the host has waited for it."""
        root = root_of(x)
        if self.pinned.get(id(root), bool)() is not root:
            return  # the runtime copies other memory aside before it returns
        if any(other() is root for other, *_ in self.flights):
            raise AssertionError("pinned memory is used again before its copy was waited for")
        self.flights.append((weakref.ref(root), root.tobytes(), stream.number, stream.tick))

    def land(self, clock: dict[int, int]) -> None:
        """Have the host wait for all that the clock says; look at what was copied from."""
        for number, tick in clock.items():
            self.host[number] = max(self.host.get(number, 0), tick)
        flights, self.flights = self.flights, []
        for flight in flights:
            root, held, stream, tick = flight
            if self.host.get(stream, -1) < tick:
                self.flights.append(flight)
                continue
            if root() is None:
                raise AssertionError("pinned memory was let go of before its copy was done")
            if root().tobytes() != held:
                raise AssertionError("pinned memory was written to before its copy was done")

    def touch(self, root: np.ndarray, stream: "Stream") -> None:
        """Note that `stream` works on memory; others must be done with it."""
        known = self.uses.get(id(root))
        if known is None or known[0]() is not root:
            known = self.uses[id(root)] = (weakref.ref(root), {})
        for other, tick in known[1].items():
            if other != stream.number and stream.clock.get(other, 0) < tick:
                raise AssertionError("race: another stream may still be using this memory")
        known[1][stream.number] = stream.tick


class Event:
    def __init__(self, block=False, disable_timing=False, interprocess=False) -> None:
        self.clock: dict[int, int] = {}

    def record(self, stream: Any = None) -> None:
        self.clock = (stream or GPU.current).now()

    def synchronize(self) -> None:
        GPU.wait("synchronize")
        GPU.land(self.clock)


class Stream:
    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None) -> None:
        self.is_null, self.non_blocking = null, non_blocking
        self.number = 0
        self.clock: dict[int, int] = {}
        self.tick = 0
        self._outer: list[Stream] = []
        if not null:
            GPU.streams += 1
            self.number = GPU.streams

    def now(self) -> dict[int, int]:
        return {**self.clock, self.number: self.tick}

    def __enter__(self) -> "Stream":
        self._outer.append(GPU.current)
        GPU.current = self
        return self

    def __exit__(self, *exc: object) -> None:
        GPU.current = self._outer.pop()

    def record(self, event: Any = None) -> Event:
        event = event or Event()
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        for number, tick in event.clock.items():
            self.clock[number] = max(self.clock.get(number, 0), tick)

    def synchronize(self) -> None:
        GPU.wait("synchronize")
        GPU.land(self.now())

    def begin_capture(self, mode: Any = None) -> None:
        if self.is_null:
            raise StreamCaptureError("cudaErrorStreamCaptureUnsupported: the null stream")
        if not self.non_blocking:
            raise StreamCaptureError("cudaErrorStreamCaptureImplicit: a blocking stream")
        if GPU.capturing is not None:
            raise StreamCaptureError("cudaErrorIllegalState")
        GPU.capturing = Graph()

    def end_capture(self) -> "Graph":
        graph, GPU.capturing = GPU.capturing, None
        graph.undo()
        if graph.invalid:
            raise StreamCaptureError("cudaErrorStreamCaptureInvalidated")
        return graph


class Pointer:
    """The address of an array; its memory may be let go by others."""

    def __init__(self, x: np.ndarray) -> None:
        self.root = weakref.ref(root_of(x))
        self.face = {
            "data": (x.__array_interface__["data"][0], False),
            "shape": x.shape,
            "strides": x.strides,
            "typestr": x.dtype.str,
            "version": 3,
        }

    def array(self) -> np.ndarray:
        root = self.root()
        if root is None:
            raise StreamCaptureError("cudaErrorIllegalAddress: the memory was let go")
        GPU.touch(root, GPU.current)
        holder = types.SimpleNamespace(__array_interface__=self.face, root=root)
        return np.asarray(holder)


class Graph:
    """Launches that were taken down."""

    def __init__(self) -> None:
        self.work: list[tuple] = []
        self.invalid = False
        self.before: dict[int, tuple[np.ndarray, bytes]] = {}
        self.made: list[np.ndarray] = []

    def look(self, tree: Any) -> None:
        """Remember what memory holds before something is taken down that may write to it."""
        for x in arrays_in(tree):
            root = root_of(x)
            if id(root) not in self.before and not any(root is made for made in self.made):
                self.before[id(root)] = root, root.copy()

    def take(self, func: Any, args: Any, kwargs: Any, result: Any, name: str) -> None:
        inside = {id(root_of(x)) for x in arrays_in((args, kwargs))}
        new = [x for x in arrays_in(result) if id(root_of(x)) not in inside]
        self.made += [root_of(x) for x in new]
        if name not in UNTOLD:
            outs = [Pointer(x) for x in new]
            # A graph computes as it was captured, in half precision or not, whatever holds later.
            func = functools.partial(contextvars.copy_context().run, func)
            self.work.append((func, mapped(Pointer, args), mapped(Pointer, kwargs), outs, inside))

    def undo(self) -> None:
        """Leave memory as if nothing had been done, which is so."""
        for root, held in self.before.values():
            root[...] = held
        for root in self.made:
            if root.dtype.kind == "f" and root.flags.writeable:
                root[...] = np.nan
        self.before, self.made = {}, []

    def launch(self, stream: Any = None) -> None:
        stream = stream or GPU.current
        GPU.launches += 1
        with stream:
            stream.tick += 1
            for func, args, kwargs, outs, _ in self.work:
                args, kwargs = mapped(Pointer.array, args), mapped(Pointer.array, kwargs)
                inside = {x.__array_interface__["data"][0] for x in arrays_in((args, kwargs))}
                result = as_arrays(func(*args, **kwargs))
                if outs:
                    new = list(arrays_in(result))
                    new = [x for x in new if not _is_inside(x, args, kwargs)] if inside else new
                    for out, x in zip(outs, new, strict=True):
                        np.copyto(out.array(), x)


def _is_inside(x: np.ndarray, args: Any, kwargs: Any) -> bool:
    return any(np.may_share_memory(x, a) for a in arrays_in((args, kwargs)))


class MemoryPool:
    def __init__(self, allocator: Any = None) -> None:
        self.roots: list[np.ndarray] = []
        self.emptied = 0

    def malloc(self, size: int) -> None:
        raise NotImplementedError

    def total_bytes(self) -> int:
        return sum(root.nbytes for root in self.roots)

    def free_all_blocks(self) -> None:
        GPU.wait("cudaFree")
        self.emptied += 1


@contextlib.contextmanager
def using_allocator(malloc: Any) -> Iterator[None]:
    outer, GPU.pool = GPU.pool, malloc.__self__
    try:
        yield
    finally:
        GPU.pool = outer


def root_of(x: np.ndarray) -> np.ndarray:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def mapped(f: Callable, x: Any) -> Any:
    if isinstance(x, np.ndarray | Pointer) or hasattr(x, "_host"):
        return f(x)
    if isinstance(x, tuple):
        parts = [mapped(f, v) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, list):
        return [mapped(f, v) for v in x]
    return {k: mapped(f, v) for k, v in x.items()} if type(x) is dict else x


def arrays_in(x: Any) -> Iterator[np.ndarray]:
    if isinstance(x, np.ndarray):
        yield x
    elif isinstance(x, tuple | list):
        for v in x:
            yield from arrays_in(v)
    elif type(x) is dict:
        yield from arrays_in(tuple(x.values()))


def kinds_of(x: Any) -> Iterator[Any]:
    """Yield what a kernel is compiled for: dtypes, axes and gaps of arrays, types of numbers."""
    if isinstance(x, np.ndarray):
        yield x.dtype.char, x.ndim, x.flags.c_contiguous
    elif isinstance(x, tuple | list):
        yield "("
        for v in x:
            yield from kinds_of(v)
        yield ")"
    else:
        yield type(x).__name__


def as_arrays(x: Any) -> Any:
    """Return results with NumPy's scalars as arrays, each of its own memory."""
    if isinstance(x, np.generic):
        return np.array(x)
    if isinstance(x, tuple | list):
        return type(x)(as_arrays(v) for v in x)
    return x


GPU = _Gpu()

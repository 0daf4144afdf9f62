"""`graph`: a step that is captured on a device once, and then runs by a single launch."""

import functools
import linecache
import warnings
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np

from dezero.backend import backend_of, is_array
from dezero.backend.capture import GraphCaptureError, Restructured, recording
from dezero.backend.cupy.graph import Captured, Driver
from dezero.backend.cupy.streams import STREAMS
from dezero.core import Function, Variable
from dezero.core.config import STATE
from dezero.core.errors import describe
from dezero.core.function import public_name
from dezero.training.unrolled import unrolled
from dezero.training.world import World

__all__ = ["GraphCaptureError", "GraphedStep", "graph"]

LIMIT = 4  # captured signatures of one step
# Files below these are not the user's, and what they are called by is an operation.
LIBRARIES = [str(Path(__file__).resolve().parent.parent)]


def graph(
    step: Callable[..., Any] | None = None,
    warmup: int = 3,
    *,
    required: bool = False,
    unroll: int = 1,
) -> Any:
    """Have `step` captured on the GPU, so that calls after the first few are one launch each.

    Args:
        step: function of a training step, such as step(x, t) -> loss, with cleargrads, backward
            and update inside. Left out, the decorator is returned: `@graph(warmup=1)`.
        warmup: calls with arguments of the same shapes that run as they are, at least 1.
        required: raise where the step cannot be captured; else it runs as it is, with a warning.
        unroll: steps of a call, which are one launch: with 16, arrays among the arguments hold 16
            batches on their first axis, and a list of 16 results is returned.
    Returns:
        GraphedStep, called as `step`. Where all arrays are the host's it just calls it.
    Raises:
        TypeError, ValueError: step is not callable, or a count is no number of at least 1.
        GraphCaptureError: when called, if required: names the operation and the line.
    Note: every call is an update. Results are those of the step as it is: to the last bit where
        `deterministic()` leaves no sum to chance. A replay runs no Python: nothing is printed or
        appended. Numbers given as arguments each make a graph of their own, up to four; what the
        step reads besides is watched, and captured anew if it is replaced. Results, gradients
        included, are overwritten by the next call, so `.copy()` what you keep, and know of no
        computation: backward() belongs inside.
    """
    if step is None:
        return functools.partial(graph, warmup=warmup, required=required, unroll=unroll)
    if not callable(step):
        raise TypeError(f"graph: expected a function, got {describe(step)}. Write graph(step).")
    why = {"warmup": "The first call lays out the parameters", "unroll": "1 is a step a call"}
    for name, count in (("warmup", warmup), ("unroll", unroll)):
        if isinstance(count, bool) or not isinstance(count, int):
            raise TypeError(f"graph: expected an integer as {name}, got {describe(count)}. Try 3.")
        if count < 1:
            raise ValueError(f"graph: expected {name} >= 1, got {count}. {why[name]}.")
    return GraphedStep(step if unroll == 1 else unrolled(step, unroll), warmup, required)


class GraphedStep:
    """A step that `graph` was given.

    Attributes:
        step: the function itself.
        reason: why it runs as it is, for the arguments last refused; "" if nothing was.
    """

    def __init__(self, step: Callable[..., Any], warmup: int, required: bool) -> None:
        functools.update_wrapper(self, step, updated=())
        self.step, self.warmup, self.required, self.reason = step, warmup, required, ""
        self.world = World()
        self._drivers: dict[str, Driver] = {}
        self._twins: dict[Hashable, list[Variable]] = {}
        self._warned = False
        self._last: Captured | None = None

    @property
    def captured(self) -> int:
        """How many signatures are captured."""
        return sum(len(driver.graphs) for driver in self._drivers.values())

    def reset(self) -> None:
        """Forget all captured steps and give their memory back."""
        self._drivers.clear()
        self._twins.clear()
        self.reason, self._last = "", None

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else functools.partial(self, owner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if recording() is not None:  # it becomes a part of the step that is being captured
            return self.step(*args, **kwargs)
        self._last = None
        call = _Call(self.step, args, kwargs)
        driver = self._driver(call)
        if driver is None or STATE.get().hooks or call.has_host_arrays:
            if driver is not None and call.has_host_arrays:
                self._refused(
                    "arrays of the host are among its arguments. Move them to the device before",
                    None,
                )
            return self.step(*args, **kwargs)
        call.key = call.signature, self.world.key()
        if call.key not in driver.graphs:
            self.world.find(self.step, call.others)
            call.key = call.signature, self.world.key()
        result, replayed = driver(call)
        if not replayed:
            return result
        if call.twins:  # of this call, which was captured
            known = {key: twins for key, twins in self._twins.items() if key in driver.graphs}
            self._twins = {**known, call.key: call.twins}
        if call.variables:
            call.deliver(self._twins[call.key])
        if not call.arrays:
            self._last = driver.graphs[call.key]
        return _renewed(result)

    def repeat(self) -> Any:
        """Replay what the last call did, on the caller's word that nothing else has changed.

        Returns:
            The result; None if the last call was no replay, or had arrays as arguments.
        """
        if self._last is None:
            return None
        try:
            return self._last.replay([])
        except Restructured:
            self._last = None
            return None

    def _driver(self, call: "_Call") -> Driver | None:
        """Return what captures steps on the device of the call; None for the host's."""
        found = call.arrays
        if not found:
            if not self.world.arrays():
                self.world.find(self.step, call.others)
            found = self.world.arrays()
        name = backend_of(found[0]).name if found else ""
        if name not in STREAMS:
            return None
        if name not in self._drivers:
            self._drivers[name] = Driver(
                STREAMS[name](),
                self.world,
                warmup=self.warmup,
                limit=LIMIT,
                explain=blamed,
                refused=self._refused,
            )
        return self._drivers[name]

    def _refused(self, reason: str, error: BaseException | None) -> None:
        self.reason = reason
        name = getattr(self, "__name__", "step")
        if self.required:
            raise GraphCaptureError(
                f"graph: expected a step that can be captured, got {name}: {reason}. Change that, "
                "or let it run as it is, without required=True or jit=True."
            ) from error
        if not self._warned:
            self._warned = True
            warnings.warn(f"graph: {name} runs as it is: {reason}.", stacklevel=2)


def chosen_jit(jit: bool | str, home: Any, model: Any, callbacks: list[Any]) -> bool | str:
    """Return whether `fit` is to capture its steps: False, "auto", or True.

    A model's own `train_step` is captured only for True: a replay runs none of its Python.

    Args:
        jit: as `fit` was given it.
        home, model, callbacks: where the model computes, the model, and who watches.
    Raises:
        ValueError: jit is none of the three.
        GraphCaptureError: jit is True, and the steps cannot be captured.
    """
    if jit not in (True, False, "auto") or not isinstance(jit, bool | str):
        raise ValueError(f"fit: expected jit to be 'auto', True or False, got {jit!r}.")
    if not jit:
        return False
    own = getattr(model, "own_step", None)
    watcher = next((c for c in callbacks if c.handles_nan), None)
    why = ""
    if home.device not in STREAMS:
        why = f"a model on {home.device}. Move it by model.to_gpu() before"
    elif own is not None and own("train_step") is not None and jit is not True:
        why = "a model with a train_step of its own, whose Python a replay would not run"
    elif watcher is not None:
        why = f"{type(watcher).__name__}, which looks at the loss before each update. Leave it out"
    if why and jit is True:
        raise GraphCaptureError(f"fit: expected steps to capture for jit=True, got {why}.")
    return False if why else jit


class _Call:
    """The arguments of one call: arrays, and what the rest of them is."""

    def __init__(self, step: Callable[..., Any], args: tuple, kwargs: dict) -> None:
        self.step = step
        self.arrays: list[Any] = []
        self.others: list[Any] = []
        self.variables: list[Variable] = []
        self.twins: list[Variable] = []
        self.has_host_arrays = False
        parts: list[Hashable] = []
        self.tree = self._taken((args, kwargs), parts)
        self.signature: Hashable = tuple(parts)
        self.key: Hashable = ()

    def run(self, arrays: list[Any]) -> Any:
        """Run the step on these arrays in the places of its own."""
        args, kwargs = self._given(self.tree, None if arrays is self.arrays else arrays)
        return self.step(*args, **kwargs)

    def deliver(self, twins: list[Variable]) -> None:
        """Give the Variables among the arguments the gradients that the captured ones got."""
        for x, twin in zip(self.variables, twins, strict=True):
            if twin.grad is not None:
                x.grad = twin.grad if x.grad is None else x.grad + twin.grad

    def _taken(self, x: Any, parts: list[Hashable]) -> Any:
        """Return the structure of x with a _Place for each array; add its signature to parts."""
        if _is_listed(x):
            parts.append((type(x), len(x)))
            return _like(x, [self._taken(v, parts) for v in x])
        if type(x) is dict:
            parts.append((dict, tuple(x)))
            return {name: self._taken(v, parts) for name, v in x.items()}
        data = x.data if isinstance(x, Variable) else x
        if data is not None and is_array(data):
            return self._noted(x, data, parts)
        self.others.append(x)
        try:
            hash(x)
        except TypeError:
            x_known: Hashable = _Same(x)
        else:
            x_known = str(x) if isinstance(x, float | np.floating) else x  # -0.0 is not 0.0
        parts.append((type(x), x_known))
        return x

    def _noted(self, x: Any, data: Any, parts: list[Hashable]) -> "_Place":
        place = _Place(len(self.arrays), x)
        self.arrays.append(data)
        if backend_of(data).name == "numpy":
            self.has_host_arrays = True
        wants = None
        if isinstance(x, Variable):
            wants = x.requires_grad
            self.variables.append(x)
        parts.append((data.shape, data.dtype, data.strides, wants))
        return place

    def _given(self, x: Any, arrays: list[Any] | None) -> Any:
        """Return a structure that `_taken` made, with what stood in its places, or with arrays."""
        if isinstance(x, _Place):
            if arrays is None:
                return x.value
            if not isinstance(x.value, Variable):
                return arrays[x.index]
            twin = Variable.constant(arrays[x.index])
            twin.name, twin.requires_grad = x.value.name, x.value.requires_grad
            self.twins.append(twin)
            return twin
        if type(x) is dict:
            return {name: self._given(v, arrays) for name, v in x.items()}
        return _like(x, [self._given(v, arrays) for v in x]) if _is_listed(x) else x


class _Place:
    """Where an array stands among the arguments."""

    def __init__(self, index: int, value: Any) -> None:
        self.index, self.value = index, value


class _Same:
    """What cannot be hashed, as itself; it lives as long as the graph whose key it is in."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def _renewed(x: Any) -> Any:
    """Return a result with Variables of its own, that hold the same arrays and know no graph."""
    if isinstance(x, Variable):
        twin = Variable.constant(x.data)
        twin.name = x.name
        return twin
    if type(x) is dict:
        return {name: _renewed(v) for name, v in x.items()}
    return _like(x, [_renewed(v) for v in x]) if _is_listed(x) else x


def _is_listed(x: Any) -> bool:
    return type(x) in (list, tuple) or (isinstance(x, tuple) and hasattr(x, "_fields"))


def _like(x: Any, parts: list[Any]) -> Any:
    """Return a list, tuple or named tuple of these parts."""
    return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)


def blamed(error: BaseException) -> str:
    """Return why a capture failed: what was said, by which operation, at which line."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    if "StreamCapture" in said:  # the driver's words name no reason
        said = f"it waits for the device, or copies to or from the host ({said})"
    elif not isinstance(error, GraphCaptureError):
        said = f"{type(error).__name__}: {said}"
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    theirs = [i for i, (frame, _) in enumerate(frames) if _is_users(frame.f_code.co_filename)]
    at = theirs[-1] if theirs else len(frames) - 1
    if at < 0:
        return said
    operation = next((name for name in map(_operation, frames[at + 1 :]) if name), "")
    frame, line = frames[at]
    path = frame.f_code.co_filename
    text = linecache.getline(path, line, frame.f_globals).strip()
    where = f"{Path(path).name}:{line}" + (f" ({text})" if text else "")
    return f"{said} [{operation + ', ' if operation else ''}{where}]"


def _is_users(path: str) -> bool:
    rest = ("site-packages", "dist-packages", "contextlib.py")
    ours = path.startswith(tuple(LIBRARIES))
    return not ours and not any(part in rest for part in Path(path).parts)


def _operation(entry: tuple[Any, int]) -> str:
    """Return the name of the library's operation that a frame is in, if it is one."""
    frame = entry[0]
    if not frame.f_code.co_filename.startswith(LIBRARIES[0]):
        return ""
    owner = frame.f_locals.get("self")
    if isinstance(owner, Function):
        return public_name(owner)
    name = frame.f_code.co_name.strip("_")
    return "" if name in ("call", "wrapped", "inner") else name

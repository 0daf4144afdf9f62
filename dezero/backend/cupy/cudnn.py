"""NVIDIA's cuDNN by its Python front end, where that is installed: convolutions alone.

It gets addresses, never arrays, and every size and step of what comes in and goes out: what it
would work out by itself has changed between its versions. A plan is looked for once for each
kind of convolution.
"""

import hashlib
import importlib
import importlib.util
import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

from dezero.backend.cupy.blas import CuPyPlace
from dezero.backend.cupy.detect import first_line
from dezero.backend.precision import PRECISION

__all__ = ["Cudnn", "Problem", "build", "cudnn", "is_installed", "plans"]

KEPT = 256  # plans
WORKSPACE_LIMIT = 1 << 30
TYPES = {"float16": "HALF", "bfloat16": "BFLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
# What our arrays are called in a graph.
PICTURE, KERNEL, RESULT = 1, 2, 3
# Set it to a folder, and plans are kept there from process to process.
CACHE = "DEZERO_CUDNN_CACHE"


class Problem(NamedTuple):
    """A convolution as cuDNN sees it: axes in the order N, C, H, W and O, C, KH, KW; steps in
    elements, as the arrays lie.

    `kind` is "fprop" for the pictures y, "dgrad" for the gradient of x, "wgrad" for that of w.
    """

    kind: str
    dtype: str
    x: tuple[tuple[int, ...], tuple[int, ...]]
    w: tuple[tuple[int, ...], tuple[int, ...]]
    y: tuple[tuple[int, ...], tuple[int, ...]]
    pads: tuple[tuple[int, int], tuple[int, int]]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    precision: str = "highest"
    deterministic: bool = False


def is_installed() -> bool:
    """Return whether the front end is there; whether it works is found out by using it."""
    return importlib.util.find_spec("cudnn") is not None


def build(library: Any, problem: Problem, handle: Any = None) -> Any:
    """Return the graph of one convolution, checked but not compiled.

    Args:
        library: the module cudnn.
        problem: what to compute.
        handle: of cuDNN; None makes one, which needs a driver.
    """
    kinds = library.data_type
    dtype = getattr(kinds, TYPES[problem.dtype])
    wide = kinds.DOUBLE if problem.dtype == "float64" else kinds.FLOAT
    graph = library.pygraph(
        io_data_type=dtype, intermediate_data_type=wide, compute_data_type=wide, handle=handle
    )

    def tensor(uid: int, name: str) -> Any:
        dim, stride = getattr(problem, name)
        made = graph.tensor(name=name, dim=list(dim), stride=list(stride), data_type=dtype)
        made.set_uid(uid)
        return made

    before, after = zip(*problem.pads, strict=True)
    window = {
        "pre_padding": list(before),
        "post_padding": list(after),
        "stride": list(problem.stride),
        "dilation": list(problem.dilation),
        "compute_data_type": wide,
    }
    if problem.kind == "fprop":
        out, shape = "y", problem.y
        x, w = tensor(PICTURE, "x"), tensor(KERNEL, "w")
        result = graph.conv_fprop(image=x, weight=w, **window)
    elif problem.kind == "dgrad":
        out, shape = "x", problem.x
        y, w = tensor(PICTURE, "y"), tensor(KERNEL, "w")
        result = graph.conv_dgrad(loss=y, filter=w, **window)
    else:
        out, shape = "w", problem.w
        x, y = tensor(PICTURE, "x"), tensor(KERNEL, "y")
        result = graph.conv_wgrad(image=x, loss=y, **window)
    result.set_output(True).set_data_type(dtype).set_name(out)
    result.set_dim(list(shape[0])).set_stride(list(shape[1])).set_uid(RESULT)
    graph.validate()
    return graph


def refused(library: Any, problem: Problem) -> list[Any]:
    """Return the notes of plans that may not be taken: by precision, and by the order of sums."""
    notes = library.numerical_note
    found = [notes.NONDETERMINISTIC] if problem.deterministic else []
    if problem.dtype == "float32" and problem.precision == "highest":
        found += [notes.TENSOR_CORE, notes.DOWN_CONVERT_INPUTS]
    return [*found, notes.REDUCED_PRECISION_REDUCTION]


class Cudnn:
    """A handle of cuDNN, for one thread and device, with the plans it found.

    Args:
        library: the module cudnn.
        place: as for `Blas`.
        store: where plans are kept, or None.
    """

    def __init__(self, library: Any, place: Any, store: "Store | None" = None) -> None:
        self.library, self.place, self.store = library, place, store
        self.handle = library.create_handle()
        self._stream: int | None = None
        self.plans: OrderedDict[Problem, tuple[Any, int] | None] = OrderedDict()
        self.reasons: dict[Problem, str] = {}

    def run(self, problem: Problem, first: Any, second: Any, out: Any) -> bool:
        """Compute `out` from two arrays; False where cuDNN has no plan: `reasons` says why.

        Args:
            problem: which says how the arrays lie.
            first, second: x and w, y and w, or x and y, in this order.
        """
        if problem in self.plans:
            self.plans.move_to_end(problem)
        else:
            self.plans[problem] = self._plan(problem)
            if len(self.plans) > KEPT:
                self.reasons.pop(self.plans.popitem(last=False)[0], None)
        plan = self.plans[problem]
        if plan is None:
            return False
        graph, size = plan
        self._follow()
        space = self.place.xp.empty(max(size, 1), "u1")
        arrays = {PICTURE: first, KERNEL: second, RESULT: out}
        addresses = {uid: self.place.pointer(array) for uid, array in arrays.items()}
        graph.execute(addresses, self.place.pointer(space), handle=self.handle)
        return True

    def _follow(self) -> None:
        stream = self.place.stream()
        if stream != self._stream:
            self.library.set_stream(handle=self.handle, stream=stream)
            self._stream = stream

    def _plan(self, problem: Problem) -> tuple[Any, int] | None:
        try:
            graph = self._stored(problem) or self._made(problem)
            return graph, int(graph.get_workspace_size())
        except Exception as error:  # cuDNN's own class, or what an older front end raises
            self.reasons[problem] = f"{type(error).__name__}: {first_line(error)}"
            return None

    def _made(self, problem: Problem) -> Any:
        graph = build(self.library, problem, self.handle)
        graph.build_operation_graph()
        modes = self.library.heur_mode
        graph.create_execution_plans([modes.A, modes.FALLBACK])
        graph.deselect_numeric_notes(refused(self.library, problem))
        graph.deselect_workspace_greater_than(WORKSPACE_LIMIT)
        graph.check_support()
        graph.build_plans()
        if self.store is not None:
            self.store.save(problem, bytes(graph.serialize()))
        return graph

    def _stored(self, problem: Problem) -> Any:
        data = None if self.store is None else self.store.load(problem)
        if data is None:
            return None
        try:
            graph = self.library.pygraph(handle=self.handle)
            graph.deserialize(self.handle, list(data))
        except Exception:  # of another driver, or cut off: made anew
            return None
        return graph


class Store:
    """Plans on disk, in files named after what they are for, cuDNN's version and the GPU."""

    def __init__(self, folder: str, version: Any, device: str) -> None:
        self.folder, self.mark = Path(folder), f"{version} {device}"

    def _path(self, problem: Problem) -> Path:
        name = hashlib.sha256(f"{self.mark} {tuple(problem)}".encode()).hexdigest()
        return self.folder / f"{name[:40]}.plan"

    def load(self, problem: Problem) -> bytes | None:
        """Return the plan, None where there is none that can be read."""
        try:
            return self._path(problem).read_bytes()
        except OSError:
            return None

    def save(self, problem: Problem, plan: bytes) -> None:
        """Keep a plan; where that cannot be, nothing is lost but time."""
        path = self._path(problem)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(plan)
            part.replace(path)
        except OSError:
            return


class _Handles(threading.local):
    def __init__(self) -> None:
        self.place: Any = None
        self.found: dict[int, Cudnn] = {}


_handles = _Handles()
# Why cuDNN cannot be used at all, once that is known.
broken: list[str] = []


def cudnn() -> Cudnn | None:
    """Return this thread's handle on the current device; None where cuDNN cannot be used."""
    if broken:
        return None
    if _handles.place is None:
        if not is_installed():
            broken.append("the cuDNN front end is not installed")
            return None
        _handles.place = CuPyPlace()
    device = _handles.place.device()
    if device not in _handles.found:
        try:
            library = importlib.import_module("cudnn")
            _handles.found[device] = Cudnn(library, _handles.place, _store(library, device))
        except Exception as error:
            broken.append(f"cuDNN does not start, {type(error).__name__}: {first_line(error)}")
            return None
    return _handles.found[device]


def plans() -> list[Any]:
    """Return the plans that this thread has: kernels of theirs may be in a captured step."""
    return [plan for found in _handles.found.values() for plan in found.plans.values() if plan]


def _store(library: Any, device: int) -> Store | None:
    folder = os.environ.get(CACHE)
    if not folder:
        return None
    name = str(_handles.place.xp.cuda.runtime.getDeviceProperties(device)["name"])
    return Store(folder, library.backend_version(), name)


def precision() -> tuple[str, bool]:
    """Return the two settings that decide which plans may be taken."""
    now = PRECISION.get()
    return now.matmul, now.deterministic

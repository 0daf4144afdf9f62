"""cuDNN's front end: the real one builds our graphs, one of NumPy's runs them."""

import importlib
import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from dezero.backend import numpy_convolution as host
from dezero.backend.cupy import cudnn as room
from dezero.backend.cupy.cudnn import Cudnn, Problem, Store, build
from dezero.backend.precision import deterministic
from dezero.backend.window import Window
from tests.backend.cupy.host_blas import HostPlace, in_columns

NHWC = ((2, 3, 8, 8), (192, 1, 24, 3))
FILTER = ((4, 3, 3, 3), (27, 1, 9, 3))
OUT = ((2, 4, 8, 7), (224, 1, 28, 4))


def problem(kind="fprop", dtype="float32", **changes):
    found = Problem(kind, dtype, NHWC, FILTER, OUT, ((1, 1), (1, 0)), (1, 1), (1, 1))
    return found._replace(**changes)


class Tensor:
    def __init__(self, dim=(), stride=(), **rest):
        self.dim, self.stride, self.uid = dim, stride, None

    def set_uid(self, uid):
        self.uid = uid
        return self

    def set_dim(self, dim):
        self.dim = dim
        return self

    def set_stride(self, stride):
        self.stride = stride
        return self

    def set_output(self, is_output):
        return self

    set_data_type = set_name = set_output

    def at(self, address, dtype):
        """The array there, as pictures (N, H, W, C)."""
        kind = {"float32": 0, "float64": 1, "float16": 2, "bfloat16": 14}[dtype]
        size = 1 + sum((n - 1) * s for n, s in zip(self.dim, self.stride, strict=True))
        flat = in_columns(address, kind, size, 1, size)[:, 0]
        return as_strided(flat, self.dim, [s * flat.itemsize for s in self.stride])


class Graph:
    """A pygraph of one convolution, run by the host's."""

    def __init__(self, library, **options):
        self.library, self.calls = library, []
        self.dtype = options.get("io_data_type")

    def tensor(self, **what):
        return Tensor(**what)

    def _take(self, kind, first, second, window):
        self.kind, self.parts, self.result = kind, (first, second), Tensor()
        pads = tuple(zip(window["pre_padding"], window["post_padding"], strict=True))
        self.window = window["stride"], pads, window["dilation"]
        return self.result

    def conv_fprop(self, image, weight, **window):
        return self._take("fprop", image, weight, window)

    def conv_dgrad(self, loss, filter, **window):
        return self._take("dgrad", loss, filter, window)

    def conv_wgrad(self, image, loss, **window):
        return self._take("wgrad", image, loss, window)

    def __getattr__(self, name):
        def call(*args):
            self.calls.append((name, *args))

        return call

    def check_support(self):
        if not self.library.has_plans:
            raise RuntimeError("no valid engine configs\nmore")

    def get_workspace_size(self):
        return 100

    def serialize(self):
        self.library.kept.append(self)
        return [len(self.library.kept) - 1]

    def deserialize(self, handle, data):
        self.__dict__ = self.library.kept[data[0]].__dict__

    def execute(self, addresses, workspace, handle):
        assert type(workspace) is int and handle == 11 and self.library.stream is not None
        assert not any(address % 16 for address in addresses.values()), "misaligned address"
        a, b = (part.at(addresses[part.uid], self.dtype) for part in self.parts)
        y = self.result.at(addresses[self.result.uid], self.dtype)
        a, b = (self._wide(x) for x in (a, b))
        nhwc, hwio = (0, 2, 3, 1), (2, 3, 1, 0)
        stride, pads, dilation = self.window
        kernel = (y if self.kind == "wgrad" else b).shape[2:]
        window = Window(tuple(kernel), tuple(stride), pads, tuple(dilation))
        if self.kind == "fprop":
            groups = a.shape[1] // b.shape[1]
            result = host.convolve(a.transpose(nhwc), b.transpose(hwio), None, window, groups)
            result = result.transpose(0, 3, 1, 2)
        elif self.kind == "dgrad":
            groups = y.shape[1] // b.shape[1]
            shape = tuple(y.shape[2:])
            result = host.convolve_gradient_x(
                a.transpose(nhwc), b.transpose(hwio), window, shape, groups
            ).transpose(0, 3, 1, 2)
        else:
            groups = a.shape[1] // y.shape[1]
            result = host.convolve_gradient_w(
                a.transpose(nhwc), b.transpose(nhwc), window, groups
            ).transpose(3, 2, 0, 1)
        y[...] = result.view("u4") >> 16 if self.dtype == "bfloat16" else result
        self.library.ran += 1

    def _wide(self, x):
        if self.dtype != "bfloat16":
            return x.astype("f8" if x.dtype == "f8" else "f4")
        return (x.astype("u4") << 16).view("f4")


class HostCudnn:
    """The module cudnn, as far as it is used."""

    def __init__(self, has_plans=True):
        names = room.TYPES
        self.data_type = SimpleNamespace(**{value: key for key, value in names.items()})
        notes = "NONDETERMINISTIC TENSOR_CORE DOWN_CONVERT_INPUTS REDUCED_PRECISION_REDUCTION"
        self.numerical_note = SimpleNamespace(**{note: note for note in notes.split()})
        self.heur_mode = SimpleNamespace(A="A", FALLBACK="FALLBACK")
        self.has_plans, self.ran, self.made, self.stream, self.streams = has_plans, 0, [], None, 0
        self.kept = []

    def create_handle(self):
        return 11

    def set_stream(self, handle, stream):
        self.stream, self.streams = stream, self.streams + 1

    def backend_version(self):
        return 92800

    def pygraph(self, **options):
        self.made.append(Graph(self, **options))
        return self.made[-1]


def arrays(rng):
    x, w = rng.standard_normal((2, 8, 8, 3)), rng.standard_normal((4, 3, 3, 3))
    return x.astype("f4"), w.astype("f4"), np.empty((2, 8, 7, 4), "f4")


def test_plans_are_made_once_and_the_stream_is_set_on_change(rng):
    library = HostCudnn()
    handle = Cudnn(library, HostPlace())
    x, w, y = arrays(rng)
    for stream in (5, 5, 6):
        handle.place.current = stream
        assert handle.run(problem(), x, w, y)
    assert (len(library.made), library.ran, library.streams) == (1, 3, 2)
    window = Window((3, 3), pads=((1, 1), (1, 0)))
    np.testing.assert_allclose(
        y, host.convolve(x, w.transpose(1, 2, 3, 0), None, window), atol=1e-4
    )
    calls = [name for name, *_ in library.made[0].calls]
    assert calls.index("validate") < calls.index("build_operation_graph") < calls.index(
        "create_execution_plans") < calls.index("deselect_numeric_notes") < calls.index(
        "build_plans")  # fmt: skip


def test_notes_by_precision_and_order():
    library = HostCudnn()
    strict = {"TENSOR_CORE", "DOWN_CONVERT_INPUTS", "REDUCED_PRECISION_REDUCTION"}
    assert set(room.refused(library, problem())) == strict
    assert set(room.refused(library, problem(precision="tf32", deterministic=True))) == {
        "NONDETERMINISTIC",
        "REDUCED_PRECISION_REDUCTION",
    }
    assert room.refused(library, problem(dtype="float16")) == ["REDUCED_PRECISION_REDUCTION"]
    with deterministic():
        assert room.precision() == ("highest", True)


def test_no_plan(rng, monkeypatch):
    monkeypatch.setattr(room, "KEPT", 1)
    handle = Cudnn(HostCudnn(has_plans=False), HostPlace())
    assert not handle.run(problem(), *arrays(rng))
    assert handle.reasons == {problem(): "RuntimeError: no valid engine configs"}
    assert not handle.run(problem("dgrad"), *arrays(rng))
    assert list(handle.reasons) == [problem("dgrad")]  # the oldest went


def test_store(rng, tmp_path):
    x, w, y = arrays(rng)
    store = Store(str(tmp_path / "plans"), 92800, "H100")
    library = HostCudnn()
    Cudnn(library, HostPlace(), store).run(problem(), x, w, y)
    assert len(list((tmp_path / "plans").iterdir())) == 1
    again = Cudnn(library, HostPlace(), store)
    expected, y[...] = y.copy(), 0
    again.run(problem(), x, w, y)
    np.testing.assert_array_equal(y, expected)
    assert not any(name == "build_plans" for name, *_ in library.made[-1].calls[1:-1:99])
    assert Store(str(tmp_path / "plans"), 92801, "H100").load(problem()) is None
    (path,) = (tmp_path / "plans").iterdir()
    path.write_bytes(b"\xff")  # cut off: made anew
    Cudnn(library, HostPlace(), store).run(problem(), x, w, y)
    np.testing.assert_array_equal(y, expected)
    blocked = tmp_path / "file"
    blocked.write_text("")
    Store(str(blocked), 1, "").save(problem(), b"x")


def test_whether_it_can_be_used(monkeypatch):
    found = []
    monkeypatch.setattr(room, "broken", found)
    monkeypatch.setattr(room, "_handles", room._Handles())
    monkeypatch.setattr(room, "is_installed", lambda: False)
    assert room.cudnn() is None and room.cudnn() is None
    assert found == ["the cuDNN front end is not installed"]
    found.clear()
    monkeypatch.setattr(room, "is_installed", lambda: True)
    monkeypatch.setattr(room, "CuPyPlace", HostPlace)
    library = types.ModuleType("cudnn")
    library.create_handle = lambda: 1 / 0
    monkeypatch.setitem(sys.modules, "cudnn", library)
    assert room.cudnn() is None
    assert found == ["cuDNN does not start, ZeroDivisionError: division by zero"]
    found.clear()
    library.create_handle = lambda: 11
    first = room.cudnn()
    assert first is not None and room.cudnn() is first and first.store is None


@pytest.mark.parametrize("kind", ["fprop", "dgrad", "wgrad"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_the_real_front_end_takes_our_graphs(kind, dtype):
    library = pytest.importorskip("cudnn", reason="the cuDNN front end is not installed")
    try:
        library.backend_version()
    except RuntimeError:
        pytest.skip("cuDNN itself is not installed")
    nchw = (tuple(dim for dim, _ in (NHWC, FILTER, OUT)), ((192, 64, 8, 1), (27, 9, 3, 1),
                                                          (224, 56, 7, 1)))  # fmt: skip
    orders = [problem(kind, dtype)]
    orders.append(orders[0]._replace(**{n: pair for n, pair in zip("xwy", zip(*nchw, strict=True),
                                                                   strict=True)}))  # fmt: skip
    orders.append(problem(kind, dtype, x=((2, 6, 8, 8), (384, 1, 48, 6)), pads=((1, 1), (1, 0)),
                          w=((4, 3, 3, 3), (27, 1, 9, 3))))  # fmt: skip
    assert all(build(library, each) is not None for each in orders)


def test_is_installed():
    found = importlib.util.find_spec("cudnn") is not None
    assert room.is_installed() == found

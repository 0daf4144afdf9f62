"""The ways of a convolution on the GPU, each with NumPy in CuPy's place, against the host's."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from dezero.backend import numpy_convolution as host
from dezero.backend.cupy import convolution
from dezero.backend.cupy import cudnn as vendor
from dezero.backend.precision import autocast, deterministic, matmul_precision
from dezero.backend.window import Window
from tests.backend.cupy.host_blas import HostPlace
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.backend.cupy.test_cudnn import HostCudnn

pytestmark = needs_compiler

CASES = [
    pytest.param(((3, 4), 1, Window((1, 1))), id="pixels"),
    pytest.param(((3, 4), 1, Window((3, 3), pads=((1, 1), (1, 1)))), id="same"),
    pytest.param(((3, 4), 1, Window((2, 3), (2, 1), ((0, 1), (2, 0)), (1, 2))), id="uneven"),
    pytest.param(((4, 6), 2, Window((3, 3), (2, 2))), id="groups"),
    pytest.param(((4, 6), 2, Window((1, 1))), id="pixels in groups"),
    pytest.param(((3, 6), 3, Window((3, 3), pads=((1, 1), (1, 1)))), id="depthwise"),
    pytest.param(((1, 2), 1, Window((5, 5))), id="one channel"),
]

TOLERANCE = {None: 1e-4, "float16": 0.1, "bfloat16": 0.8}


@pytest.fixture
def place(monkeypatch):
    made = HostPlace()
    made.monkeypatch = monkeypatch
    monkeypatch.setattr(vendor, "broken", ["the cuDNN front end is not installed"])
    with hosted():
        yield made


def arrays(rng, case, dtype, first):
    """x, W, b and gy; in the memory of NCHW if `first`."""
    channels, groups, window = case
    x = rng.standard_normal((3, 7, 6, channels[0]))
    W = rng.standard_normal((*window.kernel, channels[0] // groups, channels[1]))
    gy = rng.standard_normal((3, *window.out_shape((7, 6)), channels[1]))
    if first:
        x, gy = (np.ascontiguousarray(a.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
                 for a in (x, gy))  # fmt: skip
        W = np.ascontiguousarray(W.transpose(3, 2, 0, 1)).transpose(2, 3, 1, 0)
    b = rng.standard_normal(channels[1])
    return [a.astype(dtype) for a in (x, W, b, gy)]


def compare(given, case, tolerance):
    _, groups, window = case
    x, W, b, gy = given
    pairs = [
        (room.convolve(x, W, b, window, groups), room.convolve(x, W, None, window, groups),
         room.convolve_relu(x, W, b, window, groups),
         room.convolve_relu(x, W, None, window, groups),
         *room.convolve_gradient_wb(x, gy, window, groups),
         room.convolve_gradient_x(gy, W, window, (7, 6), groups),
         room.convolve_gradient_w(x, gy, window, groups))
        for room in (convolution, host)
    ]  # fmt: skip
    for found, expected in zip(*pairs, strict=True):
        assert found.shape == expected.shape and found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("case", CASES)
def test_without_cudnn(place, rng, case, dtype, first):
    compare(arrays(rng, case, dtype, first), case, {"f2": 0.15, "f4": 1e-4, "f8": 1e-11}[dtype])


@pytest.mark.parametrize("half", [None, "float16", "bfloat16"])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_with_cudnn(place, rng, case, first, half):
    library = HostCudnn()
    handle = vendor.Cudnn(library, place)
    place.monkeypatch.setattr(vendor, "cudnn", lambda: handle)
    with autocast(half):
        compare(
            arrays(rng, case, "f4", first),
            case,
            {None: 1e-4, "float16": 0.1, "bfloat16": 0.8}[half],
        )
    assert (library.ran > 0) == (case[2].kernel != (1, 1) or case[1] > 1)


def test_each_setting_has_a_plan_of_its_own(place, rng, monkeypatch):
    handle = vendor.Cudnn(HostCudnn(), place)
    monkeypatch.setattr(vendor, "cudnn", lambda: handle)
    window = Window((3, 3))
    x, W, _, _ = arrays(rng, ((3, 4), 1, window), "f4", False)
    convolution.convolve(x, W, None, window)
    with matmul_precision("tf32"):
        convolution.convolve(x, W, None, window)
    with deterministic():
        convolution.convolve(x, W, None, window)
    found = [(problem.precision, problem.deterministic) for problem in handle.plans]
    assert found == [("highest", False), ("tf32", False), ("highest", True)]


@pytest.mark.parametrize("first", [False, True])
def test_arrays_may_begin_anywhere(place, rng, first):
    library = HostCudnn()
    handle = vendor.Cudnn(library, place)
    place.monkeypatch.setattr(vendor, "cudnn", lambda: handle)
    case = (3, 4), 1, Window((3, 3), pads=((1, 1), (1, 1)))
    given = []
    for x in arrays(rng, case, "f4", first):
        order = np.argsort([-stride for stride in x.strides], kind="stable")
        moved = np.empty(x.size + 1, "f4")[1:].reshape([x.shape[i] for i in order])
        moved = moved.transpose(np.argsort(order))
        moved[...] = x
        assert moved.strides == x.strides and moved.ctypes.data % 16
        given.append(moved)
    compare(given, case, 1e-4)
    assert library.ran


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_without_cudnn(place, rng, half):
    case = (3, 4), 1, Window((3, 3), pads=((1, 1), (1, 1)))
    with autocast(half):
        compare(arrays(rng, case, "f4", False), case, 1e-4)


def test_one_warning_for_each_shape_without_a_plan(place, rng, monkeypatch):
    handle = vendor.Cudnn(HostCudnn(has_plans=False), place)
    monkeypatch.setattr(vendor, "cudnn", lambda: handle)
    window = Window((3, 3))
    x, W, _, _ = arrays(rng, ((3, 4), 1, window), "f4", False)
    with pytest.warns(UserWarning, match=r"conv2d: cuDNN has no plan for fprop of float32 \(3, 7"):
        found = convolution.convolve(x, W, None, window)
    np.testing.assert_allclose(found, host.convolve(x, W, None, window), atol=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        convolution.convolve(x, W, None, window)


def test_empty(place):
    window = Window((3, 3), pads=((1, 1), (1, 1)))
    x, W = np.zeros((0, 5, 5, 2)), np.ones((3, 3, 2, 4))
    assert convolution.convolve(x, W, np.ones(4), window).shape == (0, 5, 5, 4)
    gy = np.zeros((0, 5, 5, 4))
    assert convolution.convolve_gradient_x(gy, W, window, (5, 5)).shape == x.shape
    assert not convolution.convolve_gradient_w(x, gy, window).any()


def test_paths_in_words(place, monkeypatch):
    x, W = np.empty((1, 5, 5, 4)), np.empty((3, 3, 4, 8))
    window = Window((3, 3))
    assert convolution.convolution_path(x, W, window) == "columns"
    assert convolution.convolution_path(x, W[:1, :1], Window((1, 1))) == "pixels"
    assert convolution.convolution_path(x, W[:, :, :1], window, 4) == "depthwise"
    assert convolution.convolution_path(x, W[:, :, :2], window, 2) == "columns in 2 groups"
    assert "directly (the cuDNN front end is not installed)" in convolution.in_words()
    monkeypatch.setattr(vendor, "cudnn", SimpleNamespace)
    assert convolution.convolution_path(x, W, window) == "cudnn"
    assert convolution.in_words().startswith("cuDNN;")

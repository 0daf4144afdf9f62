"""The binding of cuBLAS, on a library of NumPy's that is called as the real one is."""

import ctypes

import numpy as np
import pytest

from dezero.backend.cupy import blas as room
from dezero.backend.cupy.blas import Blas, status_name
from dezero.backend.precision import matmul_precision
from tests.backend.cupy.host_blas import HostCublas, HostPlace


@pytest.fixture
def host():
    return Blas(HostCublas(), HostPlace())


def views(rng, dtype):
    """Matrices (6, 4) that lie in memory in many ways."""
    draw = lambda *shape: rng.standard_normal(shape).astype(dtype)  # noqa: E731
    yield draw(6, 4)
    yield draw(4, 6).T
    yield draw(6, 9)[:, 2:6]
    yield draw(8, 7)[1:5, :6].T
    yield draw(12, 8)[::2, ::2]
    yield draw(6, 4)[::-1]
    yield np.broadcast_to(draw(4), (6, 4))
    yield np.broadcast_to(draw(6, 1), (6, 4))


@pytest.mark.parametrize(("dtype", "tolerance"), [("f2", 2e-2), ("f4", 1e-5), ("f8", 1e-13)])
def test_every_view_times_every_view(host, rng, dtype, tolerance):
    for a in views(rng, dtype):
        for b in (v.T for v in views(rng, dtype)):
            y = host.matmul(a, b)
            assert y.dtype == dtype
            np.testing.assert_allclose(y, a.astype("f8") @ b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((4,), (4,)), ((4,), (4, 3)), ((5, 4), (4,)), ((2, 5, 4), (4,)), ((4,), (2, 4, 3)),
        ((2, 5, 4), (4, 3)), ((5, 4), (2, 4, 3)), ((2, 5, 4), (2, 4, 3)), ((2, 1, 5, 4), (3, 4, 3)),
        ((1, 3, 5, 4), (2, 3, 4, 3)), ((2, 3, 5, 4), (1, 1, 4, 3)), ((2, 0, 4), (4, 3)),
        ((5, 0), (0, 3)), ((0, 5, 4), (0, 4, 3)), ((2, 5, 0), (2, 0, 3)), ((1, 1), (1, 1)),
    ],
)  # fmt: skip
def test_shapes_of_matmul(host, rng, a, b):
    a, b = rng.standard_normal(a), rng.standard_normal(b)
    y = host.matmul(a, b)
    assert y.shape == (a @ b).shape
    np.testing.assert_allclose(y, a @ b, atol=1e-12)


def test_batches_without_a_copy(host, rng, monkeypatch):
    monkeypatch.setattr(host, "_copied", None)
    heads = rng.standard_normal((3, 7, 2, 4))
    q = heads.reshape(21, 2, 4).swapaxes(0, 1)  # (2, 21, 4), the steps of all in one
    np.testing.assert_allclose(host.matmul(q, q.swapaxes(1, 2)), q @ q.swapaxes(1, 2))
    x, W = rng.standard_normal((5, 6)), rng.standard_normal((4, 6, 3))
    np.testing.assert_allclose(host.matmul(x, W), x @ W)
    np.testing.assert_allclose(host.matmul(x.T[None], x[None]), (x.T @ x)[None])
    assert host.library.calls.count("batched") == 2


def test_heads_of_attention_are_copied(host, rng):
    x = rng.standard_normal((3, 7, 2, 4)).swapaxes(1, 2)  # (3, 2, 7, 4): no one step
    np.testing.assert_allclose(host.matmul(x, x.swapaxes(2, 3)), x @ x.swapaxes(2, 3))


def test_out(host, rng):
    a, b = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 5))
    out = np.empty((2, 3, 5))
    assert host.matmul(a, b, out) is out
    np.testing.assert_allclose(out, a @ b)
    wide = np.zeros((2, 3, 9))
    host.matmul(a, b, wide[:, :, :5])
    np.testing.assert_allclose(wide[:, :, :5], a @ b)


def test_bfloat16_bits_and_halves_give_float32(host, rng):
    a, b = (np.floor(rng.standard_normal(shape) * 8).astype("f4") for shape in ((3, 4), (4, 5)))
    bits = [(x.view("u4") >> 16).astype("u2") for x in (a, b)]
    for y in (
        host.matmul(*bits, kind="bfloat16"),
        host.matmul(a.astype("e"), b.astype("e"), kind="float16"),
    ):
        assert y.dtype == "f4"
        np.testing.assert_array_equal(y, a @ b)


def test_tf32_rounds_inputs(host):
    a = np.full((1, 1), 1 + 2.0**-12, "f4")
    one = np.ones((1, 1), "f4")
    assert host.matmul(a, one) == a
    with matmul_precision("tf32"):
        assert host.matmul(a, one) == 1
        assert host.matmul(a.astype("f8"), one.astype("f8")) == a
    assert host.matmul(a, one) == a


def test_stream_is_set_when_it_changes_and_workspace_after_it(host):
    one = np.ones((1, 1))
    for stream in (5, 5, 9, 9, 5):
        host.place.current = stream
        host.matmul(one, one)
        assert host.library.stream == stream
    expected = ["create", "mode", *("stream workspace gemm gemm".split() * 2), "stream"]
    assert host.library.calls == [*expected, "workspace", "gemm"]
    assert len({id(space) for space in host.spaces.values()}) == 2


def test_errors_name_the_status(host):
    host.library.refused["gemm"] = 15
    with pytest.raises(RuntimeError, match="CUBLAS_STATUS_NOT_SUPPORTED. The arrays were"):
        host.matmul(np.ones((1, 2)), np.ones((2, 1)))
    broken = HostCublas()
    broken.refused["create"] = 1
    with pytest.raises(RuntimeError, match="cublasCreate: .*CUBLAS_STATUS_NOT_INITIALIZED. Run py"):
        Blas(broken, HostPlace())
    assert status_name(99) == "CUBLAS_STATUS_99"


def test_one_handle_per_device(monkeypatch):
    made = HostPlace()
    monkeypatch.setattr(room, "library", HostCublas)
    monkeypatch.setattr(room, "CuPyPlace", lambda: made)
    monkeypatch.setattr(room, "_handles", room._Handles())
    first = room.blas()
    assert room.blas() is first
    monkeypatch.setattr(made, "device", lambda: 1)
    assert room.blas() is not first


def test_the_real_library_has_all_symbols():
    pytest.importorskip("cuda.pathfinder", reason="cuBLAS is looked for by CuPy's finder")
    try:
        found = room.library()
    except Exception as error:
        pytest.skip(f"no cuBLAS here: {error}")
    handle = ctypes.c_void_p()
    assert found.cublasCreate_v2(ctypes.byref(handle)) in (0, 1, 3)  # 1, 3: there is no driver

"""The Backend "cuda": made with a module in CuPy's place, and functions on all of its kernels.

There the text of the kernels runs on the host. Products alone are NumPy's: cuBLAS cannot run here.
"""

import contextlib
import sys
import types

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero.backend import Backend, register, registry, to_host, unregister
from dezero.backend.cupy import arrays, kernels, memory
from dezero.backend.cupy.arrays import DEVICE_MODULES
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.transfers import transfers
from dezero.core import Variable
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.strict.crossing import unwrap, wrap
from tests.strict_device import STRICT


def test_make_backend(monkeypatch):
    class Array(np.ndarray):
        pass

    cupy = types.ModuleType("cupy")
    cupy.ndarray = Array
    cupy.asarray = lambda x: np.array(x).view(Array)
    cupy.asnumpy = lambda x: np.array(x)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(registry, "_BY_TYPE", dict(registry._BY_TYPE))
    with transfers() as counted:
        backend = arrays.make_backend()
        there = backend.from_host(np.ones(2))
        assert registry.backend_of(there) is backend and backend.name == "cuda"
        assert registry.kernels(there).relu_gradient is kernels.relu_gradient
        np.testing.assert_array_equal(registry.to_host(there), [1, 1])
    assert (counted.from_host, counted.to_host) == (1, 1)

    def full(x):
        raise MemoryError("Out of memory allocating 2,048 bytes (allocated so far: 1 bytes).")

    cupy.asarray = full
    monkeypatch.setattr(
        memory, "memory_stats", lambda: {"used": 1, "kept": 2, "free": 3, "total": 4}
    )
    with pytest.raises(MemoryError, match="to_gpu: expected 2.0 KiB of GPU memory, got none: 1 by"):
        backend.from_host(np.ones(2))


def _kernel(f):
    def kernel(*args, **kwargs):
        kwargs = {name: unwrap(value, name) for name, value in kwargs.items()}
        return wrap(f(*(unwrap(a, "an argument") for a in args), **kwargs))

    return kernel


@contextlib.contextmanager
def device():
    """Register a strict device with CuPy's kernels."""
    ours = {n: getattr(m, n) for m in DEVICE_MODULES for n in m.__all__}
    ours |= {name: getattr(HOST_KERNELS, name) for name in ("matmul", "linear")}
    ours["linear_gradient_w"] = HOST_KERNELS.linear_gradient_w
    found = types.SimpleNamespace(**{name: _kernel(f) for name, f in ours.items()})
    parts = STRICT.array_types, STRICT.xp, found, STRICT.to_host, STRICT.from_host
    backend = Backend("strict", *parts)
    register(backend)
    try:
        with hosted():
            yield backend
    finally:
        unregister(backend)


CASES = {
    "conv2d": (lambda x, W: F.conv2d(x, W, pad=1), (2, 3, 6, 7), (4, 3, 3, 3)),
    "conv2d of pixels": (F.conv2d, (2, 3, 4, 5), (4, 3, 1, 1)),
    "conv2d in groups": (lambda x, W: F.conv2d(x, W, groups=2), (2, 4, 5, 6), (4, 2, 2, 3)),
    "depthwise": (lambda x, W: F.conv2d(x, W, stride=2, groups=3), (2, 3, 7, 6), (6, 1, 3, 2)),
    "deconv2d": (lambda x, W: F.deconv2d(x, W, stride=2), (2, 3, 3, 4), (3, 2, 3, 3)),
    "im2col": (lambda x, W: F.im2col(x, 3, pad=1) * W, (2, 3, 4, 5), (1,)),
    "pooling": (lambda x, W: F.pooling(x, 3, 2, 1) * W, (2, 3, 6, 7), (1,)),
    "average_pooling": (lambda x, W: F.average_pooling(x, 2, 2) * W, (2, 3, 6, 8), (1,)),
    "batch_norm": (lambda x, g: F.batch_norm(x, g, 2 * g, None, None), (6, 4), (4,)),
    "batch_norm of pictures": (
        lambda x, g: F.batch_norm(x, g, 2 * g, None, None), (3, 4, 5, 2), (4,)
    ),
    "group_norm": (lambda x, g: F.group_norm(x, 2, g, 2 * g), (3, 4, 5, 2), (4,)),
    "layer_norm": (lambda x, g: F.layer_norm(x, g, 2 * g), (6, 4), (4,)),
    "rms_norm": (F.rms_norm, (6, 4), (4,)),
    "dropout": (lambda x, W: F.dropout(x, 0.3) * W, (6, 4), (4,)),
    "gaussian_dropout": (lambda x, W: F.gaussian_dropout(x, 0.3) * W, (6, 4), (4,)),
    "lstm": (lambda x, W: F.lstm(x, None, W)[0], (5, 3, 2), (4, 8, 4)),
    "gru": (lambda x, W: F.gru(x, None, W)[0], (5, 3, 2), (3, 8, 4)),
    "lstm_step": (lambda x, W: F.lstm_step(x, None, W)[0], (3, 2), (4, 8, 4)),
    "gru_step": (lambda x, W: F.gru_step(x, None, W), (3, 2), (3, 8, 4)),
    "gaussian_noise": (lambda x, W: F.gaussian_noise(x, 0.3) * W, (6, 4), (4,)),
}  # fmt: skip


@needs_compiler
@pytest.mark.parametrize("name", CASES)
def test_results_are_the_hosts_to_second_order(name, rng, seeded):
    f, *shapes = CASES[name]
    given = [rng.standard_normal(shape) for shape in shapes]

    def results(move):
        dezero.seed(0)
        x, W = (Variable(move(a)) for a in given)
        y = f(x, W)
        (y * y * y).sum().backward(create_graph=True)
        first = [y, x.grad, W.grad]
        penalty = (x.grad * x.grad).sum() + (W.grad * W.grad).sum()
        x.cleargrad()
        W.cleargrad()
        penalty.backward()
        return [to_host(v.data) for v in (*first, x.grad, W.grad)]

    here = results(np.copy)
    with device() as backend:
        for ours, twin in zip(results(backend.from_host), here, strict=True):
            eps = 1e-5 if name.startswith("gaussian") else 1e-9
            np.testing.assert_allclose(ours, twin, eps, eps * np.abs(twin).max())

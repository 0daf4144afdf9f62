"""A full GPU in forward, in backward, in an update, in a capture: one line names what asked."""

import dataclasses
import types

import numpy as np
import pytest

import dezero.functions as F
from dezero import Variable, layers
from dezero.backend import register, unregister
from dezero.backend.cupy import memory
from dezero.optimizers import Adam
from tests.backend.cupy.fake_stream import fake_stream
from tests.strict_device import STRICT
from tests.training.captured import FAKE, graph, net, on_device

SAID = "Out of memory allocating 2,147,483,648 bytes (allocated so far: 5,120 bytes)."
STATS = {"used": 3 << 30, "kept": 0, "pinned": 0, "free": 1 << 20, "total": 80 << 30}
TOLD = r": expected 2.0 GiB of GPU memory, got none: 3.0 GiB are used by arrays, .*smaller batch"


def full(*args, **kwargs):
    raise MemoryError(SAID)


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(memory, "memory_stats", lambda: STATS)
    own = types.SimpleNamespace(**vars(STRICT.kernels))
    device = dataclasses.replace(STRICT, name="cuda", kernels=own)
    register(device)
    yield device
    unregister(device)


def test_in_forward(gpu):
    x = gpu.from_host(np.ones((2, 3), "f4"))
    gpu.kernels.matmul = full
    with pytest.raises(MemoryError, match=rf"^matmul{TOLD}.* Got \(2, 3\) float32, \(3, 2\)"):
        F.matmul(x, x.T)
    layer = layers.Linear(4)
    layer(np.ones((2, 3), "f4"))
    layer.to_gpu()
    gpu.kernels.linear = full
    with pytest.raises(MemoryError, match=rf"^linear{TOLD}"):
        layer(x)


@pytest.mark.parametrize("create_graph", [False, True])
def test_in_backward(gpu, create_graph):
    x = Variable(gpu.from_host(np.ones((2, 3), "f4")))
    y = F.sum(F.matmul(x, x.T))
    gpu.kernels.matmul = full
    with pytest.raises(MemoryError, match=rf"^matmul(\.backward)?{TOLD}") as caught:
        y.backward(create_graph=create_graph)
    assert str(caught.value).count("expected") == 1
    # The graph is whole where it was not used up yet: with room, it goes on.
    gpu.kernels.matmul = STRICT.kernels.matmul
    z = F.sum(F.matmul(x, x.T))
    z.backward()
    assert x.grad is not None


def test_on_the_host(monkeypatch):
    x = Variable(np.ones((2, 3), "f4"))
    y = F.exp(x)
    monkeypatch.setattr(F.Exp, "fast_backward", full, raising=False)
    with pytest.raises(
        MemoryError, match=r"^exp.backward: expected memory .* Got \(2, 3\) float32"
    ):
        y.backward()


def test_in_the_layout_of_an_optimizer_and_in_its_update(gpu):
    layer = layers.Linear(4)
    layer(np.ones((2, 3), "f4"))
    layer.to_gpu()
    x = gpu.from_host(np.ones((2, 3), "f4"))
    optimizer = Adam().setup(layer)

    def step():
        layer.cleargrads()
        F.sum(layer(x)).backward()
        optimizer.update()

    before = layer.W.data.get()
    gpu.kernels.aligned_empty = full
    with pytest.raises(MemoryError, match=rf"^Adam.update{TOLD}"):
        step()
    assert (layer.W.data.get() == before).all() and optimizer.t == 0
    gpu.kernels.aligned_empty = STRICT.kernels.aligned_empty
    step()
    assert optimizer.t == 1 and not (layer.W.data.get() == before).all()
    gpu.kernels.adam_step = full
    with pytest.raises(MemoryError, match=rf"^Adam.update{TOLD}"):
        step()


def test_in_a_capture(monkeypatch, seeded):
    with fake_stream(monkeypatch):
        model = net()
        x, calls = on_device(np.ones((2, 5), "f4")), []

        def step(x):
            calls.append(1)
            if len(calls) == 4:  # the capture has a pool of its own, which must be filled anew
                full()
            return model(x)

        run = graph(step, 3)
        with pytest.warns(UserWarning, match=r"graph: step runs as it is: MemoryError: Out of mem"):
            results = [run(x).data.get() for _ in range(6)]
        assert all((r == results[0]).all() for r in results)
        assert "test_out_of_memory.py:" in run.reason
        assert FAKE.name and not run.captured

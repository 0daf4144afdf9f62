"""Streams of CuPy's names on a device that is not there, and those names in CuPy itself."""

import gc
import importlib.util
import inspect
import sys
import weakref
from types import SimpleNamespace

import numpy as np
import pytest

from dezero.backend.cupy import blas as room_of_blas
from dezero.backend.cupy import cudnn as room_of_cudnn
from dezero.backend.cupy.streams import IN_FLIGHT, Capture, CupyStreams
from tests.backend.cupy import fake_stream as room
from tests.backend.cupy.fake_stream import FAKE, StreamCaptureError, fake_stream
from tests.backend.cupy.host_blas import HostCublas, HostPlace


@pytest.fixture
def gpu(monkeypatch):
    with fake_stream(monkeypatch) as device:
        device.is_particular = False
        yield device


def test_nothing_is_done_before_the_launch(gpu):
    streams = CupyStreams()
    capture = Capture(streams.new_pool())
    x = FAKE.from_host(np.arange(3.0))
    with streams.capturing(capture):
        y = x * 2
        x += 1
    assert x.get().tolist() == [0, 1, 2] and np.isnan(y.get()).all()
    assert streams.pool_bytes(capture.pool) == y.nbytes
    streams.launch(capture)
    assert y.get().tolist() == [0, 2, 4] and x.get().tolist() == [1, 2, 3]
    streams.launch(capture)
    assert y.get().tolist() == [2, 4, 6]


def test_a_capture_holds_what_its_thread_works_with(gpu, monkeypatch):
    blas, cudnn = room_of_blas.Blas(HostCublas(), HostPlace()), SimpleNamespace(plans={})
    monkeypatch.setattr(room_of_blas._handles, "found", {0: blas})
    monkeypatch.setattr(room_of_cudnn._handles, "found", {0: cudnn})
    blas.matmul(np.ones((2, 3)), np.ones((3, 2)))
    cudnn.plans.update({"made": ("graph", 100), "refused": None})
    streams = CupyStreams()
    capture = Capture(streams.new_pool())
    with streams.capturing(capture):
        pass
    space = weakref.ref(blas.workspace(5))
    del blas
    monkeypatch.undo()  # the thread is at its end
    gc.collect()
    assert space() is capture.held[0] and capture.held[1:] == (("graph", 100),)
    del capture
    assert space() is None


def test_a_failed_capture_ends_and_the_next_works(gpu):
    streams = CupyStreams()
    x = FAKE.from_host(np.arange(3.0))
    first = streams.stream
    with pytest.raises(StreamCaptureError, match="a copy to the host"):
        with streams.capturing(Capture(streams.new_pool())):
            x += 1
            float(x.sum())
    assert gpu.capturing is None and x.get().tolist() == [0, 1, 2]
    assert streams.stream is not first
    with pytest.raises(ZeroDivisionError):
        with streams.capturing(Capture(streams.new_pool())):
            x += 1 / 0
    capture = Capture(streams.new_pool())
    with streams.capturing(capture):
        x += 1
    streams.launch(capture)
    assert x.get().tolist() == [1, 2, 3]


def test_work_aside_is_in_order_with_the_rest(gpu):
    streams = CupyStreams()
    x = FAKE.from_host(np.arange(3.0))
    with streams.aside():
        x += 1
    x += 1
    with streams.aside():
        x += 1
    assert x.get().tolist() == [3, 4, 5]
    with streams.stream:
        x += 1
    with pytest.raises(AssertionError, match="race"):  # so the checker sees what aside prevents
        x += 1


def test_twins_keep_the_order_in_memory(gpu):
    streams = CupyStreams()
    x = FAKE.from_host(np.arange(6.0).reshape(2, 3)).T
    pool = streams.new_pool()
    with streams.using(pool):
        y = streams.twin(x)
    assert y.strides == x.strides and (y.get() == x.get()).all() and y.get() is not x.get()
    assert streams.pool_bytes(pool) == 48


def test_what_the_common_pool_keeps_makes_room_for_a_capture(gpu):
    streams = CupyStreams()
    assert streams.new_pool() is not streams.new_pool()
    assert gpu.common.emptied == 2


def test_streams_are_taken_again(gpu):
    first, second = CupyStreams(), CupyStreams()
    kept = first.stream
    assert second.stream is not kept
    del first
    assert CupyStreams().stream is kept
    assert CupyStreams().stream is kept and gpu.streams == 2


def test_arrays_are_compared_nan_included(gpu):
    x, y = (FAKE.from_host(np.array([1.0, np.nan])) for _ in range(2))
    assert CupyStreams().same(x, y)
    y[0] = 2
    assert not CupyStreams().same(x, y)
    assert CupyStreams().same(x[:0], y[:0])


def test_numbers_arrive_by_pinned_memory_in_turn(gpu):
    streams = CupyStreams()
    device = streams.numbers(5)
    for i in range(2 * IN_FLIGHT):
        streams.write(device[:3], np.full(3, float(i)))
        assert device.get().tolist() == [i, i, i, 0, 0]
    assert len(streams._pinned) == IN_FLIGHT
    longer = streams.numbers(9)
    streams.write(longer, np.arange(9.0))
    assert longer.get()[-1] == 8


def test_pinned_memory_stays_until_its_copies_are_done(gpu):
    streams = CupyStreams()
    device = streams.numbers(3)
    streams.write(device, np.ones(3))
    assert gpu.flights
    del streams
    assert not gpu.flights and device.get().tolist() == [1, 1, 1]


def test_what_the_stand_in_refuses(gpu):
    x = FAKE.from_host(np.arange(3.0))
    with pytest.raises(StreamCaptureError, match="null stream"):
        gpu.null.begin_capture()
    with pytest.raises(StreamCaptureError, match="Implicit"):
        room.Stream().begin_capture()
    stream = room.Stream(non_blocking=True)
    stream.begin_capture()
    with pytest.raises(StreamCaptureError, match="default stream"):
        x * 2
    with pytest.raises(StreamCaptureError, match="synchronize"):
        stream.synchronize()
    with pytest.raises(StreamCaptureError, match="Invalidated"):
        stream.end_capture()
    for operand in (np.ones(3), x._host):
        with pytest.raises(TypeError, match="arrays of one device"):
            x * operand


def test_kernels_that_a_capture_would_compile_are_refused(gpu):
    gpu.is_particular = True
    stream = room.Stream(non_blocking=True)
    with stream:
        x = FAKE.from_host(np.arange(3.0))
        for warm, again in ((2, 3), (x, x.reshape(3)), (x.reshape(3, 1), x.reshape(1, 3))):
            x * warm
            stream.begin_capture()
            x * again
            stream.end_capture()
        single = x.astype("f4")
        for other in (2.5, single, x.reshape(1, 1, 3)):
            stream.begin_capture()
            with pytest.raises(StreamCaptureError, match="__mul__ is compiled for"):
                x * other
            with pytest.raises(StreamCaptureError, match="Invalidated"):
                stream.end_capture()


def test_memory_that_was_let_go_is_missed(gpu):
    streams = CupyStreams()
    capture = Capture(streams.new_pool())
    x = FAKE.from_host(np.arange(3.0))
    with streams.capturing(capture):
        y = x * 2
    del x
    with pytest.raises(StreamCaptureError, match="IllegalAddress"):
        streams.launch(capture)
    x = FAKE.from_host(np.arange(3.0))
    stream = streams.stream
    with stream:  # outside of a pool of its own
        stream.begin_capture()
        y = x * 2
        capture.graph = stream.end_capture()
    del y
    with pytest.raises(StreamCaptureError, match="IllegalAddress"):
        streams.launch(capture)


USED = {
    "cuda.Stream": "non_blocking",
    "cuda.Stream.begin_capture": "mode",
    "cuda.Stream.end_capture": "",
    "cuda.Stream.record": "event",
    "cuda.Stream.synchronize": "",
    "cuda.Stream.wait_event": "event",
    "cuda.Event": "disable_timing",
    "cuda.Event.record": "stream",
    "cuda.Event.synchronize": "",
    "cuda.Graph.launch": "stream",
    "cuda.MemoryPool.malloc": "size",
    "cuda.MemoryPool.free_all_blocks": "stream",
    "get_default_memory_pool": "",
    "cuda.MemoryPool.total_bytes": "",
    "cuda.using_allocator": "allocator",
    "cuda.get_current_stream": "",
    "ndarray.set": "stream",
    "empty": "dtype",
    "empty_like": "prototype",
    "zeros": "dtype",
}


@pytest.mark.skipif(importlib.util.find_spec("cupy") is None, reason="CuPy is not installed")
@pytest.mark.parametrize("name", USED)
def test_cupy_has_what_is_used(name):
    cupyx = importlib.import_module("cupyx")

    thing = sys.modules["cupy"]
    for part in name.split("."):
        thing = getattr(thing, part)
    try:
        told = str(inspect.signature(thing))
    except (TypeError, ValueError):  # written in Cython: its docstring begins with it
        told = (thing.__doc__ or "").splitlines()[0]
    assert USED[name] in told, told
    assert "dtype" in inspect.signature(cupyx.empty_pinned).parameters

"""Statistics of GPU memory, as far as they can be told without a GPU."""

from types import SimpleNamespace

import pytest

from dezero import cuda
from dezero.backend import memory_is_full
from dezero.backend.cupy import Finding, memory
from dezero.backend.cupy import loading as room
from dezero.backend.cupy.memory import out_of_memory, wanted


def test_without_a_gpu(monkeypatch):
    monkeypatch.setattr(room, "_found", [Finding(False, "no driver", "install it")])
    cuda.empty_cache()
    with pytest.raises(RuntimeError, match="memory_stats: expected a usable GPU, got none: no dri"):
        cuda.memory_stats()


@pytest.mark.parametrize(("wanted", "asked"), [(3 * 2**30, "3.0 GiB"), (None, "more")])
def test_out_of_memory_says_what_holds_it(wanted, asked):
    stats = {"used": 900, "kept": 3 * 2**19, "pinned": 0, "free": 2**20, "total": 80 * 2**30}
    message = out_of_memory(stats, wanted, "conv2d")
    assert message.startswith(f"conv2d: expected {asked} of GPU memory, got none: 900 bytes are")
    assert "1.5 MiB kept for reuse, 0 bytes by captured steps, 1.0 MiB of 80.0 GiB are" in message
    assert "dezero.cuda.empty_cache()" in message


def test_the_pools_of_captured_steps_are_told(monkeypatch):
    pool = SimpleNamespace(
        used_bytes=lambda: 3, free_bytes=lambda: 4, total_bytes=lambda: 7, n_free_blocks=lambda: 2
    )
    cupy = SimpleNamespace(
        get_default_memory_pool=lambda: pool,
        get_default_pinned_memory_pool=lambda: pool,
        cuda=SimpleNamespace(runtime=SimpleNamespace(memGetInfo=lambda: (10, 20))),
    )
    monkeypatch.setattr(room, "_found", [Finding(False, "no driver", "install it")])
    assert memory.room_on("cuda") is None  # what plays a GPU has none of its memory
    monkeypatch.setattr(room, "_found", [Finding(True, "", "")])
    monkeypatch.setattr(room, "load", lambda name: None)
    monkeypatch.setattr(room, "module", lambda: cupy)
    monkeypatch.setattr("dezero.backend.cupy.memory.graph_bytes", lambda: 5)
    monkeypatch.setattr(memory, "sent_data", [SimpleNamespace(sent=6)])
    stats = {"used": 3, "kept": 4, "pinned": 2, "graphs": 5, "data": 6, "free": 10, "total": 20}
    assert memory.room_on("cuda") == 14 and memory.room_on("numpy") is None
    assert cuda.memory_stats() == stats


def test_wanted_is_read_off_cupys_error():
    said = "Out of memory allocating 1,073,741,824 bytes (allocated so far: 5 bytes)."
    assert wanted(MemoryError(said)) == 2**30
    assert wanted(MemoryError("")) is None


def test_a_full_gpu_is_told_with_the_operation(monkeypatch):
    stats = {"used": 1, "kept": 2, "pinned": 0, "free": 3, "total": 4}
    monkeypatch.setattr(memory, "memory_stats", lambda: stats)
    error = MemoryError("Out of memory allocating 2,048 bytes (allocated so far: 1 bytes).")
    told = memory_is_full("matmul", ["cuda"], error)
    assert told.startswith("matmul: expected 2.0 KiB of GPU memory, got none: 1 bytes are used")


def test_a_driver_that_tells_nothing_leaves_what_cupy_said(monkeypatch):
    def silent():
        raise RuntimeError("cudaErrorStreamCaptureUnsupported")

    monkeypatch.setattr(memory, "memory_stats", silent)
    told = memory_is_full("matmul", ["cuda"], MemoryError("Out of memory allocating 2 bytes."))
    assert told == (
        "matmul: expected memory for its result, got none: Out of memory allocating 2 bytes. "
        "Take a smaller batch."
    )

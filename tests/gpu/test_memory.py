"""The memory of the GPU: none is lost in a training, and too little is said in words."""

import contextlib
import gc

import numpy as np
import pytest

import dezero.functions as F
from dezero import cuda
from dezero.backend import to_host
from dezero.core import Variable
from tests.test_strict_fit import LABELS, made, trained

pytestmark = pytest.mark.usefixtures("seeded")


def used():
    gc.collect()
    cuda.empty_cache()
    return cuda.memory_stats()["used"]


def test_trainings_leave_no_memory_behind(real, record_property):
    trained("conv", gpu=True)
    before = used()
    for _ in range(3):
        trained("conv", gpu=True)
    record_property("left", used() - before)
    assert used() - before < 1 << 20


@contextlib.contextmanager
def at_most(backend, more):
    """Let CuPy's pool have so many bytes more than it holds now."""
    gc.collect()
    cuda.empty_cache()
    pool = backend.xp.get_default_memory_pool()
    limit = pool.get_limit()
    pool.set_limit(size=pool.total_bytes() + more)
    try:
        yield
    finally:
        pool.set_limit(size=limit)


def test_a_full_memory_is_said_in_words_and_passes(real, record_property):
    x = Variable(real.from_host(np.ones((1, 1), "f4")))
    with at_most(real, 64 << 20):
        with pytest.raises(MemoryError, match="expected .* of GPU memory, got none") as error:
            F.broadcast_to(x, (8192, 8192)) + 1.0  # 256 MB
        record_property("said", str(error.value))
        del error
        assert to_host((x + 1.0).data).item() == 2.0
    assert (F.broadcast_to(x, (8192, 8192)) + 1.0).shape == (8192, 8192)


def test_a_training_that_found_no_memory_can_go_on(real, record_property):
    model, x = made("conv", gpu=True)
    model.fit(x[:16], LABELS[:16], batch_size=16, verbose=0)
    large, labels = np.repeat(x, 400, 0), np.repeat(LABELS, 400)
    with at_most(real, 16 << 20), pytest.raises(MemoryError, match="GPU memory") as error:
        model.fit(large, labels, batch_size=len(large), verbose=0)
    record_property("said", str(error.value))
    del error
    history = model.fit(x[:16], LABELS[:16], batch_size=16, verbose=0).history
    assert np.isfinite(history["loss"]).all()


def test_more_than_there_is(real, record_property):
    total = cuda.memory_stats()["total"]
    x = Variable(real.from_host(np.ones((1, 1), "f4")))
    n = int((2 * total) ** 0.5) // 2
    with pytest.raises(MemoryError, match="expected .* of GPU memory, got none") as error:
        F.broadcast_to(x, (n, n)) + 1.0  # would fill it twice
    record_property("said", str(error.value))

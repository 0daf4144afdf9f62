"""The memory of the GPU: none is lost in a training, and too little is said in words."""

import gc

import numpy as np
import pytest

import dezero.functions as F
from dezero import cuda
from dezero.backend import to_host
from dezero.core import Variable
from tests.test_strict_fit import trained

pytestmark = pytest.mark.usefixtures("seeded")


def used():
    gc.collect()
    cuda.empty_cache()
    return cuda.memory_stats()["used"]


def test_trainings_leave_no_memory_behind(real):
    trained("conv", gpu=True)
    before = used()
    for _ in range(3):
        trained("conv", gpu=True)
    assert used() - before < 1 << 20


def test_a_full_memory_is_said_in_words_and_passes(real, record_property):
    total = cuda.memory_stats()["total"]
    x = Variable(real.from_host(np.ones((1, 1), "f4")))
    n = int((2 * total) ** 0.5) // 2
    with pytest.raises(MemoryError, match="expected .* of GPU memory, got none") as error:
        F.broadcast_to(x, (n, n)) + 1.0  # would fill it twice
    record_property("said", str(error.value))
    del error
    assert to_host((x + 1.0).data).item() == 2.0

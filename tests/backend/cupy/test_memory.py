"""Statistics of GPU memory, as far as they can be told without a GPU."""

import pytest

from dezero import cuda
from dezero.backend.cupy import Finding
from dezero.backend.cupy import loading as room
from dezero.backend.cupy.memory import out_of_memory


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

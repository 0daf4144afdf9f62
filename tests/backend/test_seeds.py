"""Seeds of backward passes: one number for all on a device, but not while a graph is captured."""

import numpy as np

from dezero.backend import seeds
from dezero.backend.capture import Recording, while_recording
from dezero.backend.seeds import is_seed, seed_like
from tests.strict_device import strict_device


def test_the_host_gets_ones_of_its_own():
    x = np.array(3.0)
    first, second = seed_like(x, "f4"), seed_like(x, "f4")
    assert first.shape == () and first == 1 and first is not second


def test_a_device_keeps_the_number(monkeypatch):
    monkeypatch.setattr(seeds, "_one", {})
    with strict_device() as device:
        x = device.from_host(np.array(3.0))
        with while_recording(Recording(device.from_host(np.zeros(4)))):
            assert seed_like(x, "f4") is not seed_like(x, "f4")  # nothing is written there yet
        one = seed_like(x, "f4")
        assert is_seed(one) and not is_seed(x)
        assert one is seed_like(x, "f4") and one.get() == 1 and one.dtype == "f4"
        assert seed_like(x, "f8") is not one and seed_like(x, "f4", False) is not one
        assert seed_like(device.from_host(np.zeros((2, 3))), "f4").shape == (2, 3)

"""Global state that a test may not leave behind, and a guard that says so and puts it back."""

import contextlib
import ctypes
from collections.abc import Iterator

import numpy as np

from dezero.backend import backends, random, unregister
from dezero.core.config import STATE


@contextlib.contextmanager
def nothing_leaks(may_seed: bool = False) -> Iterator[None]:
    """Give the block the library's generator anew, and raise if it leaves anything changed."""
    outer, stream = random._generator.get(), random._stream.get()
    random.seed(0)
    own = random._generator.get()
    before, known = _state(), backends()
    try:
        yield
        after = _state()
        leaked = [name for name in before if before[name] != after[name]]
        if random._generator.get() is not own and not may_seed:
            leaked.append("the library's seed (ask for the fixture `seeded`)")
    finally:
        random._generator.set(outer)
        random._stream.set(stream)
    if leaked:
        STATE.set(before["a mode or a hook"])
        np.seterr(**before["NumPy's errstate"])
        words = np.frombuffer(before["NumPy's global generator"], np.uint32)
        np.random.set_state(("MT19937", words[:-1], int(words[-1])))
        for backend in backends():
            if backend not in known and backend.name != "cuda":
                unregister(backend)
        raise AssertionError(f"the test leaks {', '.join(leaked)}: use `with`, or put it back")


def _state() -> dict:
    # 624 words and a position, read where they lie: `get_state` took a tenth of all tests' time.
    address = np.random.get_bit_generator().ctypes.state_address
    return {
        "a mode or a hook": STATE.get(),
        "NumPy's global generator": ctypes.string_at(address, 625 * 4),
        "NumPy's errstate": np.geterr(),
        # A GPU is looked for when it is first needed.
        "a backend": [backend.name for backend in backends() if backend.name != "cuda"],
    }

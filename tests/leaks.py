"""Global state that a test may not leave behind, and a guard that says so and puts it back."""

import contextlib
from collections.abc import Iterator

import numpy as np

from dezero.backend import backends, random, unregister
from dezero.core.config import STATE


@contextlib.contextmanager
def nothing_leaks(may_seed: bool = False) -> Iterator[None]:
    """Give the block the library's generator anew, and raise if it leaves anything changed."""
    outer, own = random._generator.get(), np.random.default_rng(0)
    random._generator.set(own)
    before, known = _state(), backends()
    try:
        yield
        after = _state()
        leaked = [name for name in before if before[name] != after[name]]
        if random._generator.get() is not own and not may_seed:
            leaked.append("the library's seed (ask for the fixture `seeded`)")
    finally:
        random._generator.set(outer)
    if leaked:
        STATE.set(before["a mode or a hook"])
        np.seterr(**before["NumPy's errstate"])
        position, key = before["NumPy's global generator"]
        np.random.set_state(("MT19937", np.frombuffer(key, np.uint32), position))
        for backend in backends():
            if backend not in known and backend.name != "cuda":
                unregister(backend)
        raise AssertionError(f"the test leaks {', '.join(leaked)}: use `with`, or put it back")


def _state() -> dict:
    numpys = np.random.get_state(legacy=False)["state"]
    return {
        "a mode or a hook": STATE.get(),
        "NumPy's global generator": (numpys["pos"], numpys["key"].tobytes()),
        "NumPy's errstate": np.geterr(),
        # A GPU is looked for when it is first needed.
        "a backend": [backend.name for backend in backends() if backend.name != "cuda"],
    }

"""Losses and metrics of both faces, and arrays of two devices: what the double's tests try, here.

The files beside this folder enumerate them on the double; a GPU takes its place in them.
"""

import contextlib
import importlib

import pytest

MODULES = "test_strict_metrics", "test_strict_losses", "test_mixed_devices"
# They are about what the double alone refuses.
OF_THE_DOUBLE = {"test_what_looks_at_its_labels", "test_numpy_is_not_given_a_copy_unasked"}


@pytest.fixture(autouse=True)
def in_the_doubles_place(gpu, monkeypatch):
    """Let whoever asks for the double have the GPU."""
    for name in MODULES:
        module = importlib.import_module(f"tests.{name}")
        monkeypatch.setattr(module, "strict_gpu", lambda: contextlib.nullcontext(gpu))


def cases_of(name):
    """Return a class with the tests of a file."""
    module = importlib.import_module(f"tests.{name}")
    found = {key: f for key, f in vars(module).items() if key.startswith("test_")}
    kept = {key: staticmethod(f) for key, f in found.items() if key not in OF_THE_DOUBLE}
    mark = getattr(module, "pytestmark", [])
    return type(name, (), kept | {"pytestmark": mark if isinstance(mark, list) else [mark]})


for _name in MODULES:
    globals()["Test" + _name.removeprefix("test_").title().replace("_", "")] = cases_of(_name)


def test_all_of_them_are_here():
    for name in MODULES:
        assert len(vars(cases_of(name))) > 3

"""The GPU of the tests beside this file: a real one, the double with `--gpu-double`, or none.

Where there is none, no file here is even read: each becomes one test, skipped with the reason.
"""

import contextlib
import dataclasses
import time
import zlib

import pytest

from dezero import cuda
from tests.backend.cupy import fake_stream as room
from tests.strict_device import strict_gpu

# What tells most comes first, since a run may be cut by time or end before its time.
ORDER = (
    "test_doctor", "test_kernels", "test_products", "test_convolution", "test_noise",
    "test_optimizers", "test_captures", "test_feeding", "test_precision", "test_transfers",
    "test_fit", "test_judges", "test_layers", "test_faces", "test_memory", "test_specs",
)  # fmt: skip
START = time.monotonic()


class Absent(pytest.Item):
    """All tests of a file, skipped."""

    def runtest(self):
        pytest.skip(cuda.why_unavailable())

    def reportinfo(self):
        return self.path, None, self.name


class AbsentFile(pytest.File):
    """A file of tests that cannot run here."""

    def collect(self):
        yield Absent.from_parent(self, name="all")


def pytest_pycollect_makemodule(module_path, parent):
    if cuda.available() or parent.config.getoption("gpu_double"):
        return None
    return AbsentFile.from_parent(parent, path=module_path)


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.gpu)


def place(item):
    """Return where a test comes among those of this folder."""
    name = item.path.stem
    # Of one function after another, not in the order of the tables: a cut run has seen all rooms.
    number = zlib.crc32(item.nodeid.encode()) if name == "test_specs" else 0
    return ORDER.index(name), "float16" in item.nodeid, number


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Order the tests of this folder, and take this process's share of them."""
    ours = [item for item in items if item.get_closest_marker("gpu") and item.path.stem in ORDER]
    share, of = map(int, config.getoption("gpu_share").split("/"))
    known = {
        item for i, item in enumerate(sorted(ours, key=place)) if i % of != share - 1
    }  # of others
    report = config.pluginmanager.get_plugin("gpu_report")
    if config.getoption("gpu_resume") and report is not None:
        known |= {item for item in ours if item.nodeid in report.tests}
    kept = iter(sorted((item for item in ours if item not in known), key=place))
    places = set(ours)
    items[:] = [
        next(kept) if item in places else item for item in (i for i in items if i not in known)
    ]
    config.hook.pytest_deselected(items=list(known))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    seconds = item.config.getoption("gpu_seconds")
    if seconds is not None and time.monotonic() - START > seconds:
        pytest.skip(f"left out: {seconds:.0f} s were over")


@pytest.fixture(scope="session")
def is_double(pytestconfig):
    """Whether the double stands in the GPU's place."""
    return pytestconfig.getoption("gpu_double")


@pytest.fixture
def gpu(is_double):
    """The backend "cuda", where `to_gpu()` goes."""
    with strict_gpu() if is_double else real_gpu() as backend:
        yield backend


@contextlib.contextmanager
def real_gpu():
    from dezero.backend.devices import needed_gpu

    yield needed_gpu("tests")


@pytest.fixture
def real(is_double, gpu):
    """The backend of a GPU that has memory, streams and a driver; the double has none."""
    if is_double:
        pytest.skip("the double has no memory, streams or driver of its own")
    return gpu


@pytest.fixture
def capturing(is_double, monkeypatch):
    """The backend "cuda" of a device that captures: for the double the one of the fake stream."""
    with playing_streams(monkeypatch) if is_double else real_gpu() as backend:
        yield backend


@contextlib.contextmanager
def playing_streams(monkeypatch):
    """Let the device of the fake stream be the GPU, for the length of the block."""
    monkeypatch.setattr(room, "FAKE", dataclasses.replace(room.FAKE, name="cuda"))
    monkeypatch.setattr(room, "NAME", "cuda")
    with room.fake_stream(monkeypatch):
        yield room.FAKE

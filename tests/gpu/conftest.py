"""The GPU of the tests beside this file: a real one, the double with `--gpu-double`, or none.

Where there is none, no file here is even read: each becomes one test, skipped with the reason.
"""

import pytest

from dezero import cuda
from tests.strict_device import strict_gpu


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


@pytest.fixture(scope="session")
def is_double(pytestconfig):
    """Whether the double stands in the GPU's place."""
    return pytestconfig.getoption("gpu_double")


@pytest.fixture
def gpu(is_double):
    """The backend "cuda", where `to_gpu()` goes."""
    if not is_double:
        from dezero.backend.devices import needed_gpu

        yield needed_gpu("tests")
        return
    with strict_gpu() as backend:
        yield backend


@pytest.fixture
def real(is_double, gpu):
    """The backend of a GPU that has memory, streams and a driver; the double has none."""
    if is_double:
        pytest.skip("the double has no memory, streams or driver of its own")
    return gpu

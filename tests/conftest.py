"""Fixtures for every test: nothing leaks from one to the next, and every `raise` is counted."""

import contextlib
import gc
import itertools
import os
import re
from pathlib import Path

import numpy as np
import pytest

from tests import closure
from tests.leaks import nothing_leaks

# A figure is drawn into memory, never onto a screen.
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture
def rng():
    """A generator of the test's own, the same in every run."""
    return np.random.default_rng(0)


STARTED = itertools.count(1)
GUARD = pytest.StashKey[contextlib.AbstractContextManager]()


# Around setup and teardown, since a fixture for every test would take five seconds of all.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    """Fail a test that leaves a mode, a hook, a seed, a backend or an error state changed."""
    item.stash[GUARD] = nothing_leaks(may_seed="seeded" in getattr(item, "fixturenames", ()))
    item.stash[GUARD].__enter__()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    try:
        return (yield)
    finally:
        item.stash[GUARD].__exit__(None, None, None)


@pytest.fixture
def seeded():
    """Ask for it in a test that seeds the library: the seed ends with the test."""


def pytest_addoption(parser):
    group = parser.getgroup("gpu", "tests of a GPU")
    group.addoption("--gpu-report", metavar="PATH", help="write what tests/gpu found as JSON")
    group.addoption(
        "--gpu-double", action="store_true", help="run tests/gpu on the double, in the GPU's place"
    )
    group.addoption(
        "--gpu-share", metavar="K/N", default="1/1", help="run the K-th of N shares of tests/gpu"
    )
    group.addoption(
        "--gpu-seconds", type=float, help="leave out what of tests/gpu has not begun by then"
    )
    group.addoption(
        "--gpu-resume", action="store_true", help="go on with the report: leave out what it has"
    )


def pytest_configure(config):
    gc.disable()  # until all tests are collected
    if config.getoption("gpu_report"):
        from tests.gpu.report import Report

        config.pluginmanager.register(Report(config), "gpu_report")
    context = type(pytest.raises(Exception))
    leave = context.__exit__

    def leave_and_note(self, kind, error, traceback):
        closure.note_traceback(error)
        return leave(self, kind, error, traceback)

    context.__exit__ = leave_and_note


def pytest_collection_modifyitems(config, items):
    last = [item for item in items if item.name == "test_every_raise_is_executed"]
    items[:] = [item for item in items if item not in last] + last
    config.stash[WHOLE] = _is_whole(config)


def pytest_collection_finish():
    # Thousands of tests are there to stay: a collector that visits them again and again would
    # take a third of the time, and one that looks for rings after every 700 objects a tenth.
    _freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


def _freeze():
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart():
    # Reports and modules of the tests gone by are there to stay as well.
    if next(STARTED) % 1000 == 0:
        _freeze()


def pytest_terminal_summary(terminalreporter, config):
    """Say how many tests ran on a GPU: most machines have none, and green means little there."""
    stats = terminalreporter.stats
    count = {
        outcome: sum("gpu" in getattr(report, "keywords", ()) for report in stats.get(outcome, ()))
        for outcome in ("passed", "failed", "error", "skipped")
    }
    if sum(count.values()):
        skipped = count.pop("skipped")
        if config.getoption("gpu_double"):
            words = f"GPU tests: 0 run; {sum(count.values())} of them on the double, which is none"
        else:
            words = f"GPU tests: {sum(count.values())} run, {skipped} skipped"
        failed = count["failed"] + count["error"]
        terminalreporter.write_line(f"{words}, {failed} failed" if failed else words)


WHOLE = pytest.StashKey[bool]()
# Every raise has a quick test without oracles, so leaving those out keeps the count whole.
LEAVING_OUT = re.compile(r"|not (slow|oracle|gpu)( and not (slow|oracle|gpu))*")


def _is_whole(config):
    """Return whether this run collects all tests, or all but the marked ones."""
    root = Path(config.rootpath)
    paths = {Path(arg).resolve() for arg in config.args}
    return bool(
        paths <= {root, root / "tests"}
        and not config.getoption("keyword")
        and LEAVING_OUT.fullmatch(config.getoption("markexpr"))
        and not config.getoption("lf", False)
        and not config.getoption("deselect", None)
        and not hasattr(config, "workerinput")
    )


@pytest.fixture
def whole_run(request):
    """Skip unless this run collects the whole suite."""
    if not request.config.stash[WHOLE]:
        pytest.skip("needs the whole suite: run pytest without paths and -k")

"""The report of a run on a GPU: what it ran on, and how each test went. Figures quote only it."""

import datetime
import functools
import importlib
import importlib.metadata
import json
import platform
import subprocess
import time
from pathlib import Path

from dezero import cuda
from dezero.backend.cupy.table import TABLES
from tests.architecture import ROOT

PACKAGES = ("numpy", "torch", "pytest", "nvidia-cudnn-frontend", "cuda-pathfinder")
NOW = ".now"  # beside the report: the test that is running, should the process die in it
LEFT_OUT = "Skipped: left out"
KERNELS = {spec.name for specs in TABLES.values() for spec in specs}
LAUNCHED: set[str] = set()  # names of kernels of the tables, by `test_kernels.py`


class Report:
    """A plugin of pytest that notes outcome and seconds of each GPU test, and writes them."""

    def __init__(self, config):
        self.path = Path(config.getoption("gpu_report")).absolute()
        self.is_double = config.getoption("gpu_double")
        self.tests, self.written = {}, time.monotonic()
        self.session = None
        if config.getoption("gpu_resume") and self.path.exists():
            before = json.loads(self.path.read_text("utf-8"))
            self.tests = known(before["tests"])
            LAUNCHED.update(before["kernels_launched"])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.now = self.path.with_name(self.path.name + NOW)

    def pytest_sessionstart(self, session):
        """Remember what can be ended."""
        self.session = session

    def pytest_runtest_logstart(self, nodeid):
        """Leave word of which test begins."""
        self.now.write_text(nodeid, "utf-8")

    def pytest_runtest_logreport(self, report):
        """Note a phase of a test: the worst outcome counts, seconds add up."""
        if "gpu" not in report.keywords:
            return
        test = self.tests.setdefault(report.nodeid, {"outcome": "passed", "seconds": 0.0})
        test["seconds"] = round(test["seconds"] + report.duration, 4)
        if report.outcome != "passed":
            test["outcome"] = report.outcome
            test["reason"] = str(report.longreprtext if report.failed else report.longrepr[-1])
        figures = dict(getattr(report, "user_properties", ()))
        if figures:
            test["figures"] = figures
        if report.failed and not self.is_double and (said := broken()):
            test["reason"] += f"\nThe GPU is of no more use to this process: {said}"
            self.session.shouldstop = f"the GPU is of no more use: {said}"
        if time.monotonic() - self.written > 5:  # a run may be killed, or take the machine along
            self.write()

    def pytest_sessionfinish(self):
        """Write the file, also of a run that was broken off."""
        self.write()
        self.now.unlink(missing_ok=True)

    def write(self):
        """Write what is known so far; a reader never sees half of it."""
        self.written = time.monotonic()
        half = self.path.with_name(self.path.name + ".half")
        content = summary(self.tests, LAUNCHED, self.is_double)
        half.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        half.replace(self.path)

    def pytest_terminal_summary(self, terminalreporter):
        """Say where it is."""
        terminalreporter.write_line(f"report of the GPU tests: {self.path}")


def known(tests):
    """Return those tests of a report that have an outcome: all that were not left out."""
    return {name: test for name, test in tests.items() if not is_left_out(test)}


def is_left_out(test):
    """Return whether the time was over before this test."""
    return test.get("reason", "").startswith(LEFT_OUT)


def broken():
    """Return what the driver says of a GPU that has failed for this process, "" if it has not.

    After an illegal address every further call fails, whatever it does.
    """
    try:
        importlib.import_module("cupy").cuda.runtime.deviceSynchronize()
    except Exception as error:  # an ImportError tells the same: nothing runs here
        return str(error) or type(error).__name__
    return ""


def summary(tests, launched, is_double):
    """Return the whole report of {test: how it went}.

    Args:
        tests: as `Report` gathers them.
        launched: names of the kernels that ran.
        is_double: whether all that was the double, in the GPU's place.
    """
    outcomes = [test["outcome"] for test in tests.values()]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "on": "the double in the GPU's place" if is_double else "GPU",
        "commit": commit(),
        "gpu": cuda.info(),
        "driver": driver(),
        "versions": versions(),
        **{name: outcomes.count(name) for name in ("passed", "failed", "skipped")},
        "left_out_by_time": sum(map(is_left_out, tests.values())),
        "seconds": round(sum(test["seconds"] for test in tests.values()), 2),
        "kernels_launched": sorted(launched),
        "kernels_never_launched": sorted(
            {k.name for t in TABLES.values() for k in t} - {*launched}
        ),
        "tests": tests,
    }


def driver():
    """Return the versions of driver and runtime as numbers of CUDA, "none" where there is none."""
    if not cuda.available():
        return "none"
    runtime = importlib.import_module("cupy").cuda.runtime
    return {"driver": runtime.driverGetVersion(), "runtime": runtime.runtimeGetVersion()}


@functools.cache
def commit():
    """Return the commit of the working tree, with "and changes" if there are any."""
    found = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    if found[0].returncode:
        return "unknown: no git repository"
    return found[0].stdout.strip() + (" and changes" if found[1].stdout.strip() else "")


@functools.cache
def versions():
    """Return the versions of Python and of the packages that matter, CuPy's wheel among them."""
    installed = {(d.name or "").lower(): d.version for d in importlib.metadata.distributions()}
    names = [name for name in sorted(installed) if name.startswith("cupy") or name in PACKAGES]
    return {"python": platform.python_version()} | {name: installed[name] for name in names}

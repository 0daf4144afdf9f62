"""The report of a run on a GPU: what it ran on, and how each test went. Figures quote only it."""

import datetime
import importlib.metadata
import json
import platform
import subprocess
import time
from pathlib import Path

from dezero import cuda
from tests.architecture import ROOT

PACKAGES = ("numpy", "torch", "pytest", "nvidia-cudnn-frontend", "cuda-pathfinder")


class Report:
    """A plugin of pytest that notes outcome and seconds of each GPU test, and writes them."""

    def __init__(self, config):
        self.path = Path(config.getoption("gpu_report")).absolute()
        self.is_double = config.getoption("gpu_double")
        self.tests, self.written = {}, time.monotonic()

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
        if time.monotonic() - self.written > 5:  # a run may be killed, or take the machine along
            self.write()

    def pytest_sessionfinish(self):
        """Write the file, also of a run that was broken off."""
        self.write()

    def write(self):
        """Write what is known so far."""
        self.written = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.content(), indent=1) + "\n", "utf-8")

    def pytest_terminal_summary(self, terminalreporter):
        """Say where it is."""
        terminalreporter.write_line(f"report of the GPU tests: {self.path}")

    def content(self):
        """Return all of the report."""
        outcomes = [test["outcome"] for test in self.tests.values()]
        return {
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "on": "the double in the GPU's place" if self.is_double else "GPU",
            "commit": commit(),
            "gpu": cuda.info(),
            "versions": versions(),
            **{name: outcomes.count(name) for name in ("passed", "failed", "skipped")},
            "seconds": round(sum(test["seconds"] for test in self.tests.values()), 2),
            "tests": self.tests,
        }


def commit():
    """Return the commit of the working tree, with "and changes" if there are any."""
    found = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    if found[0].returncode:
        return "unknown: no git repository"
    return found[0].stdout.strip() + (" and changes" if found[1].stdout.strip() else "")


def versions():
    """Return the versions of Python and of the packages that matter, CuPy's wheel among them."""
    installed = {(d.name or "").lower(): d.version for d in importlib.metadata.distributions()}
    names = [name for name in sorted(installed) if name.startswith("cupy") or name in PACKAGES]
    return {"python": platform.python_version()} | {name: installed[name] for name in names}

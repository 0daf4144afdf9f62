"""The benchmark harness takes turns, compares turn by turn, and survives a missing candidate."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.architecture import ROOT

SUBJECT = """
import sys
sys.path.insert(0, {benchmarks!r})
import harness

def slow(case):
    return lambda: 3.0 * case

def fast(case):
    return lambda: 1.0 * case

def missing(case):
    import no_such_package

def broken(case):
    def once():
        raise RuntimeError("broken: expected work, got none.")
    return once

harness.RESULTS = harness.Path({results!r})
harness.ROOT = harness.RESULTS.parent
harness.main(harness.Subject(
    name="tiny", title="Tiny", cases={{"two": 2}}, reference="slow", pause=0.0, alternations=2,
    candidates={{"slow": slow, "fast": fast, "missing": missing, "broken": broken}},
    limits={{("two", "fast"): 0.5}},
))
"""


@pytest.fixture
def harness():
    spec = importlib.util.spec_from_file_location("harness", ROOT / "benchmarks" / "harness.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["harness"]


def test_candidates_take_turns_in_processes_of_their_own(tmp_path):
    script = tmp_path / "tiny.py"
    results = tmp_path / "results"
    text = SUBJECT.format(benchmarks=str(ROOT / "benchmarks"), results=str(results))
    script.write_text(text)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    report = json.loads((results / "tiny.json").read_text())
    fast = next(row for row in report["rows"] if row["candidate"] == "fast")
    assert fast["seconds"] == [2.0, 2.0] and fast["ratio"] == pytest.approx(1 / 3)
    assert [row["candidate"] for row in report["rows"]] == ["slow", "fast"]
    assert "missing: left out, No module named 'no_such_package'" in done.stderr
    assert "broken: left out, it failed" in done.stderr
    assert "two  fast" in done.stdout and "0.333" in done.stdout and "0.50" in done.stdout


def test_ratio_is_the_median_of_ratios_turn_by_turn(harness):
    subject = harness.Subject("name", "title", {}, {}, "base")
    rows = harness.summarize(subject, "case", {"base": [1.0, 10.0, 1.0], "ours": [0.5, 5.0, 0.9]})
    assert rows[1]["ratio"] == 0.5


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2.000 s"), (0.0125, "12.500 ms"), (3.2e-6, "3.20 us")]
)
def test_times_are_shown_in_a_fitting_unit(harness, seconds, text):
    assert harness.show(seconds) == text


def test_workers_do_not_inherit_pinned_kernels(harness, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    subject = harness.Subject("n", "t", {}, {}, "a", environment={"a": {"DEZERO_KERNELS": "numpy"}})
    environment = harness.environment(subject, "a", threads=2)
    assert "OPENBLAS_CORETYPE" not in environment
    assert environment["OPENBLAS_NUM_THREADS"] == "2" and environment["DEZERO_KERNELS"] == "numpy"

"""The tests of `tests/gpu` at work without a GPU: on the double, and skipped; and their report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT
from tests.gpu.conftest import ORDER
from tests.gpu.parallel import ALONE

# Of each file what shows that it stands: fixtures, copies, comparisons.
CHOSEN = (
    "test_dropout_drops_the_same or test_fit_is_the_hosts or test_saving_leaves or test_arrays_go "
    "or test_every_table or (test_optimizers and Adam and float32) or (test_layers and Linear) "
    "or (test_value_and_both_orders and softmax) or TestSteps or never_waits"
)


def run(path, *options):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "gpu", "tests/gpu"]
    command += ["--gpu-report", str(path), *options]
    variables = os.environ | {"CUDA_VISIBLE_DEVICES": ""}  # what has a GPU shall not use it here
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=variables)
    return done, json.loads(path.read_text())


@pytest.mark.slow
def test_they_run_on_the_double(tmp_path):
    done, report = run(tmp_path / "new" / "report.json", "--gpu-double", "-k", CHOSEN)
    assert done.returncode == 0, done.stdout
    assert report["on"] == "the double in the GPU's place"
    assert "GPU tests: 0 run" in done.stdout
    assert report["failed"] == 0 and report["passed"] > 30
    assert report["passed"] + report["skipped"] == len(report["tests"])
    assert {"date", "commit", "gpu", "versions", "seconds"} <= set(report)
    fitted = next(test for name, test in report["tests"].items() if "is_the_hosts[dense]" in name)
    assert fitted["outcome"] == "passed" and fitted["seconds"] > 0
    assert fitted["figures"]["moved"].startswith("Transfers(to_host=4 ")


NASTY = """
import os, time
import pytest

pytestmark = pytest.mark.gpu

def test_before():
    pass

def test_that_dies():
    os._exit(139)

def test_that_fails():
    assert 1 == 2

def test_that_hangs():
    time.sleep(60)

def test_after():
    pass
"""


@pytest.mark.slow
def test_one_that_dies_or_hangs_takes_no_other_along(tmp_path):
    (tmp_path / "test_noise.py").write_text(NASTY)
    (tmp_path / "conftest.py").write_text("from tests.gpu.conftest import *\n")
    path = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.gpu.parallel", "--gpu-double", "--jobs", "1"]
    command += ["--folder", str(tmp_path), "--gpu-report", str(path), "--hanging", "1.5"]
    variables = os.environ | {"PYTEST_ADDOPTS": "-p tests.conftest", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=variables)
    assert done.returncode == 1, done.stderr
    report = json.loads(path.read_text())
    went = {name.split("::")[1]: test for name, test in report["tests"].items()}
    assert {name: test["outcome"] for name, test in went.items()} == {
        "test_before": "passed", "test_that_dies": "failed", "test_that_fails": "failed",
        "test_that_hangs": "failed", "test_after": "passed",
    }  # fmt: skip
    assert "status 139" in went["test_that_dies"]["reason"]
    assert "hung for" in went["test_that_hangs"]["reason"]
    assert (report["passed"], report["failed"], report["processes_that_died"]) == (2, 3, 2)
    assert "FAILED" in done.stdout and "2 passed, 3 failed" in done.stdout


@pytest.mark.slow
def test_the_time_leaves_out_what_has_not_begun(tmp_path):
    path = tmp_path / "report.json"
    done, report = run(path, "--gpu-double", "-k", "Mish", "--gpu-seconds", "0")
    assert done.returncode == 0, done.stdout
    assert report["left_out_by_time"] == report["skipped"] == len(report["tests"]) > 0
    done, report = run(path, "--gpu-double", "-k", "Mish", "--gpu-resume", "--gpu-share", "1/1")
    assert report["passed"] == len(report["tests"]) > 0


def test_every_file_has_its_place():
    files = {path.stem for path in (ROOT / "tests" / "gpu").glob("test_*.py")}
    assert files == {*ORDER} and {Path(name).stem for name in ALONE} <= files


def test_they_are_skipped_with_the_reason(tmp_path):
    done, report = run(tmp_path / "report.json")
    assert done.returncode == 0, done.stdout
    files = len(list((ROOT / "tests" / "gpu").glob("test_*.py")))
    assert f"GPU tests: 0 run, {files} skipped" in done.stdout
    assert (report["passed"], report["failed"], report["skipped"]) == (0, 0, files)
    reasons = {test["reason"] for test in report["tests"].values()}
    assert len(reasons) == 1 and report["gpu"]["reason"] in reasons.pop()

"""The first run on a GPU, with a Python that only notes what is asked of it; rows of the README."""

import json
import os
import shutil
import subprocess

import pytest

from tests.test_gpu_benchmarks import BENCHMARKS, load  # noqa: F401

FIRST_RUN = BENCHMARKS / "gpu_first_run.sh"
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@needs_bash
def test_the_plan_of_the_first_run(tmp_path):
    def plan(*options):
        command = ["bash", str(FIRST_RUN), "--dry-run", "--out", str(tmp_path / "out"), *options]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    done = plan()
    assert done.returncode == 0, done.stderr
    parts = {line.split(" (")[0]: line for line in done.stdout.splitlines()}
    assert [*parts][:-1] == [
        "environment", "install", "install-cudnn", "doctor", "tests", "checklist", "benchmarks",
        "tables",
    ]  # fmt: skip
    total = int(done.stdout.splitlines()[-1].split()[2])
    assert total < 9 * 60
    assert "-m tests.gpu.parallel" in parts["tests"] and "--gpu-report" in parts["tests"]
    assert not (tmp_path / "out").exists()
    assert "--no-index --find-links /w" in plan("--wheels", "/w").stdout
    own = plan("--python", "python3").stdout
    assert "install" not in own and "python3 -m dezero.doctor" in own
    # What nobody has installed, the benchmarks have: all ends at the same time.
    assert int(own.splitlines()[-1].split()[2]) == total
    assert "--gpu-double" in plan("--python", "python3", "--try").stdout
    assert plan("--fast").returncode == 2 and plan("--wheels").returncode == 2


PYTHON = """#!/bin/sh
# Notes what it is asked for, makes environments of itself, and fails at one part.
case "$*" in
*"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;
*"import cupy"*) exit 1 ;;
esac
echo "$@"
case "$*" in *FAILING*) exit 1 ;; esac
"""
PARTS = {
    "environment": "-m venv", "install": "numpy", "install-cudnn": "cudnn-frontend",
    "doctor": "dezero.doctor", "tests": "tests.gpu.parallel", "checklist": "gpu_checklist",
    "benchmarks": "gpu_training.py --budget", "tables": "gpu_tables",
}  # fmt: skip


@needs_bash
@pytest.mark.skipif(shutil.which("timeout") is None, reason="timeout is not installed")
@pytest.mark.parametrize("failing", [*PARTS, None])
def test_the_first_run_goes_through_its_parts_whatever_fails(tmp_path, failing):
    programs, out = tmp_path / "programs", tmp_path / "out"
    programs.mkdir()
    (programs / "python3").write_text(PYTHON.replace("FAILING", f'"{PARTS.get(failing, "none")}"'))
    (programs / "python3").chmod(0o755)
    variables = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    command = ["bash", str(FIRST_RUN), "--venv", str(tmp_path / "venv"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    summary = (out / "summary.txt").read_text()
    assert done.returncode == bool(failing), done.stdout + done.stderr
    for part, words in PARTS.items():
        assert (f"{part}: FAILED, status 1" if part == failing else f"{part}: done") in summary
        log = "tables.md" if part == "tables" else f"{part}.log"
        assert words in (out / log).read_text()
    assert f"{int(bool(failing))} parts failed" in summary
    assert "cupy-cuda1" in (out / "install.log").read_text()


@needs_bash
def test_the_script_is_clean():
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run(["shellcheck", str(FIRST_RUN)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def report_of_tests(**changes):
    return {
        "on": "GPU", "gpu": {"GPU 0": "NVIDIA X, sm_90, 79.1 GiB"}, "driver": {"driver": 13000},
        "versions": {"cupy-cuda13x": "14.2.0"}, "date": "2027-01-02T03:04:05+00:00",
        "commit": "0123456789abcdef", "passed": 10, "failed": 1, "skipped": 3,
        "left_out_by_time": 2,
    } | changes  # fmt: skip


def report_of_training(**changes):
    row = {
        "case": "tiny", "unit": "step", "floors": {"measured": {"seconds": 1e-6}},
        "medians_s": {"torch eager": 2e-3, "dezero eager": 1e-3},
        "skipped": {"dezero graph": "no"},
        "ratios": [{"ratio": "a / b", "reached": 0.5, "asked": 0.8}] * 1
        + [{"ratio": "c / d", "reached": 1.5, "asked": 1.1}],
    }  # fmt: skip
    known = {"device": "cuda", "commit": "0123456789abcdef", "left_out": ["cats 32"], "rows": [row]}
    return known | changes


def test_rows_of_the_readme_come_from_reports(load, tmp_path, capsys):  # noqa: F811
    tables = load("gpu_tables")
    path = tmp_path / "gpu-2027-01-02.json"
    beside = path.with_suffix("") / "gpu_training.json"
    beside.parent.mkdir()

    def rows(tests, training):
        path.write_text(json.dumps(tests))
        beside.write_text(json.dumps(training))
        status = tables.main([str(path)])
        return status, capsys.readouterr()

    status, said = rows(report_of_tests(), report_of_training())
    assert status == 0
    assert said.out.splitlines()[0] == (
        "On NVIDIA X, sm_90, 79.1 GiB, 2027-01-02, commit 0123456789ab (driver 13000, cupy-cuda13x "
        "14.2.0): 11 GPU tests ran, 1 failed, 3 were skipped (2 for want of time)."
    )
    assert "| case | torch eager | dezero eager | floor |" in said.out
    assert "| tiny (step) | 2.000 ms | 1.000 ms | 1.00 us |" in said.out
    assert "- tiny: a / b 0.5, asked 0.8\n" in said.out
    assert "- tiny: c / d 1.5, asked 1.1 **(not reached)**" in said.out
    assert "- cats 32: not begun" in said.out and "- tiny, dezero graph: no" in said.out
    for tests, training, why in (
        (report_of_tests(on="the double in the GPU's place"), report_of_training(), "the double"),
        (report_of_tests(passed=0, failed=0), report_of_training(), "tests that ran"),
        (report_of_tests(), report_of_training(device="cpu"), "those of cpu"),
        (report_of_tests(), report_of_training(commit="f"), "one commit"),
    ):
        status, said = rows(tests, training)
        assert status == 1 and why in said.err and not said.out

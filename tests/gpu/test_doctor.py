"""What is said of the GPU: by the doctor, by `check` and by `info`."""

import os
import subprocess
import sys

from dezero import cuda
from tests.architecture import ROOT


def test_the_doctor_finds_it(real, record_property):
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dezero.doctor"]
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    record_property("doctor", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The GPU works." in done.stdout and "DIFFERS" not in done.stdout


def test_it_computes_rightly(real, record_property):
    lines = []
    assert cuda.check(lines.append), lines
    record_property("check", lines)
    assert lines[0].startswith("GPU 0 ") and "CuPy " in lines[0]
    assert all("agrees with NumPy" in line for line in lines[1:])


def test_it_is_named_with_its_way_of_convolution(real, record_property):
    info = cuda.info()
    record_property("info", info)
    assert cuda.available() and cuda.why_unavailable() == "" and cuda.gpu_enable
    assert "sm_" in info["GPU 0"] and "GiB" in info["GPU 0"]
    assert cuda.device_count() == sum(name.startswith("GPU ") for name in info) >= 1
    if info["cuDNN front end"] == "installed":
        assert info["convolution"].startswith("cuDNN"), "the front end is there, but of no use"
    else:
        assert "columns and a product" in info["convolution"]
    assert info["products"] == "highest"
    assert "reason" not in info and "fix" not in info

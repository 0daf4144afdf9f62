"""The benchmarks of a GPU, tried on the CPU with tiny sizes, and its floors."""

import dataclasses
import importlib
import itertools
import json
import os
import subprocess
import sys

import pytest

from tests.architecture import ROOT
from tests.backend.cupy.fake_stream import fake_stream
from tests.gpu.conftest import playing_streams
from tests.training.captured import moved, on_device

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def load(monkeypatch):
    """Import a file of the folder, as a program there would."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def run(name, *options):
    command = [sys.executable, str(BENCHMARKS / name), *options]
    env = os.environ | {"PYTHONPATH": str(ROOT)}  # a script knows its own folder alone
    options = {"capture_output": True, "text": True, "cwd": ROOT, "env": env}
    return subprocess.run(command, check=False, **options)


@pytest.mark.slow
def test_steps_are_timed_in_turns(tmp_path):
    path = tmp_path / "training.json"
    done = run(
        "gpu_training.py", "--device", "cpu", "--turns", "2", "--threads", "1",
        "--cases", "tiny,tiny conv,tiny forward,tiny fit", "--only", "dezero eager,dezero graph",
        "--out", str(path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    units = {row["case"]: row["unit"] for row in report["rows"]}
    assert units == {
        "tiny": "step", "tiny conv": "step", "tiny forward": "forward pass", "tiny fit": "epoch",
    }  # fmt: skip
    assert report["gpus"]["measured"]["fp32"] > 0 and report["gpus"]["published"] is None
    for row in report["rows"]:
        assert len(row["seconds"]["dezero eager"]) == 2 and row["medians_s"]["dezero eager"] > 0
        assert "needs a GPU" in row["skipped"]["dezero graph"]
        assert row["floors"]["measured"]["seconds"] > 0
        assert "seconds" not in row["floors"]["published"]
        assert len(row["losses"]["dezero eager"]) == (2 if row["unit"] == "epoch" else 8)
        assert "skipped: dezero.cuda.graph needs a GPU" in done.stdout


@pytest.mark.slow
@pytest.mark.oracle
def test_torch_takes_turns_with_us(tmp_path):
    pytest.importorskip("torch")
    path = tmp_path / "training.json"
    cases = "tiny,tiny conv,tiny forward,tiny fit"
    options = ["--cases", cases, "--turns", "1", "--threads", "1", "--out", str(path)]
    options += ["--only", "torch eager,torch graph,torch compile,dezero eager,dezero cpu"]
    done = run("gpu_training.py", "--device", "cpu", *options)
    assert done.returncode == 0, done.stderr
    for row in json.loads(path.read_text())["rows"]:
        epochs = row["unit"] == "epoch"
        assert {"torch eager", "dezero eager"} <= {*row["medians_s"]}
        assert row["ratios"][0]["asked"] == 0.8 and row["ratios"][0]["reached"] > 0
        assert {"torch compile", "torch graph"} <= {*row["skipped"]}
        assert ("dezero cpu" in row["medians_s"]) == epochs
        # Of one start and one data: the same losses, but for rounding and the epochs' order.
        assert row["differences"]["dezero eager"] < (0.05 if epochs else 1e-5)


@pytest.mark.slow
def test_without_a_gpu_there_is_one_message(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    for name in ("gpu_training.py", "gpu_checklist.py"):
        done = run(name, *(["--out", "/nonexistent/x"] if "training" in name else []))
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1 and name[:-3] in done.stderr


class Played:
    """A worker whose answers are known."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def ask(self, **wish):
        return self.answers.pop(0)


def ready(*losses):
    return {"figures": [[loss] for loss in losses], "prepared_s": 0.1}


def test_a_candidate_that_fails_is_left_out_with_the_reason(load):
    training = load("gpu_training")
    options = training.parse(["--turns", "1", "--device", "cpu"])
    good = [ready(1.0, 0.5), *[{"seconds": 0.5}] * 3]
    workers = {
        "dezero eager": Played(*good),
        "dezero graph": Played({"skipped": "no GPU"}),
        "torch eager": Played(*good[:2], {"seconds": 0.5}, {"skipped": "it failed: full"}),
    }
    found = training.measure("tiny", workers, options)
    assert found["seconds"] == {"dezero eager": [0.5]}
    assert found["skipped"] == {"dezero graph": "no GPU", "torch eager": "it failed: full"}
    compiled = {"torch compile": Played()}
    found = training.measure("vgg16 step 8 fp32", compiled, options)
    assert "--compile-all" in found["skipped"]["torch compile"]
    found["seconds"] = {"dezero eager": [1.1], "torch eager": [1.0]}
    row = training.row_of("vgg16 step 8 fp32", found, {"measured": None})
    assert row["ratios"] == [{"ratio": "dezero eager / torch eager", "reached": 1.1, "asked": 1.1}]


def test_compiling_has_its_time(load):
    training = load("gpu_training")
    options = training.parse(["--turns", "1", "--device", "cpu", "--compile-seconds", "0.05"])
    workers = {"torch compile": Played(ready(1.0), *[{"seconds": 0.5}] * 3)}
    assert training.measure("tiny", workers, options)["seconds"]["torch compile"] == [0.5]
    found = training.measure("tiny", workers, options)
    assert "compiling are over" in found["skipped"]["torch compile"]


@pytest.mark.parametrize("wrong", [(1.0, 0.502), (1.0, float("nan")), (float("inf"), 0.5)])
def test_who_computes_something_else_is_refused(load, wrong):
    training = load("gpu_training")
    options = training.parse(["--turns", "1", "--device", "cpu"])
    times = [{"seconds": 0.5}] * 3
    workers = {
        "torch eager": Played(ready(1.0, 0.5), *times),
        "torch graph": Played(ready(1.0, 0.5004), *times),
        "dezero eager": Played(ready(*wrong)),
    }
    found = training.measure("tiny", workers, options)
    assert {*found["seconds"]} == {"torch eager", "torch graph"}
    assert found["skipped"]["dezero eager"].startswith("REFUSED: it computes something else")
    assert found["losses"]["dezero eager"][0] == [wrong[0]]


@pytest.mark.slow
def test_a_planted_difference_is_seen_by_the_program(load, tmp_path, monkeypatch, capsys, seeded):
    training, nets = load("gpu_training"), load("gpu_nets")
    monkeypatch.setattr(training, "Worker", lambda name, options: Here(training, nets, name))
    path = tmp_path / "training.json"
    options = ["--device", "cpu", "--cases", "tiny", "--turns", "1", "--out", str(path)]
    assert training.main([*options, "--only", "dezero eager,dezero again"]) == 0
    assert training.main([*options, "--only", "dezero eager,dezero planted"]) == 3
    (row,) = json.loads(path.read_text())["rows"]
    assert {*row["medians_s"]} == {"dezero eager"} and "REFUSED" in str(row["skipped"])
    assert "REFUSED" in capsys.readouterr().out


class Here:
    """A candidate in this process; "dezero planted" begins with one weight doubled."""

    def __init__(self, training, nets, name):
        self.training, self.nets, self.name = training, nets, name

    def ask(self, prepare=None, steps=None):
        if steps:
            return {"seconds": self.training.timed(self.held, steps)}
        self.held = self.training.CANDIDATES["dezero eager"](self.nets.CASES[prepare], "cpu")
        if self.name == "dezero planted":
            next(iter(self.held.model.params())).data.flat[0] *= 2
        return {"figures": self.training.checked(self.held), "prepared_s": 0.0}

    def close(self):
        pass


def test_floors_are_those_of_the_published_sizes(load):
    nets, floors = load("gpu_nets"), load("gpu_floors")
    for layers, multiplies, weights in (
        (nets.vgg16(), 15.47e9, 138_357_544),
        # With a bias for each convolution in place of what batch normalisation has.
        (nets.resnet50(), 4.09e9, 25_530_472),
    ):
        ops, shape = floors.products(layers, (3, 224, 224))
        assert shape == (1000,)
        assert sum(op.multiplies for op in ops) == pytest.approx(multiplies, rel=0.01)
        assert sum(op.weights for op in ops) == pytest.approx(weights, rel=2e-3)
    gpu = floors.published("NVIDIA H100 80GB HBM3")
    assert gpu.bandwidth == 3.35e12 and floors.published("NVIDIA H100 PCIe").bandwidth == 2.0e12
    assert floors.published("NVIDIA H200").bandwidth == 4.8e12
    assert floors.published("NVIDIA L4").fp16 == 121e12
    assert floors.published("NVIDIA A100-SXM4-80GB").tf32 == 156e12
    for unknown in ("GeForce", "NVIDIA L40S", "NVIDIA GeForce RTX 4090 Laptop GPU"):
        assert floors.published(unknown) is None
    given = {"training": True, "precision": "fp32", "gpu": gpu}
    found = floors.floor(nets.dense(128, 10), (784,), 32, **given)
    # Two products forward, three backward (none by the pictures), the loss, the optimizer.
    assert found["launches"] == 7
    first, second = 784 * 128, 128 * 10
    assert found["operations"] == 2 * 32 * (2 * first + 3 * second)
    parts = [found[f"by_{name}_s"] for name in ("launches", "bytes", "operations")]
    assert found["seconds"] == max(parts) > 0


def test_every_case_has_a_floor_and_what_is_asked_for_is_there(load):
    nets, floors = load("gpu_nets"), load("gpu_floors")
    for case in nets.CASES.values():
        options = {"training": case.training, "precision": case.precision}
        gpu = floors.GPUS["H200"]
        assert floors.floor(case.layers, case.shape, case.batch, gpu=gpu, **options)["seconds"] > 0
        assert floors.products(case.layers, case.shape)[1] == (case.classes,)
    assert len(nets.CASES) == 6 + 2 + 24 + 1 + 4


def test_networks_give_the_shapes_of_their_descriptions(load):
    nets = load("gpu_nets")
    for name in ("784-300-100-10 32", "lenet 64", "cats 32", "tiny conv"):
        case = nets.CASES[name]
        (x, t), *_ = case.batches(1)
        assert nets.in_dezero(case)(x[:2]).shape == (2, case.classes)
        assert t.max() < case.classes


@pytest.mark.parametrize("changes", [{}, {"training": False}, {"precision": "fp16"}])
def test_our_steps_are_captured(load, monkeypatch, changes, seeded):
    """On the stream that refuses what CuPy's refuses."""
    candidates, nets = load("gpu_candidates"), load("gpu_nets")
    case = dataclasses.replace(nets.CASES["tiny"], **changes)
    with fake_stream(monkeypatch) as device:
        ours = candidates.Dezero(case, "cpu")
        ours.model(ours.batches[0][0])
        moved(ours.model)
        ours.turn = itertools.cycle([[on_device(a) for a in batch] for batch in ours.batches])
        ours.device = "cuda"
        ours.__class__ = candidates.DezeroGraph
        ours.prepare()
        for _ in range(candidates.WARMUP + 1):
            ours.once()
        before = device.launches
        ours.once()
        assert device.launches == before + 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dezero eager", "dezero graph", "dezero unrolled"])
@pytest.mark.parametrize("case", ["tiny", "tiny conv"])
def test_our_candidates_compute_the_same(load, monkeypatch, case, name, seeded):
    """With weights, batches and captures as on a GPU, on the stream of tests."""
    training, nets = load("gpu_training"), load("gpu_nets")
    expected = training.checked(training.CANDIDATES["dezero eager"](nets.CASES[case], "cpu"))
    with playing_streams(monkeypatch):
        monkeypatch.setattr("dezero.cuda.available", lambda: True)
        monkeypatch.setattr(load("gpu_candidates").Dezero, "synchronise", lambda held: None)
        held = training.CANDIDATES[name](nets.CASES[case], "cuda")
        figures = training.checked(held)
        assert training.difference(figures, expected) < 1e-6
        assert getattr(held.step, "captured", 1) == 1
        assert held.steps_per_call == (16 if name == "dezero unrolled" else 1)
        assert training.timed(held, 32) > 0


@pytest.mark.slow
def test_epochs_of_fit_compute_the_same(load, monkeypatch, seeded):
    training, nets = load("gpu_training"), load("gpu_nets")
    names = "dezero eager", "dezero graph", "dezero unrolled", "dezero cpu"
    made = [training.CANDIDATES[name] for name in names]
    with playing_streams(monkeypatch):
        monkeypatch.setattr("dezero.cuda.available", lambda: True)
        monkeypatch.setattr(load("gpu_candidates").Dezero, "synchronise", lambda held: None)
        found = [training.checked(make(nets.CASES["tiny fit"], "cuda")) for make in made]
    assert all(training.difference(figures, found[0]) < 1e-6 for figures in found)


def test_the_checklist_asks_what_can_be_captured(load, monkeypatch, seeded):
    checklist = load("gpu_checklist")
    with playing_streams(monkeypatch):
        monkeypatch.setattr(checklist.Place, "synchronise", lambda place: None)
        monkeypatch.setattr("dezero.cuda.memory_stats", dict)
        place = checklist.Place("cuda")
        times, place.times = place.times, lambda run, count=2: times(run, 2)
        with pytest.warns(UserWarning, match="graph: .* runs as it is"):
            found = checklist.captures(place, None)
    captured = {name: answer["captured"] for name, answer in found.items()}
    assert captured == {
        "our product": 1, "their product": 0, "their sum": 1, "dense step": 1,
        "convolutional step": 1,
    }  # fmt: skip
    assert "matmul" in found["their product"]["reason"]
    assert found["dense step"]["replayed"]["host_us"] > 0


@pytest.mark.slow
def test_the_checklist_goes_on_after_a_failure(tmp_path):
    done = run("gpu_checklist.py", "--device", "cpu", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "checklist.json").read_text())
    for name in ("cudnn_properties", "captures"):
        assert report.pop(name) == {"failed": "NotImplementedError: needs a GPU"}
    assert set(report) == {"device", "products", "epilogues", "convolutions"}
    for rows in (report["products"], report["epilogues"], report["convolutions"]):
        assert rows and "failed" not in rows
    assert report["products"]["layer 1 f4"]["worst"] < 1e-5
    assert report["epilogues"]["tf32 10"]["worst"] < 1e-5
    assert report["convolutions"]["C=3 NCHW highest"]["chosen dgrad"]["host_us"] > 0

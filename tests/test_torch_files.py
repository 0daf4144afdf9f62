"""Files that torch itself wrote, and files of the tests' own writer that torch reads."""

import numpy as np
import pytest

from dezero.io import load_pth
from tests.io.pickles import state_dict, write_legacy, write_zip
from tests.io.test_npz import check_same

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
ARRAYS = {
    "0.weight": np.linspace(-1, 1, 12, dtype="f4").reshape(3, 4),
    "none": np.zeros((0, 3), "f4"),
    "one": np.float32(7),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "w.pth"


@pytest.fixture(autouse=True)
def torch():
    return pytest.importorskip("torch")


def check(path, tensors, torch):
    expected = {}
    for name, value in tensors.items():
        value = value.detach()
        value = value.float() if value.dtype == torch.bfloat16 else value
        expected[name] = np.array(value.numpy())
    check_same(load_pth(path), expected)


def state_of(torch):
    torch.manual_seed(0)
    nn = torch.nn
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.LSTM(4, 3, 2))
    tensors = model.state_dict()
    for name in (
        "float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128 "
        "uint16 uint32 uint64"
    ).split():
        tensors[name] = torch.randint(0, 2, (3, 5)).to(getattr(torch, name))
    base = torch.arange(24.0).reshape(4, 6)
    noted = nn.Parameter(torch.ones(2))
    noted.note = "hi"
    views = {"t": base.t(), "cut": base[1:3, ::2], "whole": base, "empty": base[:0]}
    return tensors | views | {"parameter": nn.Parameter(base), "noted": noted}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_everything_that_a_state_dict_has(path, torch, zipped, protocol):
    tensors = state_of(torch)
    torch.save(tensors, path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    check(path, tensors, torch)


def test_a_checkpoint_with_an_optimizer(path, torch):
    weights = torch.nn.Linear(3, 2).state_dict()
    slots = {i: {"step": torch.tensor(1.0), "exp_avg": w} for i, w in enumerate(weights.values())}
    adam = {
        "state": slots,
        "param_groups": [{"lr": 0.001, "betas": (0.9, 0.999), "params": [0]}],
    }
    content = {"epoch": 3, "optimizer_state_dict": adam, "model_state_dict": weights}
    torch.save(content | {"loss": torch.tensor(0.5)}, path)
    check(path, weights, torch)


def test_many_small_tensors_are_no_bomb(path, torch):
    tensors = {f"w{i}": torch.ones(1) for i in range(2000)}
    for protocol in (2, 4):
        torch.save(tensors, path, pickle_protocol=protocol)
        assert len(load_pth(path)) == 2000


def test_tied_weights(path, torch):
    w = torch.ones(3)
    torch.save({"a": w, "b": w}, path)
    got = load_pth(path)
    assert got["a"] is got["b"]


@pytest.mark.parametrize("kind", ["model", "tensor", "list", "script", "quantized", "sparse"])
def test_what_is_no_state_dict(path, torch, kind):
    model = torch.nn.Linear(2, 2)
    if kind == "script":
        torch.jit.script(model).save(str(path))
    else:
        eye = torch.eye(2)
        content = {
            "model": model,
            "tensor": eye,
            "list": [eye],
            "quantized": {"w": torch.quantize_per_tensor(eye, 0.1, 0, torch.qint8)},
            "sparse": {"w": eye.to_sparse()},
        }
        torch.save(content[kind], path)
    with pytest.raises(ValueError, match="load_pth: "):
        load_pth(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_it_reads_what_the_writer_of_these_tests_writes(path, torch, zipped):
    """So that the files made by hand are files of torch."""
    if zipped:
        write_zip(path, *state_dict(ARRAYS))
    else:
        write_legacy(path, *state_dict(ARRAYS, None))
    theirs = torch.load(path, weights_only=True)
    check_same({k: v.numpy() for k, v in theirs.items()}, ARRAYS)

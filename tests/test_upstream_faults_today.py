"""Faults 1 to 6 of upstream: what breaks on today's Python and NumPy."""

import ast
import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import core, datasets, optimizers, transforms
from dezero.models import MLP, VGG16, BottleneckA
from tests.architecture import ROOT, sources
from tests.strict_device import strict_device

HOUSE = sources("dezero")


def run(code):
    """Run `code` in a new interpreter where every warning is an error; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert not done.returncode, done.stderr
    return done.stdout.strip()


HAS_NUMBA = importlib.util.find_spec("numba") is not None


def test_fault_01_the_package_can_be_imported():
    for module in pkgutil.walk_packages(dezero.__path__, "dezero."):
        if HAS_NUMBA or "numba" not in module.name:
            importlib.import_module(module.name)
    gone = re.compile(r"\bnp\.(int|float|bool|object|str|complex|long|unicode)\b(?!_)")
    assert not [s.path for s in HOUSE if gone.search(s.text)]
    assert transforms.ToInt()(np.array([1.5])).dtype == np.int64
    assert datasets.get_spiral()[1].dtype == np.int64
    assert not [url for url in datasets.MNIST.collection.mirrors if "yann.lecun" in url]


def activations(x):
    scaled = 2.0 * x * 3 + 1 - 0.5 / (x + 10) + x**2 - np.float64(2) * x
    return F.relu(F.sigmoid(scaled) / 2) + F.leaky_relu(x) + F.clip(x, -1.0, 1.0)


FLOATS = [
    activations,
    lambda x: F.mean_squared_error(x, np.zeros(x.shape, np.float32)),
    lambda x: F.softmax_cross_entropy(x, np.array([0, 2])),
    lambda x: F.softmax_cross_entropy_simple(x, np.array([0, 2])),
    lambda x: F.mean(x) + F.average(x) + F.sum(x) / 3,
    lambda x: F.dropout(x, 0.5),
]
LAYERS = [L.Linear(4), L.RNN(4), L.LSTM(4), MLP((4, 2))]
CASES = [(f, dtype) for f in FLOATS for dtype in ("float16", "float32")]
CASES += [(layer, "float32") for layer in LAYERS]


@pytest.mark.parametrize(("function", "dtype"), CASES, ids=range(len(CASES)))
def test_fault_02_numpy_2_does_not_widen(function, dtype):
    x = core.Variable(np.array([[0.5, -1.0, 2.0], [1.0, 0.25, -3.0]], dtype))
    y = function(x)
    assert y.dtype == dtype
    F.sum(y).backward()
    assert x.grad.dtype == dtype
    if isinstance(function, L.Layer):
        optimizers.Adam().setup(function).update()
        assert all(p.dtype == p.data.dtype == dtype for p in function.params())


PICTURES = [
    L.Conv2d(2, 3),
    L.Deconv2d(2, 3),
    L.BatchNorm(),
    BottleneckA(3, 2, 4),
    VGG16(width=1 / 32),
]


@pytest.mark.parametrize("layer", PICTURES, ids=lambda layer: type(layer).__name__)
def test_fault_02_networks_of_pictures_stay_narrow(layer):
    x = core.Variable(np.ones((1, 3, 32, 32), np.float32))
    y = layer(x)
    F.sum(y).backward()
    assert y.dtype == x.grad.dtype == np.float32
    assert all(p.dtype == p.grad.dtype == np.float32 for p in layer.params())


def test_fault_03_indexing_goes_backward_on_a_device():
    with strict_device() as device:
        W = core.Variable(device.from_host(np.arange(6.0).reshape(3, 2)))
        F.sum(F.embed_id(device.from_host(np.array([2, 0, 2])), W)).backward()
        assert isinstance(W.grad.data, device.array_types[0])
        assert np.array_equal(device.to_host(W.grad.data), [[1, 1], [0, 0], [2, 2]])
        assert not hasattr(device.xp, "scatter_add")


def test_fault_04_numpy_is_enough_to_import():
    rooms = "core functions layers models optimizers datasets dataloaders transforms utils cuda"
    code = f"import sys, {', '.join(f'dezero.{room}' for room in rooms.split())}\n"
    code += "print(sorted({'matplotlib', 'PIL', 'cupy'} & set(sys.modules)))"
    assert run(code) == "[]"


def test_fault_05_no_test_needs_chainer():
    wanted = re.compile(r"^\s*(import|from) chainer", re.MULTILINE)
    found = [s.path for s in sources("tests", "benchmarks", "examples") if wanted.search(s.text)]
    assert not found


def test_fault_06_no_comparison_by_identity_with_a_literal():
    alike = (None, True, False, ...)  # of these there is one each
    for source in HOUSE:
        for node in source.nodes:
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
                sides = [node.left, *node.comparators]
                literals = [side for side in sides if isinstance(side, ast.Constant)]
                assert all(any(lit.value is one for one in alike) for lit in literals)
    fine = "".join(["fi", "ne"])  # equal to the literal, and another object
    assert len(datasets.CIFAR100.labels(fine)) == 100

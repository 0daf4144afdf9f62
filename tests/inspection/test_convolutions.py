"""What is said of the convolutions of a model."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.backend import registry, use_kernels
from dezero.inspection import convolution_paths
from dezero.models import Sequential


@pytest.fixture(params=["numpy", "numba"])
def chosen(request):
    """Choose kernels; return the path of a convolution that reads few channels with them."""
    if request.param == "numba":
        pytest.importorskip("numba")
    before = list(registry._host)
    use_kernels(request.param)
    yield {"numpy": "planes", "numba": "direct"}[request.param]
    registry._host[:] = before


def test_every_convolution_is_named_with_its_path(rng, chosen):
    model = Sequential(
        L.Conv2d(32, 3), F.relu, L.Conv2d(64, 1), L.Conv2d(64, 3, groups=64), L.Deconv2d(8, 5)
    )
    rows = convolution_paths(model, rng.standard_normal((2, 3, 12, 12)).astype("f4"))
    assert [row.name for row in rows] == ["l0", "l2", "l3", "l4"]
    assert [row.path for row in rows] == [chosen, "pixels", "depthwise", "columns"]
    assert rows[0].x == (2, 3, 12, 12) and rows[0].W == (32, 3, 3, 3)
    assert rows[0].dtype == "float32"


def test_a_plain_function_will_do():
    W = np.ones((2, 2, 3, 3), "f2")
    (row,) = convolution_paths(lambda x: F.conv2d(x, W), np.ones((1, 2, 5, 5), "f2"))
    assert row.name == "" and row.path == "planes in float32" and row.dtype == "float16"

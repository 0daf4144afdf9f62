"""Our own binding of cuBLAS beside NumPy, and beside the array module's own products."""

import numpy as np
import pytest

from dezero import cuda
from dezero.backend.registry import HOST_KERNELS

EPS = {"f8": 1e-12, "f4": 1e-5, "f2": 4e-3}
SHAPES = {
    "square": ((64, 64), (64, 64)),
    "layer": ((32, 784), (784, 128)),
    "odd": ((33, 17), (17, 10)),
    "row": ((1, 5), (5, 7)),
    "column": ((5, 1), (1, 7)),
    "vectors": ((9,), (9,)),
    "matrix and vector": ((4, 9), (9,)),
    "vector and matrix": ((9,), (9, 4)),
    "stack": ((3, 8, 5), (3, 5, 6)),
    "stack and matrix": ((3, 8, 5), (5, 6)),
    "stacks that spread": ((2, 1, 4, 5), (3, 5, 6)),
    "nothing between": ((3, 0), (0, 4)),
    "no rows": ((0, 3), (3, 4)),
}


def drawn(name, dtype):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in SHAPES[name]]


def near(found, expected, dtype):
    scale = np.abs(expected).max(initial=1)
    np.testing.assert_allclose(found, expected, EPS[dtype], EPS[dtype] * scale)


@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("name", SHAPES)
def test_products(name, dtype, gpu):
    a, b = drawn(name, dtype)
    expected = a.astype("f8") @ b.astype("f8")
    ours = gpu.kernels.matmul(gpu.from_host(a), gpu.from_host(b))
    assert ours.dtype == dtype and ours.shape == np.shape(expected)
    near(gpu.to_host(ours), expected, dtype)
    if dtype != "f2":  # CuPy's sums of half precision are its own affair
        theirs = gpu.xp.matmul(gpu.from_host(a), gpu.from_host(b))
        near(gpu.to_host(ours), gpu.to_host(theirs), dtype)


LAYOUTS = {
    "transposed": lambda x: x.T,
    "gaps": lambda x: x[::2, ::3],
    "backwards": lambda x: x[::-1],
    "part": lambda x: x[3:11, 5:20],
    "a column": lambda x: x[:, 2:3],
    "spread": lambda x: x[:1],
}


@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("second", LAYOUTS)
@pytest.mark.parametrize("first", LAYOUTS)
def test_layouts(first, second, dtype, gpu):
    x = np.random.default_rng(0).standard_normal((24, 24)).astype(dtype)
    there = gpu.from_host(x)
    rows, columns = LAYOUTS[first](x), LAYOUTS[second](x)
    width = min(rows.shape[1], columns.shape[1])
    expected = rows[:, :width].astype("f8") @ columns[:, :width].T.astype("f8")
    rows, columns = LAYOUTS[first](there)[:, :width], LAYOUTS[second](there)[:, :width]
    near(gpu.to_host(gpu.kernels.matmul(rows, columns.T)), expected, dtype)


@pytest.mark.parametrize("dtype", EPS)
def test_a_place_for_the_result(dtype, gpu):
    a, b = (gpu.from_host(x) for x in drawn("odd", dtype))
    out = gpu.xp.full((33, 10), np.nan, dtype)  # what was there before plays no part
    gpu.kernels.matmul(a, b, out=out)
    near(gpu.to_host(out), gpu.to_host(a).astype("f8") @ gpu.to_host(b).astype("f8"), dtype)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("width", [128, 100, 10, 1])
@pytest.mark.parametrize("dtype", EPS)
def test_a_layer_in_one_call(dtype, width, relu, gpu):
    rng = np.random.default_rng(0)
    x, W, b, gy = (
        rng.standard_normal(shape).astype(dtype)
        for shape in ((32, 784), (784, width), (width,), (32, width))
    )
    W /= 28
    wide = [a.astype("f8") for a in (x, W, b, gy)]
    there = [gpu.from_host(a) for a in (x, W, b, gy)]
    near(
        gpu.to_host(gpu.kernels.linear(*there[:3], relu)),
        HOST_KERNELS.linear(*wide[:3], relu),
        dtype,
    )
    found = gpu.kernels.linear_gradient_w(there[0], there[3])
    for ours, expected in zip(found, (wide[0].T @ wide[3], wide[3].sum(0)), strict=True):
        near(gpu.to_host(ours), expected, dtype)


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_rounds_the_inputs_alone(half, gpu):
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((128, 128)).astype("f4") for _ in range(2))
    with cuda.autocast(half):
        expected = HOST_KERNELS.matmul(a, b)  # rounded there too
        found = gpu.kernels.matmul(gpu.from_host(a), gpu.from_host(b))
        assert found.dtype == "f4"
        near(gpu.to_host(found), expected, "f4")
    assert np.abs(gpu.to_host(found) - a @ b).max() > 1e-4


def test_tf32_is_near_and_only_where_it_is_asked_for(real, record_property):
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((512, 512)).astype("f4") for _ in range(2))
    there, expected = [real.from_host(x) for x in (a, b)], a.astype("f8") @ b.astype("f8")
    off = {}
    for precision in ("highest", "tf32"):
        with cuda.matmul_precision(precision):
            found = real.to_host(real.kernels.matmul(*there))
        off[precision] = float(np.abs(found - expected).max() / np.abs(expected).max())
    record_property("off", off)
    assert off["highest"] < 1e-5 < off["tf32"] < 5e-3

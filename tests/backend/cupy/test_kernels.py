"""CuPy's kernels have the names and arguments of the host's, and their results."""

import inspect

import numpy as np
import pytest

from dezero.backend.cupy import kernels, kernels_norms, kernels_products
from dezero.backend.cupy.arrays import DEVICE_MODULES
from dezero.backend.precision import deterministic
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module in DEVICE_MODULES for name in module.__all__]
)
def test_signature_is_the_hosts(module, name):
    ours = inspect.signature(getattr(module, name)).parameters
    hosts = inspect.signature(getattr(HOST_KERNELS, name)).parameters
    assert [(p.name, p.kind, p.default) for p in ours.values()] == [
        (p.name, p.kind, p.default) for p in hosts.values()
    ]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1), ()])
def test_sum_to(rng, shape):
    x = rng.standard_normal((4, 2, 3))
    np.testing.assert_allclose(kernels.sum_to(x, shape), HOST_KERNELS.sum_to(x, shape))
    assert kernels.sum_to(np.ones((4096, 1), "e"), (1,)) == 4096


def test_many_rows_are_summed_in_parts(rng, monkeypatch):
    monkeypatch.setattr(kernels_norms, "ELEMENTS", 8)
    for shape, to in (((12, 5), (5,)), ((3, 4, 2), (2,)), ((7, 3), (3,)), ((6, 2), (6, 2))):
        x = rng.standard_normal(shape)
        np.testing.assert_allclose(kernels.sum_to(x, to), HOST_KERNELS.sum_to(x, to))
        np.testing.assert_allclose(kernels.sum_to(x.T.copy().T, to), HOST_KERNELS.sum_to(x, to))


def test_every_kernel_of_the_host_is_there_once():
    names = [name for module in DEVICE_MODULES for name in module.__all__]
    assert len(names) == len(set(names))
    assert {*names, *kernels_products.__all__} == set(vars(HOST_KERNELS))


def same(name, *arguments, tolerance=1e-6):
    """Run a kernel of the device on the host, and its twin on copies; compare all they wrote."""
    twins = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    with hosted():
        ours = getattr(kernels, name)(*arguments)
    expected = getattr(HOST_KERNELS, name)(*twins)
    pairs = [(a, b) for a, b in zip(arguments, twins, strict=True) if isinstance(a, np.ndarray)]
    if expected is not None:
        expected = expected if isinstance(expected, tuple) else (expected,)
        pairs += zip(ours if isinstance(ours, tuple) else (ours,), expected, strict=True)
    for own, twin in pairs:
        assert own.dtype == twin.dtype and own.shape == twin.shape
        np.testing.assert_allclose(own, twin, tolerance, tolerance)


class WithoutAtomics:
    """NumPy without `add.at` of floats, whose twin on a device adds in any order."""

    class add:
        @staticmethod
        def at(y, index, values):
            assert y.dtype.kind in "iu", "a sum of floats is left to chance"
            np.add.at(y, index, values)

    def __getattr__(self, name):
        return getattr(np, name)


@needs_compiler
class TestOnTheHost:
    @pytest.mark.parametrize("dtype", ["e", "f", "d"])
    def test_relu_gradient(self, rng, dtype):
        gy, y = rng.standard_normal((2, 3, 4)).astype(dtype)
        gy[0, :2], y[0, :2] = [np.nan, np.inf], [1, 2]
        same("relu_gradient", gy, y)
        same("relu_gradient", gy.astype("d"), y.astype("f"))

    @pytest.mark.parametrize("dtype", ["f", "d"])
    def test_erf_and_subnormals(self, rng, dtype):
        same("erf", (3 * rng.standard_normal((3, 4))).astype(dtype))
        tiny = np.finfo(dtype).tiny
        same("flush_subnormals", np.array([1, tiny, -tiny, 0, np.inf, np.nan], dtype))
        with hosted():
            assert kernels.aligned_empty(7, dtype).shape == (7,)

    @pytest.mark.parametrize("classes", [1, 10, 300])
    @pytest.mark.parametrize("labels", ["i8", "i4", "u1"])
    def test_softmax_cross_entropy(self, rng, classes, labels):
        x = (5 * rng.standard_normal((33, classes))).astype("f")
        t = rng.integers(0, min(classes, 200), 33).astype(labels)
        same("softmax_cross_entropy", x, t, tolerance=1e-5)
        same("softmax_cross_entropy", x.T.copy().T, np.repeat(t, 2)[::2], tolerance=1e-5)

    @pytest.mark.parametrize("rows", [1, 33, 1100])
    @pytest.mark.parametrize("classes", [1, 10, 300])
    def test_mean_of_softmax_cross_entropy(self, rng, rows, classes):
        x = (5 * rng.standard_normal((rows, classes))).astype("f")
        t = rng.integers(0, classes, rows)
        same("softmax_cross_entropy_mean", x, t, tolerance=1e-5)
        t[0] = -1
        same("softmax_cross_entropy_mean", x, t, tolerance=1e-5)

    @pytest.mark.parametrize("dtype", ["e", "f", "d"])
    def test_sigmoid_cross_entropy(self, rng, dtype):
        eps = 4e-3 if dtype == "e" else 1e-6
        x, t = (9 * rng.standard_normal((2, 4, 3))).astype(dtype)
        same("sigmoid_cross_entropy", x, t, tolerance=eps)
        for gy in (t, np.array(0.3, dtype)):
            same("sigmoid_cross_entropy_gradient", gy, x, t, tolerance=eps)

    @pytest.mark.parametrize("classes", [10, 300])
    def test_rows_of_a_label_that_is_no_class_are_nan(self, classes):
        x = np.zeros((3, classes))
        with hosted():
            values, gx = kernels.softmax_cross_entropy(x, np.array([0, -1, classes]))
        np.testing.assert_array_equal(np.isnan(values), [False, True, True])
        np.testing.assert_array_equal(np.isnan(gx).all(axis=1), [False, True, True])
        np.testing.assert_allclose(values[0], np.log(classes))

    def test_there_must_be_a_class(self):
        with hosted(), pytest.raises(ValueError, match="zero-size"):
            kernels.softmax_cross_entropy(np.zeros((2, 0)), np.zeros(2, int))

    @pytest.mark.parametrize("is_fixed", [False, True])
    @pytest.mark.parametrize("dtype", ["f", "d", "l"])
    def test_index_add(self, rng, dtype, is_fixed):
        values = (9 * rng.standard_normal((4, 2, 3))).astype(dtype)
        index = np.array([[0, 4], [-1, 0], [2, 0], [0, 0]])
        with deterministic(is_fixed):
            for i, v in [
                (index, values), (index.astype("i4"), values[..., :1]), (index, 2), (1, values[0]),
                (slice(1, 3), values[0]), ((index[:, 0], index[:, 1] % 3), values[:, 0, 0]),
                ((..., index[:, 0] % 3), 1), (np.zeros(0, int), values[0, :0]),
            ]:  # fmt: skip
                y = np.ones((5, 2, 3) if i == 1 else (5, 3), dtype) if isinstance(i, int) else None
                y = np.ones((5, 3), dtype) if y is None else y
                v = v[0] if isinstance(i, int) else v
                same("index_add", y, i, v[:, :3] if isinstance(i, slice) else v)

    def test_equal_places_get_their_parts_in_order(self, rng):
        values, index = rng.standard_normal(1000).astype("f"), rng.integers(0, 3, 1000)
        expected = [sum(map(float, values[index == row])) for row in range(3)]
        y = np.zeros(3, "e")
        with deterministic(), hosted():
            kernels.index_add(y, index, values)
        np.testing.assert_allclose(y, expected, rtol=2e-2, atol=2e-2)

    @pytest.mark.parametrize("count", [1, 8, 9, 64, 65, 140])
    @pytest.mark.parametrize("dtype", "efd")
    def test_gather_arrays(self, rng, count, dtype):
        shapes = [(int(n), 2) for n in rng.integers(0, 40, count)]
        parts = tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)
        out = np.full(sum(part.size for part in parts), 7, dtype)
        with hosted():
            kernels.gather_arrays(parts, out)
        np.testing.assert_array_equal(out, np.concatenate([part.reshape(-1) for part in parts]))
        twin = np.empty_like(out)
        HOST_KERNELS.gather_arrays(parts, twin)
        np.testing.assert_array_equal(out, twin)

    def test_no_sum_is_left_to_chance(self, rng, monkeypatch):
        monkeypatch.setattr(kernels, "xp", lambda x: WithoutAtomics())
        values = rng.standard_normal((4, 3)).astype("f")
        mask = np.array([[True, False, True], [False] * 3, [True] * 3, [False] * 3, [True] * 3])
        pairs, index = np.array([0, 2, 2, 0]), np.array([4, 1, 1, 4])
        with deterministic():
            for y in (np.ones((5, 3), "f"), np.ones((3, 5), "e").T, np.ones((10, 6))[::2, ::2]):
                v = values.astype(y.dtype)
                for i, part in [
                    (index, v), ((index, pairs), v[:, 0]), ((..., pairs), v[0, 0]),
                    (mask, 2), (index.reshape(2, 2), v.reshape(2, 2, 3)),
                ]:  # fmt: skip
                    same("index_add", y, i, part, tolerance=1e-3 if v.dtype == "e" else 1e-6)
            counts = np.zeros((), "f4")
            same("index_add", counts, (), np.float32(1))

    def test_training(self, rng):
        data = rng.integers(0, 256, (6, 2, 3)).astype("u1")
        for dtype in ("f4", "f8"):
            same("gather_normalise", data, np.array([5, 0, -2], "i4"), 0.3, 255.0, dtype)
        order = rng.permutation(6)
        for letter in "?BhIlefdFD":
            for rows in (data.astype(letter), data.astype(letter)[:, 0, 0].copy()):
                same("batch_rows", rows, order, 2.0, 4)
        for size in (12, 16_383, 16_384, 50_001):
            same("norm_squared", rng.standard_normal(size).astype("f"))
        same("norm_squared", rng.standard_normal((200, 100)).T)
        for kind in ("i8", "i4", "u1", "u8"):
            ids = np.array([[0, 5, 4], [7, 1, 2]]).astype(kind)
            same("checked_index", ids, 5, np.dtype("f4"))
        for dtype in "efd":
            g, x = rng.standard_normal((2, 9)).astype(dtype)
            eps = 2e-3 if dtype == "e" else 1e-6
            same("add_scaled", g, x, 0.25, tolerance=eps)
            for square in (16.0, 0.0, np.nan, np.inf):
                same("limit_norm", g.copy(), np.array(square), 1.5, tolerance=eps)
            x, factor = rng.standard_normal((4, 3)).astype(dtype), np.array(3.0, dtype)
            same("scaled", x, factor, 7, tolerance=2e-3 if dtype == "e" else 1e-6)
        for relu in (True, False):
            same("add_bias", rng.standard_normal((2, 4, 3)), rng.standard_normal(3), relu)

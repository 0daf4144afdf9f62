"""Initializers: distributions, fans, dtypes, determinism, names, saving."""

import json
import math

import numpy as np
import pytest

from dezero import initializers as I
from dezero.backend import random

SHAPES = [(), (5,), (4, 3), (0, 3), (6, 2, 3, 3)]
KINDS = sorted(set(I.INITIALIZERS.values()), key=lambda kind: kind.__name__)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, "float32"])
def test_shape_and_dtype(kind, dtype):
    for shape in SHAPES:
        if kind is I.Identity and len(shape) != 2 or kind is I.Orthogonal and len(shape) < 2:
            continue
        array = kind()(shape, dtype, rng())
        assert type(array) is np.ndarray
        assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
        assert array.flags.writeable and array.flags.c_contiguous
        assert np.isfinite(array).all()


@pytest.mark.parametrize("kind", KINDS)
def test_default_dtype_and_a_new_array_each_time(kind):
    initializer = kind()
    one, two = initializer((4, 4), rng=rng()), initializer((4, 4), rng=rng())
    assert one.dtype == np.float32
    np.testing.assert_array_equal(one, two)
    one += 1
    np.testing.assert_array_equal(initializer((4, 4), rng=rng()), two)


@pytest.mark.parametrize(
    "kind", [I.Normal, I.TruncatedNormal, I.Uniform, I.GlorotUniform, I.Orthogonal]
)
def test_the_librarys_generator(kind, seeded):
    random.seed(3)
    one = kind()((8, 8))
    two = kind()((8, 8))
    random.seed(3)
    np.testing.assert_array_equal(kind()((8, 8)), one)
    np.testing.assert_array_equal(kind()((8, 8)), two)
    assert not np.array_equal(one, two)


def test_global_numpy_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    I.HeNormal()((50, 50))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_stored_values():
    """Anyone's seed gives the same network next year."""
    got = I.GlorotUniform()((2, 3), np.float64, rng(0))
    a = math.sqrt(6 / 5)
    np.testing.assert_allclose(got, rng(0).random((2, 3)) * 2 * a - a, rtol=1e-12)
    got = I.Normal(1.0, 2.0)((3,), np.float32, rng(0))
    np.testing.assert_array_equal(got, rng(0).standard_normal(3, np.float32) * 2 + 1)


class TestFans:
    @pytest.mark.parametrize(
        ("shape", "fans"),
        [
            ((), (1, 1)),
            ((7,), (7, 7)),
            ((3, 5), (3, 5)),
            ((8, 4, 3), (12, 24)),
            ((8, 4, 3, 5), (60, 120)),
        ],
    )
    def test_computed(self, shape, fans):
        assert I.compute_fans(shape) == fans

    # name, variance for fans (n_in, n_out), bound of the uniform ones
    RULES = {
        "glorot_uniform": lambda n_in, n_out: 2 / (n_in + n_out),
        "glorot_normal": lambda n_in, n_out: 2 / (n_in + n_out),
        "he_uniform": lambda n_in, n_out: 2 / n_in,
        "he_normal": lambda n_in, n_out: 2 / n_in,
        "lecun_uniform": lambda n_in, n_out: 1 / n_in,
        "lecun_normal": lambda n_in, n_out: 1 / n_in,
    }

    @pytest.mark.parametrize("name", RULES)
    @pytest.mark.parametrize("shape", [(500, 300), (64, 32, 3, 3)])
    def test_variance(self, name, shape):
        n_in, n_out = I.compute_fans(shape)
        variance = self.RULES[name](n_in, n_out)
        array = I.get(name)(shape, np.float64, rng(1))
        assert array.var() == pytest.approx(variance, rel=0.03)
        assert abs(array.mean()) < 4 * math.sqrt(variance / array.size)
        bound = math.sqrt(3 * variance)
        if "uniform" not in name:
            bound = 2 * math.sqrt(variance) / 0.8796256610342398
        assert np.abs(array).max() <= bound
        assert np.abs(array).max() > 0.99 * bound

    @pytest.mark.parametrize("name", RULES)
    def test_given(self, name):
        """As a transposed convolution stores its kernel: (in, out, KH, KW)."""
        array = I.get(name)((200, 300), np.float64, rng(1), fans=(3000, 100))
        assert array.var() == pytest.approx(self.RULES[name](3000, 100), rel=0.03)

    @pytest.mark.parametrize(("mode", "n"), [("fan_in", 400), ("fan_out", 100), ("fan_avg", 250)])
    @pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
    def test_variance_scaling(self, mode, n, distribution):
        array = I.VarianceScaling(3.0, mode, distribution)((400, 100), np.float64, rng(2))
        assert array.var() == pytest.approx(3.0 / n, rel=0.03)

    def test_untruncated_goes_far(self):
        array = I.VarianceScaling(1.0, "fan_in", "untruncated_normal")((400, 100), rng=rng())
        assert np.abs(array).max() > 3.5 / 20

    def test_no_width(self):
        assert I.HeNormal()((0, 4)).shape == (0, 4)
        assert np.isfinite(I.HeNormal()((3, 0, 2, 2))).all()


class TestTruncatedNormal:
    def test_bounds_and_shape_of_the_distribution(self):
        array = I.TruncatedNormal(5.0, 2.0)((200_000,), np.float64, rng())
        assert array.min() >= 1 and array.max() <= 9
        z = (array - 5) / 2
        # P(|z| < 1 given |z| < 2) = 0.682689 / 0.954500; clipping would pile 4.6 % up at the ends.
        assert np.mean(np.abs(z) < 1) == pytest.approx(0.682689 / 0.954500, abs=0.004)
        assert np.mean(np.abs(z) > 1.99) == pytest.approx(0.0011422 / 0.9545, abs=0.0006)
        assert z.std() == pytest.approx(0.8796256610342398, rel=0.005)
        assert abs(z.mean()) < 0.01

    @pytest.mark.oracle
    def test_scipy(self):
        stats = pytest.importorskip("scipy.stats")
        array = I.TruncatedNormal(0.0, 1.0)((20_000,), np.float64, rng(5))
        assert stats.kstest(array, stats.truncnorm(-2, 2).cdf).pvalue > 0.01
        assert stats.truncnorm(-2, 2).std() == pytest.approx(I._CUT_STD, rel=1e-12)

    def test_float32_too(self):
        array = I.TruncatedNormal(0.0, 1.0)((100_000,), np.float32, rng())
        assert np.abs(array).max() <= 2


class TestSimple:
    def test_constants(self):
        np.testing.assert_array_equal(I.Zeros()(3), [0, 0, 0])
        np.testing.assert_array_equal(I.Ones()((1, 2)), [[1, 1]])
        np.testing.assert_array_equal(I.Constant(2.5)((2,)), [2.5, 2.5])
        np.testing.assert_array_equal(I.Constant([1, 2])((2, 2)), [[1, 2], [1, 2]])

    def test_constant_of_another_shape(self):
        with pytest.raises(
            ValueError, match=r"Constant: expected a value that fits .* \(2, 2\), got \(3,"
        ):
            I.Constant([1, 2, 3])((2, 2))

    def test_uniform(self):
        array = I.Uniform(-1.0, 3.0)((50_000,), np.float64, rng())
        assert -1 <= array.min() < -0.99 and 2.99 < array.max() <= 3
        assert array.mean() == pytest.approx(1.0, abs=0.02)

    def test_normal(self):
        array = I.Normal(-1.0, 3.0)((50_000,), np.float64, rng())
        assert array.mean() == pytest.approx(-1.0, abs=0.05)
        assert array.std() == pytest.approx(3.0, rel=0.02)

    @pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (4, 2, 3, 3), (40, 2, 3, 3)])
    def test_orthogonal(self, shape):
        W = I.Orthogonal(2.0)(shape, np.float64, rng()).reshape(shape[0], -1)
        turned = I.Orthogonal(2.0)((*shape[1:], shape[0]), np.float64, rng(), axis=-1)
        np.testing.assert_array_equal(np.moveaxis(turned, -1, 0).reshape(W.shape), W)
        gram = W @ W.T if W.shape[0] <= W.shape[1] else W.T @ W
        np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)

    def test_orthogonal_has_no_preferred_sign(self):
        """Without the correction of QR the diagonal of a 2 x 2 matrix leans to one side."""
        generator = rng()
        matrices = [I.Orthogonal()((2, 2), np.float64, generator) for _ in range(2000)]
        assert abs(np.mean(matrices, axis=0)).max() < 4 * math.sqrt(0.5 / 2000)

    def test_identity(self):
        np.testing.assert_array_equal(I.Identity(3.0)((2, 3)), [[3, 0, 0], [0, 3, 0]])

    @pytest.mark.parametrize("shape", [(), (3,)])
    def test_orthogonal_of_a_vector(self, shape):
        with pytest.raises(
            ValueError, match="Orthogonal: expected a shape of two or more axes, got"
        ):
            I.Orthogonal()(shape)

    @pytest.mark.parametrize("shape", [(3,), (2, 2, 2)])
    def test_identity_of_no_matrix(self, shape):
        with pytest.raises(ValueError, match="Identity: expected the shape of a matrix, got"):
            I.Identity()(shape)

    def test_integer_shape(self):
        assert I.Zeros()(np.int64(4)).shape == (4,)
        assert I.Zeros()([2, 3]).shape == (2, 3)


class TestRefused:
    def test_negative_size(self):
        with pytest.raises(ValueError, match=r"Zeros: expected sizes >= 0, got shape \(3, -1\)"):
            I.Zeros()((3, -1))

    @pytest.mark.parametrize("dtype", [int, bool, complex, object])
    def test_dtype(self, dtype):
        with pytest.raises(TypeError, match="HeNormal: expected a floating dtype, got"):
            I.HeNormal()((3,), dtype)

    @pytest.mark.parametrize(
        ("build", "message"),
        [
            (lambda: I.Normal(0, -1), "Normal: expected std >= 0, got -1"),
            (lambda: I.TruncatedNormal(0, math.nan), "TruncatedNormal: expected std >= 0, got nan"),
            (lambda: I.Uniform(2, 1), "Uniform: expected low <= high, got 2, 1"),
            (lambda: I.VarianceScaling(-1), "VarianceScaling: expected scale >= 0, got -1"),
            (
                lambda: I.VarianceScaling(1, "fanin"),
                "mode: unknown name 'fanin'. Did you mean 'fan_in'",
            ),
            (
                lambda: I.VarianceScaling(1, "fan_in", "normal"),
                "distribution: unknown name 'normal'",
            ),
        ],
    )
    def test_settings(self, build, message):
        with pytest.raises(ValueError, match=message):
            build()

    def test_draw_must_be_written(self):
        with pytest.raises(NotImplementedError, match="Initializer: expected a method draw"):
            I.Initializer()((3,))


class TestGetAndSave:
    def test_names(self):
        for name, kind in I.INITIALIZERS.items():
            assert type(I.get(name)) is kind

    def test_kerass_names(self):
        for name in (
            "zeros ones constant random_normal random_uniform truncated_normal glorot_uniform "
            "glorot_normal he_uniform he_normal lecun_uniform lecun_normal variance_scaling "
            "orthogonal identity"
        ).split():
            assert isinstance(I.get(name), I.Initializer)

    def test_objects(self):
        initializer = I.HeNormal()
        assert I.get(initializer) is initializer
        np.testing.assert_array_equal(I.get(0.5)(2), [0.5, 0.5])
        np.testing.assert_array_equal(I.get(np.array([1.0, 2.0]))(2), [1, 2])

    def test_function(self):
        initializer = I.get(lambda shape, dtype: np.full(shape, 7))
        assert initializer((2,), np.float64).tolist() == [7.0, 7.0]
        assert initializer((2,)).dtype == np.float32
        with pytest.raises(
            ValueError, match=r"initializer: expected .* to return the shape \(2,\), got"
        ):
            I.get(lambda shape, dtype: np.zeros(3))((2,))
        with pytest.raises(
            TypeError, match="initializer: expected one of dezero's own, got FromFunc"
        ):
            I.serialize(initializer)

    def test_unknown(self):
        with pytest.raises(
            ValueError, match="initializer: unknown name 'glorot_unifrm'. Did you mean 'gl"
        ):
            I.get("glorot_unifrm")
        with pytest.raises(
            TypeError, match="initializer: expected a name, an Initializer, a number"
        ):
            I.get(None)
        with pytest.raises(TypeError, match="initializer: expected a name, .* got <class 'dezero"):
            I.get(I.Normal)

    @pytest.mark.parametrize(
        "initializer",
        [kind() for kind in KINDS]
        + [
            I.Constant(np.array([[1.0, 2.0]])),
            I.Normal(np.float32(1), np.float64(2)),
            I.Uniform(-2, 3),
            I.VarianceScaling(2, "fan_out", "uniform"),
            I.Orthogonal(0.5),
        ],
        ids=repr,
    )
    def test_saved(self, initializer):
        text = json.dumps(I.serialize(initializer))
        again = I.get(json.loads(text))
        assert type(again) is type(initializer)
        assert json.dumps(I.serialize(again)) == text
        shape = (3, 2)
        np.testing.assert_array_equal(again(shape, rng=rng()), initializer(shape, rng=rng()))

    @pytest.mark.parametrize(
        "entry",
        [
            {"name": "normal"},
            {"name": "normal", "config": {"x": 1}},
            {"name": "he_normal", "config": 3},
        ],
    )
    def test_foreign_configuration(self, entry):
        with pytest.raises(ValueError, match="initializer: expected a configuration of "):
            I.get(entry)

    def test_foreign_name(self):
        with pytest.raises(ValueError, match="initializer: unknown name 'os.system'"):
            I.get({"name": "os.system", "config": {}})

    def test_table_is_complete(self):
        kinds = {
            v for v in vars(I).values() if isinstance(v, type) and issubclass(v, I.Initializer)
        }
        assert kinds - set(KINDS) == {I.Initializer, I.FromFunction, I._Named}

    def test_repr(self):
        assert repr(I.Normal(0.0, 0.1)) == "Normal(mean=0.0, std=0.1)"
        assert repr(I.HeNormal()) == "HeNormal()"
        assert I.Normal() == I.Normal() != I.TruncatedNormal()


@pytest.mark.oracle
class TestTorch:
    @pytest.mark.parametrize("shape", [(40, 30), (20, 10, 3, 3)])
    def test_fans(self, shape):
        init = pytest.importorskip("torch.nn.init")
        torch = pytest.importorskip("torch")
        # A dense layer of torch stores (out, in).
        weight = torch.empty(shape[::-1] if len(shape) == 2 else shape)
        assert init._calculate_fan_in_and_fan_out(weight) == I.compute_fans(shape)

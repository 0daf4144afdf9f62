"""What specs cannot say of `dezero/functions/noise.py`: what is drawn, and from where."""

import numpy as np
import pytest

import dezero
import dezero.functions as F
from dezero import layers
from dezero.backend import to_host
from dezero.backend.transfers import transfers
from dezero.core import Variable, test_mode
from dezero.functions.noise import drawn_keep
from tests.strict_device import strict_device

ONES = np.ones((1000, 333), np.float32)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.75])
def test_dropped_part_and_scale(ratio):
    y = F.dropout(ONES, ratio, rng=np.random.default_rng(0)).data
    assert y.dtype == np.float32
    np.testing.assert_allclose((y == 0).mean(), ratio, atol=0.003)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - ratio), rtol=2e-5)


def test_elements_are_dropped_independently():
    dropped = F.dropout(ONES, 0.3, rng=np.random.default_rng(1)).data.reshape(-1) == 0
    for lag in (1, 2, 3, 4, 333):
        both = (dropped[lag:] & dropped[:-lag]).mean()
        np.testing.assert_allclose(both, 0.09, atol=0.003)


def test_gradient_is_zero_where_dropped():
    x = Variable(np.ones((7, 5), np.float32))
    y = F.dropout(x, 0.5)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, y.data)


@pytest.mark.parametrize("ratio", [1, 1.0, 1 - 1e-9])
def test_all_is_dropped(ratio):
    x = Variable(ONES)
    y = F.dropout(x, ratio)
    y.backward()
    assert not y.data.any() and not x.grad.data.any()


def test_nothing_happens_outside_training_and_for_ratio_zero():
    x = Variable(ONES)
    assert F.dropout(x, 0) is x
    with test_mode():
        assert F.dropout(x, 0.5) is x
        assert F.dropout(x, 0.5, mask=ONES == 0) is x
        assert F.gaussian_noise(x, 1.0) is x


def test_a_mask_is_used_with_any_ratio():
    mask = np.array([True, False])
    assert F.dropout(np.ones(2), 0.0, mask=mask).data.tolist() == [1.0, 0.0]
    assert F.dropout(np.ones(2), 1.0, mask=mask).data.tolist() == [0.0, 0.0]
    assert F.dropout(np.ones(2), 0.5, mask=Variable(mask * 3)).data.tolist() == [2.0, 0.0]


def test_own_generator_and_the_library_s(seeded):
    def draw(**kwargs):
        return (
            F.dropout(ONES[0], **kwargs).data.tolist()
            + F.gaussian_noise(ONES[0], 1.0, **kwargs).data.tolist()
        )

    first = [draw(rng=np.random.default_rng(3)) for _ in range(2)]
    assert first[0] == first[1]
    dezero.seed(3)
    second = draw()
    dezero.seed(3)
    assert draw() == second != draw()


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (5, 1)])
@pytest.mark.parametrize("dtype", ["float16", "float64", "int64"])
def test_shapes_and_dtypes(shape, dtype):
    y = F.dropout(np.ones(shape, dtype), 0.5)
    assert y.shape == shape
    assert y.dtype == (np.float32 if dtype == "int64" else dtype)
    y = F.gaussian_noise(np.ones(shape, dtype), 0.5)
    assert y.shape == shape
    assert y.dtype == (np.float32 if dtype == "int64" else dtype)


def test_noise_has_its_deviation():
    noise = F.gaussian_noise(0 * ONES, 0.3, rng=np.random.default_rng(0)).data
    np.testing.assert_allclose([noise.mean(), noise.std()], [0, 0.3], atol=2e-3)


def test_numpy_ratio_does_not_widen():
    x = np.ones(2, np.float32)
    assert F.dropout(x, np.float64(0.5), mask=[True, False]).dtype == np.float32
    assert F.dropout(x, np.float64(0.5)).dtype == np.float32


def test_dropout_draws_the_same_for_any_memory_and_keeps_it(rng):
    x = rng.standard_normal((2, 5, 6, 3)).astype("f4").transpose(0, 3, 1, 2)
    y = F.dropout(x, 0.5, rng=np.random.default_rng(3))
    assert y.data.strides == x.strides
    again = F.dropout(x.copy("C"), 0.5, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(y.data, again.data)


@pytest.fixture
def device():
    with strict_device() as backend:
        yield backend


@pytest.mark.parametrize("ratio", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_one_seed_drops_the_same_on_every_device(device, seeded, ratio, dtype):
    x = np.linspace(1, 2, 60).astype(dtype).reshape(3, 4, 5)

    def results(x):
        dezero.seed(0)
        x, g = Variable(x), Variable(x[0] * 3)
        y = F.dropout(x, ratio)
        (y * g).sum().backward(create_graph=True)
        (x.grad * x.grad).sum().backward()
        return [to_host(v.data) for v in (y, x.grad, g.grad)] + [dezero.backend.random.get_state()]

    for here, there in zip(results(x), results(device.from_host(x)), strict=True):
        np.testing.assert_equal(there, here)


def test_noise_is_the_same_on_every_device(device, seeded):
    x = np.linspace(1, 2, 60).astype("f4").reshape(3, 20)
    for draw in (lambda x: F.gaussian_noise(x, 0.5), lambda x: F.gaussian_dropout(x, 0.5)):
        dezero.seed(0)
        here = draw(x)
        dezero.seed(0)
        there = draw(device.from_host(x))
        np.testing.assert_allclose(to_host(there.data), here.data, rtol=2e-7)


def test_a_device_keeps_no_mask(device):
    x = Variable(device.from_host(ONES))
    with transfers() as copies:
        y = F.dropout(x, 0.5)
        F.gaussian_dropout(y, 0.5).sum().backward()
    assert copies.from_host == copies.to_host == 0
    assert y.creator.place.key and not hasattr(y.creator, "mask")


def test_generators_of_numpy_draw_for_devices_too(device):
    x = device.from_host(ONES)
    for draw in (
        lambda x, rng: F.dropout(x, 0.5, rng=rng),
        lambda x, rng: F.gaussian_noise(x, 0.5, rng=rng),
        lambda x, rng: F.gaussian_dropout(x, 0.5, rng=rng),
    ):
        here = draw(ONES, np.random.default_rng(3)).data
        np.testing.assert_array_equal(to_host(draw(x, np.random.default_rng(3)).data), here)
    keep = [drawn_keep(a, (1000, 1), 0.3, np.random.default_rng(3)) for a in (ONES, x)]
    np.testing.assert_array_equal(to_host(keep[1]), keep[0])
    mask = device.from_host(ONES[:, :1] > 0)
    np.testing.assert_array_equal(to_host(F.dropout(x, 0.5, mask=mask).data), 2 * ONES)


def test_kept_rows_are_the_same_on_every_device(device, seeded):
    dezero.seed(0)
    here = drawn_keep(ONES, (1000, 1), 0.3)
    dezero.seed(0)
    there = drawn_keep(device.from_host(ONES), (1000, 1), 0.3)
    np.testing.assert_array_equal(to_host(there), here)
    assert here.dtype == bool and abs(here.mean() - 0.7) < 0.06


def test_one_seed_gives_one_network_on_every_device(device, seeded):
    x = np.linspace(-1, 1, 40).astype("f4").reshape(4, 10)

    def results(move):
        dezero.seed(0)
        linear, last = layers.Linear(6, in_size=10), layers.Dropout(0.3, seed=1)
        for param in linear.params():
            param.data = move(param.data)
        y = last(layers.Dropout(0.5)(linear(move(x))))
        return [to_host(v.data) for v in (y, linear.W, linear.b)]

    for here, there in zip(results(np.copy), results(device.from_host), strict=True):
        np.testing.assert_array_equal(there, here)

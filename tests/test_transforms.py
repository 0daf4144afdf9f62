"""Transforms: a batch is changed exactly as its samples are, one by one."""

import numpy as np
import pytest

from dezero.transforms import SLAB, AsType, Compose, Flatten, Normalize, ToFloat, ToInt, apply_batch

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 3, 4, 2), dtype=np.uint8)
BOOK = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])


@pytest.mark.parametrize(
    "transform",
    [
        BOOK,
        Compose(),
        Flatten(),
        ToFloat(),
        ToInt(),
        AsType(np.float64),
        Normalize(10.0, 3.0),
        Normalize([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        Normalize([1.0, 2.0, 3.0], 2.0),
        Compose([lambda x: x[::-1], Flatten()]),
    ],
    ids=lambda transform: type(transform).__name__,
)
def test_batch_equals_samples(transform):
    batch = apply_batch(transform, IMAGES)
    samples = np.stack([transform(x) for x in IMAGES])
    assert batch.dtype == samples.dtype
    np.testing.assert_array_equal(batch, samples)


def test_book_default_gives_rows_between_zero_and_one():
    y = BOOK(np.full((1, 28, 28), 255, np.uint8))
    assert y.shape == (784,) and y.dtype == np.float32
    np.testing.assert_array_equal(y, np.ones(784, np.float32))


def test_normalize_does_not_wrap_around():
    y = Normalize(100.0, 50.0)(np.array([0, 100, 200], np.uint8))
    np.testing.assert_array_equal(y, np.array([-2.0, 0.0, 2.0], np.float32))
    assert y.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("mean", [0.0, 0.5, [0.25]])
def test_normalize_keeps_floating_types_and_its_input(dtype, mean):
    x = np.ones((1, 3), dtype)
    y = Normalize(mean, 2.0)(x)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, (1.0 - np.max(mean)) / 2.0)
    np.testing.assert_array_equal(x, 1.0)


@pytest.mark.parametrize("transform", [BOOK, Flatten(), lambda x: x, None])
def test_empty_batch(transform):
    assert len(apply_batch(transform, IMAGES[:0])) == 0


def test_flatten_of_an_empty_batch_keeps_the_row_length():
    assert Flatten().batch(IMAGES[:0]).shape == (0, 24)


def test_plain_numbers_and_lists_are_accepted():
    assert ToFloat()(3) == np.float32(3.0)
    assert ToInt()([1.0, 2.0]).dtype == np.int64
    np.testing.assert_array_equal(Flatten()([[1, 2], [3, 4]]), [1, 2, 3, 4])
    assert Compose(None)(5) == 5


def test_type_that_fits_is_not_copied():
    x = np.ones(3, np.float32)
    assert ToFloat()(x) is x


@pytest.mark.parametrize("size", [SLAB, SLAB + 1, 2 * SLAB + 300])
def test_whole_data_set_in_slabs_equals_one_pass(size):
    xs = RNG.integers(0, 256, (size, 1, 3, 3), dtype=np.uint8)
    y = BOOK.batch(xs)
    np.testing.assert_array_equal(y, xs.reshape(size, 9).astype(np.float32) / np.float32(255.0))
    assert y.dtype == np.float32


def test_slabs_of_different_types_lose_nothing():
    def halve_late(x):
        return x if x < SLAB else x / 2

    x = np.arange(2 * SLAB)
    result = Compose([abs, halve_late]).batch(x)
    np.testing.assert_array_equal(result, np.stack([halve_late(v) for v in x]))


def test_lists_of_samples_are_taken():
    result = apply_batch(BOOK, list(IMAGES))
    np.testing.assert_array_equal(result, BOOK.batch(IMAGES))


def test_function_without_batch_is_applied_to_each():
    seen = []
    apply_batch(lambda x: seen.append(x.shape) or x.sum(), IMAGES)
    assert seen == [(3, 4, 2)] * 5


@pytest.mark.parametrize("std", [0.0, [1.0, 0.0], float("inf"), float("nan")])
def test_impossible_std(std):
    with pytest.raises(ValueError, match=r"Normalize: expected finite std != 0, got "):
        Normalize(0.0, std)


@pytest.mark.parametrize("shape", [(2, 4, 4), ()])
def test_channels_that_do_not_fit(shape):
    with pytest.raises(ValueError, match=r"Normalize: expected 3 channels on axis 0, got shape"):
        Normalize([1.0, 2.0, 3.0])(np.ones(shape, np.float32))


def test_mean_with_two_axes():
    with pytest.raises(ValueError, match=r"Normalize: expected a number or one per channel, got"):
        Normalize([[1.0]])

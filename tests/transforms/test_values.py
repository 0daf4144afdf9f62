"""Flatten, AsType, Normalize: values and types, of samples and of batches."""

import numpy as np
import pytest
from PIL import Image

from dezero.transforms import AsType, Compose, Flatten, Normalize, Scaling, ToFloat, ToInt

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 2), dtype=np.uint8)
BOOK = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])


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


@pytest.mark.parametrize("transform", [Flatten(), AsType(), ToFloat(), ToInt(), Normalize()])
def test_pillow_image_is_no_array(transform):
    name = type(transform).__name__
    with pytest.raises(TypeError, match=rf"{name}: expected an array, got a Pillow image \(RGB\)"):
        transform(Image.new("RGB", (4, 2)))


def test_bug_18_normalize_takes_bytes_and_numbers_below_one():
    x = np.array([[[0, 255]]], np.uint8)
    y = Normalize(mean=[0.5], std=[0.25])(x)
    np.testing.assert_array_equal(y, np.array([[[-2.0, 1018.0]]], np.float32))
    assert y.dtype == np.float32


F4, F8 = np.dtype("f4"), np.dtype("f8")


def test_what_scales_and_nothing_else_says_so():
    assert BOOK.as_scaling() == Scaling(0.0, 255.0, F4, True)
    assert Compose([Normalize(1, 2), ToFloat()]).as_scaling() == Scaling(1.0, 2.0, F4)
    assert Compose([AsType("f8"), Normalize(1, 2)]).as_scaling() == Scaling(1.0, 2.0, F8)
    assert Normalize(1, 2).as_scaling() == Scaling(1.0, 2.0)
    assert Compose([Compose([]), Compose([Flatten()])]).as_scaling() == Scaling(is_flat=True)
    assert ToInt().as_scaling() == Scaling(dtype=np.dtype("i8"))


@pytest.mark.parametrize(
    "parts",
    [
        [Normalize(1, 2), AsType("f8")],
        [Normalize(1, 2), Normalize(1, 2)],
        [ToInt(), Normalize(1, 2)],
        [ToInt(), ToFloat()],
        [AsType("f8"), ToFloat()],
        [Normalize()],
        [Normalize([1], [2]), Flatten()],
        [abs],
        [abs, Flatten()],
        [type("Odd", (Flatten,), {})()],
        [type("Odd", (ToFloat,), {})()],
        [type("Odd", (Normalize,), {})(1, 2)],
        [type("Odd", (Compose,), {})([Flatten()])],
    ],
)
def test_what_does_or_may_do_more_is_no_scaling(parts):
    assert Compose(parts).as_scaling() is None

"""ColorJitter against colorsys and by hand."""

import colorsys

import numpy as np
import pytest
from PIL import Image

from dezero.transforms import ColorJitter, Convert

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (4, 3, 5, 7), dtype=np.uint8)
GREY = COLOUR[:, :1]
FLOATS = COLOUR / 255.0


@pytest.mark.parametrize("turn", [-0.5, -0.2, 0.1, 1 / 3, 0.5])
def test_hue_turns_as_in_colorsys(turn):
    y = ColorJitter(hue=(turn, turn), white=1.0).batch(FLOATS)
    for colour, seen in zip(
        FLOATS.transpose(0, 2, 3, 1).reshape(-1, 3),
        y.transpose(0, 2, 3, 1).reshape(-1, 3),
        strict=True,
    ):
        hue, saturation, value = colorsys.rgb_to_hsv(*colour)
        expected = colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, value)
        np.testing.assert_allclose(seen, expected, atol=1e-12)


def test_hue_of_greys_and_of_a_whole_turn():
    grey = np.repeat(GREY, 3, axis=1)
    np.testing.assert_array_equal(ColorJitter(hue=(0.3, 0.3)).batch(grey), grey)
    half = ColorJitter(hue=(0.5, 0.5), white=1.0)
    np.testing.assert_allclose(half.batch(half.batch(FLOATS)), FLOATS, atol=1e-12)


def test_brightness_is_a_factor_and_is_cut_off_at_white():
    y = ColorJitter(brightness=(1.5, 1.5)).batch(COLOUR)
    np.testing.assert_array_equal(y, np.rint(np.minimum(COLOUR * 1.5, 255)))
    y = ColorJitter(brightness=(1.5, 1.5), white=1.0).batch(FLOATS)
    np.testing.assert_allclose(y, np.minimum(FLOATS * 1.5, 1.0))
    wide = COLOUR.astype(np.uint16) * 200
    np.testing.assert_allclose(
        ColorJitter(brightness=(1.5, 1.5)).batch(wide), np.minimum(wide * 1.5, 65535), atol=0.51
    )


def test_contrast_goes_to_the_mean_grey_of_each_picture():
    y = ColorJitter(contrast=(0, 0), white=1.0).batch(FLOATS)
    means = Convert("L").batch(FLOATS).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(y, np.broadcast_to(means[:, None, None, None], y.shape))
    half = ColorJitter(contrast=(0.5, 0.5), white=1.0).batch(FLOATS)
    np.testing.assert_allclose(half, (y + FLOATS) / 2)


def test_saturation_goes_to_the_grey_of_each_pixel():
    y = ColorJitter(saturation=(0, 0), white=1.0).batch(FLOATS)
    np.testing.assert_allclose(y, np.repeat(Convert("L").batch(FLOATS), 3, axis=1))
    more = ColorJitter(saturation=(2, 2), white=1.0).batch(FLOATS)
    np.testing.assert_allclose(more, np.clip(2 * FLOATS - y, 0, 1))


def test_grey_pictures_have_no_colour_to_change():
    np.testing.assert_array_equal(ColorJitter(saturation=0.9, hue=0.5).batch(GREY), GREY)
    assert not np.array_equal(ColorJitter(0.9).batch(GREY), GREY)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_no_change_keeps_every_value(dtype):
    x = COLOUR.astype(dtype)
    y = ColorJitter().batch(x)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x)


def test_factors_are_drawn_for_each_picture():
    x = np.full((500, 1, 1, 1), 0.5)
    y = ColorJitter(0.4, white=10.0, seed=0).batch(x)[:, 0, 0, 0] / 0.5
    assert 0.6 <= y.min() < 0.62 and 1.38 < y.max() <= 1.4
    dark = ColorJitter(3.0, white=10.0, seed=0).batch(x)[:, 0, 0, 0]
    assert dark.min() >= 0 and 1.9 < dark.max() <= 2.0


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"brightness": (-1, 1)}, r"expected brightness factors >= 0"),
        ({"hue": 0.6}, r"expected hue from a low to a finite high end"),
        ({"hue": (0, 0.6)}, r"expected hue within -0.5 to 0.5"),
        ({"white": 0}, r"expected white to be a finite number above 0"),
    ],
)
def test_arguments_that_do_not_fit(kwargs, match):
    with pytest.raises(ValueError, match="ColorJitter: " + match):
        ColorJitter(**kwargs)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "LAB"])
def test_three_channels_that_are_no_rgb_become_it(mode):
    image = Image.fromarray(COLOUR[0].transpose(1, 2, 0)).convert(mode)
    y = ColorJitter(saturation=(0, 0))(image)
    assert y.mode == "RGB"
    red, green, blue = np.asarray(y).transpose(2, 0, 1)
    np.testing.assert_array_equal(red, green)
    np.testing.assert_array_equal(red, blue)


def test_other_numbers_of_channels():
    with pytest.raises(ValueError, match=r"ColorJitter: expected 1 or 3 channels, got shape \(4, "):
        ColorJitter().batch(np.zeros((1, 4, 2, 2)))

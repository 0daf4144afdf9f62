"""CenterCrop, RandomCrop, RandomErasing: which pixels come out."""

import numpy as np
import pytest
from PIL import Image

from dezero.transforms import CenterCrop, RandomCrop, RandomErasing

NUMBERED = np.arange(1, 97, dtype=np.uint8).reshape(1, 8, 12)  # each pixel its own value
BATCH = np.stack([NUMBERED, NUMBERED + 100])


@pytest.mark.parametrize("size", [4, (5, 3), (12, 8), [3, 8], (13, 3), (3, 11), 20, (15, 9)])
def test_center_crop_equals_pillow_on_the_books_box(size):
    """The book's box: left = (W - OW) // 2, and beyond the picture there is black."""
    width, height = (size, size) if isinstance(size, int) else size
    left, top = (12 - width) // 2, (8 - height) // 2
    image = Image.fromarray(NUMBERED[0])
    expected = np.asarray(image.crop((left, top, left + width, top + height)))
    crop = CenterCrop(size)
    np.testing.assert_array_equal(crop(NUMBERED)[0], expected)
    np.testing.assert_array_equal(crop(NUMBERED[0]), expected)
    np.testing.assert_array_equal(crop.batch(BATCH)[0, 0], expected)
    np.testing.assert_array_equal(np.asarray(crop(image)), expected)


def test_random_crop_takes_every_place_evenly():
    pieces = RandomCrop((10, 7), seed=0).batch(np.repeat(NUMBERED[None], 300, axis=0))
    assert pieces.shape == (300, 1, 7, 10)
    corners, counts = np.unique(pieces[:, 0, 0, 0], return_counts=True)
    np.testing.assert_array_equal(corners, [1, 2, 3, 13, 14, 15])
    assert counts.min() > 25
    for piece in pieces:
        first = int(piece[0, 0, 0]) - 1
        top, left = divmod(first, 12)
        np.testing.assert_array_equal(piece, NUMBERED[:, top : top + 7, left : left + 10])


PADDINGS = {"nearest": "edge", "reflect": "symmetric", "wrap": "wrap", "constant": "constant"}


@pytest.mark.parametrize("fill_mode", PADDINGS)
def test_random_crop_of_the_whole_padded_picture(fill_mode):
    y = RandomCrop((18, 10), (3, 1), fill_mode=fill_mode)(NUMBERED)
    expected = np.pad(NUMBERED, ((0, 0), (1, 1), (3, 3)), mode=PADDINGS[fill_mode])
    np.testing.assert_array_equal(y, expected)


def test_random_crop_pads_each_channel_with_its_fill():
    y = RandomCrop((4, 4), 1, fill=[10, 20])(np.zeros((2, 2, 2), np.uint8))
    np.testing.assert_array_equal(y[:, 0, 0], [10, 20])
    assert not y[:, 1:3, 1:3].any()


def test_random_crop_of_too_small_a_picture():
    with pytest.raises(
        ValueError, match=r"RandomCrop: expected pictures of at least 15 by 8 .* got 14 by 10"
    ):
        RandomCrop((15, 8), 1)(NUMBERED)


@pytest.mark.parametrize("padding", [-1, 1.5, (1, 2, 3)])
def test_impossible_padding(padding):
    with pytest.raises((TypeError, ValueError), match=r"RandomCrop: expected padding to be an"):
        RandomCrop(4, padding)


def test_erasing_draws_areas_and_ratios_as_told():
    white = np.full((400, 1, 60, 90), 255, np.uint8)
    ys = RandomErasing(1.0, (0.1, 0.2), (0.5, 2.0), seed=0).batch(white)
    areas = (ys == 0).sum(axis=(1, 2, 3)) / (60 * 90)
    assert 0.095 < areas.min() < 0.11 and 0.19 < areas.max() < 0.205
    heights = (ys == 0).any(axis=(1, 3)).sum(axis=1)
    widths = (ys == 0).any(axis=(1, 2)).sum(axis=1)
    ratios = heights / widths
    assert 0.47 < ratios.min() < 0.6 and 1.7 < ratios.max() < 2.1
    np.testing.assert_array_equal(heights * widths, (ys == 0).sum(axis=(1, 2, 3)))


def test_erasing_with_a_probability_and_a_colour():
    ys = RandomErasing(0.25, fill=[1, 2, 3], seed=0).batch(np.zeros((400, 3, 8, 8), np.uint8))
    assert 60 < ys.any(axis=(1, 2, 3)).sum() < 140
    np.testing.assert_array_equal(ys.max(axis=(0, 2, 3)), [1, 2, 3])


@pytest.mark.parametrize("kwargs", [{"area": 0.3}, {"area": (0, 1)}, {"ratio": (-1, 1)}])
def test_impossible_rectangles(kwargs):
    (what,) = kwargs
    with pytest.raises(ValueError, match=rf"RandomErasing: expected {what} to be a pair"):
        RandomErasing(**kwargs)

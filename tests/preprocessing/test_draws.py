"""What is drawn: Keras's rules for shifts, ranges kept, seeds repeated."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator
from dezero.preprocessing.draws import NUMBERS, check_seed, draw, generator_of, start_of


def drawn(n=2000, shape=(20, 50), **options):
    u = np.random.default_rng(0).random((n, NUMBERS))
    return draw(ImageDataGenerator(**options), shape, u)


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (0, [0]),
        (1, [0]),
        (3, [-2, -1, 0, 1, 2]),
        ([0, 7], [-7, 0, 7]),
        ([0.1, 0.2], [-10, -5, 5, 10]),
        (np.int64(2), [-1, 0, 1]),
    ],
)
def test_whole_pixels_and_lists(shift, expected):
    assert sorted(set(drawn(width_shift_range=shift)["tx"].tolist())) == pytest.approx(expected)
    assert set(drawn(width_shift_range=shift)["ty"].tolist()) == {0.0}


def test_floats_are_parts_of_the_side_below_one_and_pixels_from_there():
    change = drawn(width_shift_range=0.2, height_shift_range=1.0)
    assert 9.5 < change["tx"].max() <= 10 and -10 <= change["tx"].min() < -9.5
    assert 0.9 < change["ty"].max() <= 1


def test_each_option_has_numbers_of_its_own():
    alone = drawn(rotation_range=30)
    together = drawn(
        rotation_range=30, zoom_range=(0.5, 0.9), shear_range=5, brightness_range=(0.2, 0.4),
        channel_shift_range=9, horizontal_flip=True, vertical_flip=True,
    )  # fmt: skip
    np.testing.assert_array_equal(alone["theta"], together["theta"])
    assert abs(alone["theta"]).max() <= 30 and abs(alone["theta"].mean()) < 2
    assert 0.5 <= together["zx"].min() and together["zx"].max() <= 0.9
    assert not np.array_equal(together["zx"], together["zy"])
    assert abs(together["flip_horizontal"].mean() - 0.5) < 0.05
    assert (together["flip_horizontal"] ^ together["flip_vertical"]).any()
    assert 0.2 <= together["brightness"].min() and together["brightness"].max() <= 0.4
    assert abs(together["channel_shift_intensity"]).max() <= 9
    assert alone["brightness"] is None and not alone["flip_vertical"].any()


def test_seeds():
    assert generator_of(3).random() == generator_of(3).random()
    given = np.random.default_rng(0)
    assert generator_of(given) is given and start_of(5) == 5
    for seed in (-1, 1.5, True, "3"):
        with pytest.raises(ValueError, match="seed: expected an integer >= 0"):
            check_seed(seed)


@pytest.mark.parametrize(
    "options",
    [
        {"rotation_range": -3},
        {"rotation_range": "40"},
        {"shear_range": np.nan},
        {"width_shift_range": []},
        {"width_shift_range": -0.2},
        {"height_shift_range": [[1, 2]]},
        {"zoom_range": 1.0},
        {"zoom_range": (1, 2, 3)},
        {"zoom_range": None},
        {"brightness_range": 0.2},
        {"brightness_range": (-0.5, 1)},
        {"channel_shift_range": None},
    ],
)
def test_refusals(options):
    with pytest.raises(ValueError, match=f"ImageDataGenerator: expected {next(iter(options))}"):
        ImageDataGenerator(**options)

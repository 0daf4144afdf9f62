"""A batch changed at once is each picture changed alone, in both layouts."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator
from dezero.preprocessing.augment import changed, channels_first
from dezero.preprocessing.draws import NUMBERS, draw
from tests.preprocessing.conftest import picture

ALL = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 10,
    "zoom_range": 0.2, "horizontal_flip": True, "vertical_flip": True, "channel_shift_range": 20,
    "brightness_range": (0.5, 1.5),
}  # fmt: skip


@pytest.mark.parametrize("options", [ALL, {"horizontal_flip": True, "vertical_flip": True}, {}])
def test_a_batch_is_its_pictures_in_both_layouts(options):
    generator = ImageDataGenerator(**options)
    xs = np.stack([picture(10, 14) + i for i in range(6)])
    change = draw(generator, (10, 14), np.random.default_rng(1).random((6, NUMBERS)))
    ys = changed(xs, change, generator, np.float32)
    assert ys.dtype == np.float32 and ys.flags.c_contiguous and not np.shares_memory(xs, ys)
    for i, x in enumerate(xs):
        one = {key: None if value is None else value[i] for key, value in change.items()}
        np.testing.assert_allclose(generator.apply_transform(x, one), ys[i], atol=1e-4)
    first = ImageDataGenerator(**options, data_format="channels_first")
    turned = changed(
        np.ascontiguousarray(channels_first(xs, "channels_last")), change, first, np.float32
    )
    np.testing.assert_array_equal(turned, ys.transpose(0, 3, 1, 2))


def test_flips_alone_move_whole_pixels():
    generator = ImageDataGenerator(horizontal_flip=True)
    xs = np.stack([picture(4, 5)] * 2)
    flags = {"flip_horizontal": np.array([True, False])}
    ys = changed(xs, flags, generator, np.float64)
    np.testing.assert_array_equal(ys[0], xs[0, :, ::-1])
    np.testing.assert_array_equal(ys[1], xs[1])


def test_bytes_are_interpolated_as_floats():
    generator = ImageDataGenerator()
    xs = np.array([0, 1], np.uint8).reshape(1, 1, 2, 1)
    y = changed(xs, {"tx": np.array([0.25])}, generator, np.float32)
    assert y.ravel().tolist() == [0.25, 1.0]

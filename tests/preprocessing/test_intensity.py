"""Channel shift and brightness: within the picture's own range, and opacity left alone."""

import numpy as np
import pytest

from dezero.preprocessing import apply_brightness_shift, apply_channel_shift
from dezero.preprocessing.intensity import brightened, shifted
from tests.preprocessing.conftest import picture


def test_channel_shift_stays_within_the_pictures_range():
    x = np.array([[[0.0, 100.0], [200.0, 250.0]]])
    assert apply_channel_shift(x, 60).tolist() == [[[60, 160], [250, 250]]]
    assert apply_channel_shift(x.astype(np.uint8), -20.4).tolist() == [[[0, 80], [180, 230]]]
    assert apply_channel_shift(np.zeros((0, 2, 3)), 3.0).shape == (0, 2, 3)
    xs = np.stack([x, x / 2])
    np.testing.assert_array_equal(
        shifted(xs, np.array([60, 0])), [apply_channel_shift(x, 60), x / 2]
    )


def test_brightness_multiplies_up_to_white(recorded):
    for factor, theirs in zip((0.6, 1.4), recorded["brightness"], strict=True):
        ours = apply_brightness_shift(picture(), factor, scale=False)
        # Keras cuts fractions off before and after.
        assert np.abs(ours - theirs).max() < 1 + factor and (ours >= theirs - 1e-3).all()


def test_pictures_from_0_to_1_do_not_go_black():
    x = np.linspace(0, 1, 12, dtype=np.float32).reshape(2, 2, 3)
    np.testing.assert_allclose(apply_brightness_shift(x, 0.5, scale=False), x / 2)


def test_values_beyond_have_their_own_black_and_white():
    x = np.array([[[-100.0], [100.0], [300.0]]])
    assert apply_brightness_shift(x, 1.5, scale=False).ravel().tolist() == [-100, 200, 300]
    assert apply_brightness_shift(x, 1.0).ravel().tolist() == pytest.approx([0, 127.5, 255])


def test_opacity_stays():
    x = np.full((1, 4, 2, 2), 100.0)
    y = brightened(x, np.array([0.5]))
    assert (y[:, :3] == 50).all() and (y[:, 3] == 100).all()


def test_refusals():
    with pytest.raises(ValueError, match="apply_channel_shift: expected one picture"):
        apply_channel_shift(np.zeros((2, 2)), 1.0)
    assert apply_brightness_shift(np.zeros((0, 2, 3)), 2.0).shape == (0, 2, 3)

"""ImageDataGenerator: Keras's parameters, numbers, and the directions of the shifts."""

import warnings

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator
from tests.preprocessing.conftest import picture
from tests.preprocessing.recorded.record_keras_images import CHANGES


@pytest.mark.parametrize("fill_mode", ["nearest", "reflect"])
def test_numbers_are_those_of_keras(fill_mode, recorded):
    generator = ImageDataGenerator(fill_mode=fill_mode)
    first = ImageDataGenerator(fill_mode=fill_mode, data_format="channels_first")
    for change, theirs in zip(CHANGES, recorded[fill_mode], strict=True):
        np.testing.assert_allclose(generator.apply_transform(picture(), change), theirs, atol=1e-4)
        turned = first.apply_transform(picture().transpose(2, 0, 1), change)
        np.testing.assert_allclose(turned.transpose(1, 2, 0), theirs, atol=1e-4)


@pytest.mark.parametrize("fill_mode", ["constant", "wrap"])
def test_outside_the_edge_keras_has_no_pixel_between(fill_mode, recorded):
    """SciPy's "constant" does not fade, and its "wrap" leaves a row out; elsewhere they agree."""
    generator = ImageDataGenerator(fill_mode=fill_mode, cval=7.0)
    inner = ImageDataGenerator(fill_mode="constant", cval=np.nan)
    for change, theirs in zip(CHANGES, recorded[fill_mode], strict=True):
        if "channel_shift_intensity" in change:
            continue
        ours = generator.apply_transform(picture(), change)
        inside = np.isfinite(inner.apply_transform(picture(), change))
        assert inside.mean() > 0.5
        np.testing.assert_allclose(ours[inside], theirs[inside], atol=1e-4)


def moved(**options):
    """Where a bright pixel in the middle of a picture that is not square went, (down, right)."""
    x = np.zeros((21, 41, 1), np.float32)
    x[10, 20] = 1
    generator = ImageDataGenerator(**options)
    xs = next(generator.flow(np.stack([x] * 40), batch_size=40, seed=0))
    places = [np.unravel_index(y[..., 0].argmax(), (21, 41)) for y in xs]
    return np.abs(np.array(places) - (10, 20)).max(axis=0).tolist()


def test_width_shifts_move_columns_and_height_shifts_rows():
    assert moved(width_shift_range=0.25) == [0, 10]
    assert moved(height_shift_range=0.25) == [5, 0]
    assert moved(width_shift_range=[3]) == [0, 3] and moved(height_shift_range=3) == [2, 0]
    params = ImageDataGenerator(width_shift_range=0.5).get_random_transform((10, 20, 3), seed=1)
    assert params["tx"] != 0 and params["ty"] == 0


@pytest.mark.parametrize("options", [
    {"rotation_range": 90}, {"zoom_range": 0.5}, {"shear_range": 40}, {"horizontal_flip": True},
])  # fmt: skip
def test_the_middle_of_a_picture_that_is_not_square_stays(options):
    assert moved(**options) == [0, 0]


def test_parameters_drawn_are_those_applied():
    options = {"rotation_range": 40, "zoom_range": (0.5, 2), "vertical_flip": True}
    generator = ImageDataGenerator(**options, brightness_range=(0.5, 1))
    x = picture()
    params = generator.get_random_transform(x.shape, seed=3)
    assert set(params) == {
        "theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal", "flip_vertical",
        "channel_shift_intensity", "brightness",
    }  # fmt: skip
    assert params == generator.get_random_transform(x.shape, seed=3)
    changed = generator.apply_transform(x, params)
    np.testing.assert_array_equal(generator.random_transform(x, seed=3), changed)
    assert not np.array_equal(generator.random_transform(x), generator.random_transform(x))


def test_kinds_of_pictures():
    x = picture().astype(np.uint8)
    y = ImageDataGenerator().apply_transform(x, {"theta": 20.0})
    assert y.dtype == np.uint8
    z = ImageDataGenerator().apply_transform(x.astype(np.float64), {"theta": 20.0})
    assert z.dtype == np.float64 and np.abs(y - z).max() <= 0.51
    np.testing.assert_array_equal(ImageDataGenerator().apply_transform(x, {"tx": None}), x)
    mask = x > 100
    assert (ImageDataGenerator().apply_transform(mask, {"flip_vertical": True}) == mask[::-1]).all()
    generator = ImageDataGenerator(rotation_range=30)
    empty = np.zeros((0, 4, 4, 3))
    assert generator.augmented(empty, np.random.default_rng(0)).shape == empty.shape


def test_statistics_of_changed_pictures_and_options_that_set_others():
    x = np.random.default_rng(0).random((6, 5, 5, 3))
    with pytest.warns(UserWarning, match="sets featurewise_center too"):
        generator = ImageDataGenerator(featurewise_std_normalization=True, rotation_range=90)
    generator.fit(x, augment=True, rounds=3, seed=1)
    mean = generator.mean
    generator.fit(x, augment=True, rounds=3, seed=1)
    np.testing.assert_array_equal(generator.mean, mean)
    assert mean.shape == (1, 1, 3) and not np.allclose(mean, x.mean(axis=(0, 1, 2)))
    with pytest.warns(UserWarning, match="zca_whitening sets featurewise_center"):
        generator = ImageDataGenerator(zca_whitening=True)
    assert generator.featurewise_center
    with pytest.warns(UserWarning, match="sets samplewise_center"):
        ImageDataGenerator(samplewise_std_normalization=True)


def test_a_subclass_has_its_own_changes():
    class Darker(ImageDataGenerator):
        def random_transform(self, x, seed=None):
            return x * 0

        def standardize(self, x):
            return x + 1

    x = next(Darker().flow(np.ones((3, 2, 2, 1)), batch_size=3))
    np.testing.assert_array_equal(x, np.ones((3, 2, 2, 1)))


def test_nothing_touches_numpys_global_state():
    state = np.random.get_state()[1].copy()
    generator = ImageDataGenerator(rotation_range=30, horizontal_flip=True)
    next(generator.flow(np.ones((3, 2, 2, 1)), seed=1))
    generator.random_transform(picture())
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_refusals():
    for options, error, message in (
        ({"fill_mode": "edge"}, ValueError, "fill_mode"),
        ({"interpolation_order": 6}, ValueError, "interpolation_order"),
        ({"data_format": "last"}, ValueError, "data_format"),
        ({"validation_split": 1.0}, ValueError, "validation_split"),
        ({"dtype": "uint8"}, TypeError, "floating dtype"),
    ):
        with pytest.raises(error, match=message):
            ImageDataGenerator(**options)
    generator = ImageDataGenerator()
    for call in (generator.random_transform, generator.fit, generator.standardize):
        with pytest.raises(ValueError, match="expected"), warnings.catch_warnings():
            call(np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"expected changes of .*, got \['angle'\]"):
        generator.apply_transform(picture(), {"angle": 3})
    with pytest.raises(ValueError, match="apply_transform: expected one picture"):
        generator.apply_transform(np.zeros((1, 2, 2, 3)), {})

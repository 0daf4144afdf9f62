"""Pictures as arrays and as Pillow images, and what every picture transform refuses."""

import numpy as np
import pytest
from PIL import Image

from dezero.backend import random
from dezero.transforms import RandomHorizontalFlip, RandomVerticalFlip, Resize
from dezero.transforms.formats import (
    PictureTransform,
    RandomTransform,
    drawn_range,
    from_picture,
    pair,
    to_picture,
)

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (4, 6, 3), dtype=np.uint8)
GREY = COLOUR[..., 0]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "F", "I", "I;16"])
def test_there_and_back(mode):
    if mode in {"F", "I", "I;16"}:
        kind = {"F": np.float32, "I": np.int32, "I;16": np.uint16}[mode]
        image = Image.fromarray(GREY.astype(kind))
    else:
        image = Image.fromarray(COLOUR).convert(mode)
    x = from_picture(image)
    assert x.ndim == 3 and x.shape[1:] == (4, 6) and x.flags.writeable
    back = to_picture(x, image.mode)
    assert back.mode == image.mode == mode
    np.testing.assert_array_equal(np.asarray(back), np.asarray(image))


def test_palettes_and_black_and_white_become_values():
    x = from_picture(Image.fromarray(GREY).convert("1", dither=0))
    np.testing.assert_array_equal(x[0], np.where(GREY > 127, 255, 0))
    palette = Image.fromarray(COLOUR).quantize(256)
    np.testing.assert_array_equal(
        from_picture(palette), np.asarray(palette.convert("RGB")).transpose(2, 0, 1)
    )
    palette.info["transparency"] = 0
    assert len(from_picture(palette)) == 4


@pytest.mark.parametrize("value", [3, np.int64(3), [3, 3], (3, 3), np.array([3, 3])])
def test_bug_37_pair_takes_lists_and_numpy_integers(value):
    assert pair("Resize", value) == (3, 3)
    assert Resize(value)(np.zeros((1, 2, 2), np.uint8)).shape == (1, 3, 3)


@pytest.mark.parametrize("value", [1.5, "3", (1, 2, 3), None, True, [2, None]])
def test_sizes_that_are_none(value):
    with pytest.raises(TypeError, match=r"Resize: expected size to be an integer >= 1 or two"):
        Resize(value)


@pytest.mark.parametrize("value", [0, -1, (3, 0)])
def test_sizes_too_small(value):
    with pytest.raises(ValueError, match=r"Resize: expected size to be an integer >= 1 or two"):
        Resize(value)


@pytest.mark.parametrize(
    ("value", "bounds"), [(0.25, (0.75, 1.25)), ((0.5, 2), (0.5, 2.0)), (np.float32(0), (1, 1))]
)
def test_ranges(value, bounds):
    assert drawn_range("Name", "zoom", value, centre=1.0) == bounds


@pytest.mark.parametrize("value", [(2, 1), np.nan, (0, np.inf), -3, (-1, 1)])
def test_impossible_ranges(value):
    with pytest.raises(ValueError, match=r"Name: expected zoom from a low to a finite high end"):
        drawn_range("Name", "zoom", value, centre=1.0, least=0.0)


@pytest.mark.parametrize("value", ["1", None, (1, 2, 3), (1, "2"), True])
def test_ranges_of_the_wrong_kind(value):
    with pytest.raises(TypeError, match=r"Name: expected zoom to be a number or a pair"):
        drawn_range("Name", "zoom", value)


@pytest.mark.parametrize(
    ("x", "got"),
    [([[1, 2]], "list"), ("a.png", "str"), (None, "NoneType"), (3, "int")],
)
def test_what_is_no_picture(x, got):
    with pytest.raises(
        TypeError, match=rf"RandomHorizontalFlip: expected a Pillow image or .*, got {got}\. "
    ):
        RandomHorizontalFlip()(x)


@pytest.mark.parametrize("shape", [(5,), (1, 2, 3, 4), ()])
def test_wrong_number_of_axes(shape):
    with pytest.raises(ValueError, match=r"expected an array \(C, H, W\) or \(H, W\), got shape"):
        RandomHorizontalFlip()(np.zeros(shape))
    with pytest.raises(ValueError, match=r"expected an array \(N, C, H, W\) or \(N, H, W\), got"):
        RandomHorizontalFlip().batch(np.zeros((2, 3)))


def test_wrong_dtype():
    with pytest.raises(TypeError, match=r"expected a picture of numbers, got dtype complex128"):
        RandomHorizontalFlip()(np.zeros((2, 3), complex))


def test_grey_without_a_channel_axis_keeps_its_shape():
    flip = RandomHorizontalFlip(p=1.0)
    np.testing.assert_array_equal(flip(GREY), GREY[:, ::-1])
    np.testing.assert_array_equal(flip.batch(GREY[None]), GREY[None, :, ::-1])


def test_lists_of_pictures():
    flip = RandomHorizontalFlip(p=1.0)
    images = flip.batch([Image.fromarray(GREY)] * 2)
    np.testing.assert_array_equal(np.asarray(images[1]), GREY[:, ::-1])
    np.testing.assert_array_equal(flip.batch([GREY, GREY])[1], GREY[:, ::-1])
    assert flip.batch([]) == []


def test_parents_say_what_a_child_needs():
    with pytest.raises(NotImplementedError, match=r"PictureTransform: expected a method arrays"):
        PictureTransform()(GREY)
    with pytest.raises(NotImplementedError, match=r"RandomTransform: expected a method vary"):
        RandomTransform(0)(GREY)


def drawn(transform, n=64):
    return transform.rng.random((n, 1))[:, 0]


def test_seeds():
    np.testing.assert_array_equal(
        drawn(RandomHorizontalFlip(seed=3)), drawn(RandomHorizontalFlip(seed=np.int64(3)))
    )
    assert not np.array_equal(
        drawn(RandomHorizontalFlip(seed=3)), drawn(RandomHorizontalFlip(seed=4))
    )
    assert not np.array_equal(drawn(RandomHorizontalFlip()), drawn(RandomHorizontalFlip()))
    own = np.random.default_rng(1)
    assert RandomHorizontalFlip(seed=own).rng is own


def test_one_seed_for_two_kinds_is_not_one_draw():
    across, down = RandomHorizontalFlip(seed=0), RandomVerticalFlip(seed=0)
    assert abs(np.corrcoef(drawn(across, 500), drawn(down, 500))[0, 1]) < 0.2


def test_library_seed_starts_it_where_none_is_given(seeded):
    random.seed(5)
    first = drawn(RandomHorizontalFlip())
    random.seed(5)
    np.testing.assert_array_equal(drawn(RandomHorizontalFlip()), first)


@pytest.mark.parametrize("seed", [-1, 0.5, "0", True])
def test_impossible_seeds(seed):
    with pytest.raises(TypeError, match=r"RandomHorizontalFlip: expected seed to be an integer"):
        RandomHorizontalFlip(seed=seed)

"""Convert, Resize, ToArray, ToPIL: on Pillow images as on arrays, grey as in colour."""

import numpy as np
import pytest
from PIL import Image

import dezero.transforms as T
from dezero.transforms import Convert, Resize, ToArray, ToPIL

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (3, 9, 14), dtype=np.uint8)
GREY = COLOUR[:1]
IMAGE = Image.fromarray(COLOUR.transpose(1, 2, 0))
GREY_IMAGE = Image.fromarray(GREY[0])


def values(image):
    array = np.asarray(image)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


@pytest.mark.parametrize("mode", ["RGB", "BGR", "L"])
@pytest.mark.parametrize("image", [IMAGE, GREY_IMAGE, IMAGE.convert("RGBA")], ids=lambda i: i.mode)
def test_convert_of_arrays_equals_that_of_images(image, mode):
    expected = values(Convert(mode)(image))
    for dtype in (np.uint8, np.float32, np.float64):
        y = Convert(mode)(values(image).astype(dtype))
        assert y.dtype == dtype
        # Pillow rounds brightness by whole numbers of 1/65536.
        np.testing.assert_allclose(y, expected, atol=1 if dtype == np.uint8 else 0.51)


def test_bgr_swaps_red_and_blue():
    np.testing.assert_array_equal(values(Convert("BGR")(IMAGE)), COLOUR[::-1])
    np.testing.assert_array_equal(Convert("BGR").batch(COLOUR[None])[0], COLOUR[::-1])


def test_convert_takes_every_mode_of_pillow_for_an_image():
    assert Convert("CMYK")(IMAGE).mode == "CMYK"
    assert Convert()(GREY_IMAGE).mode == "RGB"
    assert Convert()(GREY[0]).shape == (3, 9, 14)


def test_convert_refuses():
    with pytest.raises(ValueError, match=r"Convert: expected mode 'RGB', 'BGR' or 'L' and 1, 3"):
        Convert("CMYK")(COLOUR)
    with pytest.raises(ValueError, match=r"Convert: expected mode .* got 'RGB' and shape \(2, 9"):
        Convert()(COLOUR[:2])
    with pytest.raises(TypeError, match=r"Convert: expected a mode such as 'RGB', got 3"):
        Convert(3)


@pytest.mark.parametrize("mode", ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"])
@pytest.mark.parametrize("size", [(5, 4), (30, 20), 7])
def test_resize_of_arrays_equals_that_of_images(size, mode):
    resize = Resize(size, mode)
    for image, x in ((IMAGE, COLOUR), (GREY_IMAGE, GREY)):
        y = values(resize(image))
        assert y.shape[1:] == ((4, 5), (20, 30), (7, 7))[[(5, 4), (30, 20), 7].index(size)]
        np.testing.assert_array_equal(resize(x), y)
        floats = resize(x.astype(np.float32))
        assert floats.dtype == np.float32
        # Pillow rounds and cuts off bytes after each direction, and floats not at all.
        np.testing.assert_allclose(np.clip(floats, 0, 255), y, atol=2 if "c" not in mode else 60)
        integers = resize(x.astype(np.int16))
        assert integers.dtype == np.int16
        np.testing.assert_array_equal(integers, np.rint(floats))


def test_resize_default_is_the_books_bilinear():
    expected = values(IMAGE.resize((5, 4), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(values(Resize((5, 4))(IMAGE)), expected)
    np.testing.assert_array_equal(
        values(Resize((5, 4), Image.Resampling.NEAREST)(IMAGE)), values(Resize((5, 4), 0)(IMAGE))
    )


def test_resize_of_four_channels_masks_and_palettes():
    four = np.concatenate([COLOUR, GREY])
    np.testing.assert_array_equal(Resize(5)(four)[3:], Resize(5)(GREY))
    mask = Resize(5)(COLOUR > 127)
    assert mask.dtype == bool
    assert Resize(5)(IMAGE.quantize(16)).mode == "RGB"
    assert Resize(5, "nearest")(IMAGE.quantize(16)).mode == "P"


@pytest.mark.parametrize("mode", ["smooth", 6, None, 1.5])
def test_resize_with_no_such_filter(mode):
    with pytest.raises(ValueError, match=r"Resize: expected a filter of nearest, lanczos, "):
        Resize(5, mode)


def test_resize_of_nothing():
    with pytest.raises(ValueError, match=r"Resize: expected pictures with pixels, got shape"):
        Resize(5)(COLOUR[:, :0])


def test_bug_37_to_array_of_grey_images():
    x = ToArray()(GREY_IMAGE)
    assert x.shape == (1, 9, 14) and x.dtype == np.float32
    np.testing.assert_array_equal(x, GREY)


def test_to_array():
    np.testing.assert_array_equal(ToArray(np.uint8)(IMAGE), COLOUR)
    assert ToArray(np.uint8)(IMAGE).dtype == np.uint8
    assert ToArray()(COLOUR) is COLOUR
    assert ToArray().batch(COLOUR) is COLOUR
    assert ToArray().batch([IMAGE, IMAGE]).shape == (2, 3, 9, 14)
    with pytest.raises(TypeError, match=r"ToArray: expected a Pillow image or an array, got str"):
        ToArray()("cat.png")


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_bug_37_to_pil_of_floats(dtype):
    for x, image in ((COLOUR, IMAGE), (GREY, GREY_IMAGE), (GREY[0], GREY_IMAGE)):
        y = ToPIL()(x.astype(dtype))
        assert y.mode == image.mode
        np.testing.assert_array_equal(np.asarray(y), np.asarray(image))


def test_to_pil_of_what_white_is_one_in():
    y = ToPIL(scale=255)(COLOUR / 255)
    np.testing.assert_array_equal(values(y), COLOUR)
    wild = np.array([[-1.0, 0.0, 0.5, 1.0, 2.0, np.nan, np.inf]])
    np.testing.assert_array_equal(
        np.asarray(ToPIL(scale=255)(wild)), [[0, 0, 128, 255, 255, 0, 255]]
    )
    np.testing.assert_array_equal(np.asarray(ToPIL()(COLOUR[0] > 99)), 255 * (COLOUR[0] > 99))


def test_to_pil_does_not_guess():
    with pytest.raises(ValueError, match=r"ToPIL: expected values from 0 to 255, got -1 to 1\. Un"):
        ToPIL()(np.linspace(-1, 1, 9).reshape(3, 3))
    with pytest.raises(ValueError, match=r"got 0 to 1\. Give scale=255 if 1\.0 is white"):
        ToPIL()(np.linspace(0, 1, 9).reshape(3, 3))
    with pytest.raises(ValueError, match=r"expected values from 0 to 255, got nan to nan"):
        ToPIL()(np.full((2, 2), np.nan))
    assert ToPIL()(np.eye(3)).getextrema() == (0, 1)


@pytest.mark.parametrize("shape", [(9, 14, 3), (2, 4, 4), (3, 0, 4)])
def test_to_pil_of_other_shapes(shape):
    with pytest.raises(ValueError, match=r"ToPIL: expected 1, 3 or 4 channels in \(C, H, W\), got"):
        ToPIL()(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("scale", [0, -1, np.inf, "255"])
def test_to_pil_with_impossible_scale(scale):
    with pytest.raises(ValueError, match=r"ToPIL: expected a finite scale above 0, got"):
        ToPIL(scale)


def test_to_pil_passes_images_and_lists_batches():
    assert ToPIL()(IMAGE) is IMAGE
    images = ToPIL().batch(np.stack([COLOUR, COLOUR]))
    assert [image.mode for image in images] == ["RGB", "RGB"]


def test_the_books_pipeline_on_both_kinds():
    through = T.Compose(
        [Convert("BGR"), Resize(8), T.CenterCrop(6), ToArray(), T.Normalize([1, 2, 3], 255)]
    )
    y = through(IMAGE)
    assert y.shape == (3, 6, 6) and y.dtype == np.float32
    np.testing.assert_array_equal(through(COLOUR), y)
    np.testing.assert_array_equal(through.batch(COLOUR[None])[0], y)

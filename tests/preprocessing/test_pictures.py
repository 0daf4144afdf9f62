"""Files, images and arrays; a hostile file is one error that names it."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from dezero.preprocessing import PictureError, array_to_img, img_to_array, load_img, save_img
from dezero.preprocessing.pictures import check_size
from tests.preprocessing.conftest import picture


def png_header(width, height):
    """A PNG that claims to be this large and holds nothing."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(picture(6, 9).astype(np.uint8)).save(path)
    return path


def test_colours_and_sizes(photo):
    image = load_img(photo)
    assert image.mode == "RGB" and image.size == (9, 6)
    assert load_img(str(photo), color_mode="grayscale").mode == "L"
    assert load_img(io.BytesIO(photo.read_bytes()), "rgba").mode == "RGBA"
    assert load_img(bytes(str(photo), "utf-8"), target_size=(4, 5)).size == (5, 4)
    expected = image.resize((5, 4), Image.Resampling.BICUBIC)
    assert load_img(photo, target_size=[4, 5], interpolation="bicubic") == expected
    middle = image.crop((1, 0, 7, 6)).resize((3, 3), Image.Resampling.NEAREST)
    assert load_img(photo, target_size=(3, 3), keep_aspect_ratio=True) == middle


def test_grey_of_16_bits_stays_and_is_not_cut_off(tmp_path):
    path = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 60000]], np.uint16)).save(path)
    deep = load_img(path, color_mode="grayscale")
    assert img_to_array(deep).ravel().tolist() == [0, 60000]
    with pytest.raises(PictureError, match=r"deep.png: expected 8 bits"):
        load_img(path)


def test_arrays_and_back(photo):
    x = img_to_array(load_img(photo))
    assert x.shape == (6, 9, 3) and x.dtype == np.float32 and x.flags.writeable
    first = img_to_array(load_img(photo), "channels_first", dtype="float64")
    assert first.shape == (3, 6, 9) and first.dtype == np.float64
    assert array_to_img(x, scale=False) == load_img(photo)
    assert array_to_img(first, "channels_first", scale=False) == load_img(photo)
    assert img_to_array(load_img(photo, "grayscale")).shape == (6, 9, 1)
    assert img_to_array(np.zeros((2, 3)), "channels_first").shape == (1, 2, 3)


def test_scaled_pictures_are_those_of_keras_but_rounded(recorded):
    ours = np.asarray(array_to_img(picture())).astype(int)
    assert set(np.unique(ours - recorded["scaled"])) <= {0, 1}
    assert np.asarray(array_to_img(np.full((2, 2, 1), 9.0))).tolist() == [[0, 0], [0, 0]]
    assert array_to_img(np.full((1, 1, 1), 300.0), scale=False).mode == "I"


def test_saved_pictures(tmp_path):
    x = picture(5, 4)
    save_img(tmp_path / "a.png", x, scale=False)
    np.testing.assert_array_equal(img_to_array(load_img(tmp_path / "a.png")), np.rint(x))
    save_img(tmp_path / "b.jpg", x, quality=90)
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.format == "JPEG"
    buffer = io.BytesIO()
    save_img(buffer, x, file_format="bmp")
    assert Image.open(io.BytesIO(buffer.getvalue())).format == "BMP"
    with pytest.warns(UserWarning, match="no transparency"):
        save_img(tmp_path / "c.jpg", np.dstack([x, x[..., :1]]))
    with pytest.raises(ValueError, match="up to 255 for JPEG"):
        save_img(tmp_path / "d.jpg", np.full((1, 1, 1), 300.0), scale=False)


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "huge", "script"])
def test_hostile_files_are_one_error_that_names_them(kind, photo, tmp_path):
    path = tmp_path / f"{kind}.jpg"
    path.write_bytes({
        "truncated": photo.read_bytes()[:-60],
        "text": b"no picture",
        "empty": b"",
        "huge": png_header(60000, 60000),
        "script": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }[kind])  # fmt: skip
    with pytest.raises(PictureError, match=f"{kind}.jpg: expected a picture") as caught:
        load_img(path)
    assert isinstance(caught.value, OSError) and isinstance(caught.value, ValueError)


def test_what_pillow_only_warns_about_is_refused_too(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(png_header(40, 40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(PictureError, match=r"large.png: expected a picture"):
        load_img(path)


def test_refusals(photo):
    with pytest.raises(FileNotFoundError, match="nothing.png"):
        load_img("nothing.png")
    with pytest.raises(TypeError, match="expected a path or an open file"):
        load_img(np.zeros((2, 2)))
    for options in ({"color_mode": "bgr"}, {"target_size": (0, 3)}, {"interpolation": "cubic"}):
        with pytest.raises(ValueError, match="load_img: expected"):
            load_img(photo, **options)
    for size in ((1.5, 2), (1, 2, 3), True):
        with pytest.raises(ValueError, match="expected a size"):
            check_size("x", size)
    with pytest.raises(ValueError, match="img_to_array: expected one picture"):
        img_to_array(np.zeros((1, 2, 3, 4)))
    with pytest.raises(ValueError, match="data_format to be one of"):
        img_to_array(np.zeros((2, 3)), "last")
    for x in (
        np.zeros((2, 2)),
        np.zeros((2, 2, 5)),
        np.zeros((0, 2, 3)),
        np.full((1, 1, 1), np.nan),
    ):
        with pytest.raises(ValueError, match="array_to_img: expected"):
            array_to_img(x)
    with pytest.raises(ValueError, match="values from 0 to 255"):
        array_to_img(np.full((1, 1, 3), -1.0), scale=False)

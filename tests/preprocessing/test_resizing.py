"""Sizes by TensorFlow's rules, and smart_resize, which does not distort."""

import numpy as np
import pytest

from dezero.preprocessing import smart_resize
from dezero.preprocessing.resizing import cropped, resize
from dezero.transforms import RESIZE_METHODS
from tests.preprocessing.conftest import picture

SIZES = ((9, 24), (30, 8))


@pytest.mark.parametrize("method", RESIZE_METHODS)
@pytest.mark.parametrize("size", SIZES)
def test_numbers_are_those_of_tensorflow(method, size, recorded):
    # TensorFlow looks the weights of "bicubic" up in a table of 1024.
    error = 0.05 if method == "bicubic" else 1e-3
    x = picture(13, 17)
    theirs = recorded[f"{method}-{size[0]}"]
    np.testing.assert_allclose(resize(x, size, method, 0), theirs, atol=error)
    batch = np.stack([x.transpose(2, 0, 1)] * 2)
    np.testing.assert_allclose(
        resize(batch, size, method, 2)[1].transpose(1, 2, 0), theirs, atol=error
    )


def test_kinds():
    x = picture(13, 17).astype(np.uint8)
    assert resize(x, (5, 5), "nearest", 0).dtype == np.uint8
    assert resize(x, (13, 17), "bilinear", 0).dtype == np.float32
    assert resize(x.astype(np.float64), (5, 5), "area", 0).dtype == np.float64
    ones = np.ones((7, 9, 1))
    for method in RESIZE_METHODS:
        for size in ((1, 1), (20, 3)):
            np.testing.assert_allclose(resize(ones, size, method, 0), 1, rtol=1e-12)


def test_smart_resize_cuts_what_is_too_much():
    x = np.zeros((4, 8, 1), np.float32)
    x[:, 2:6] = 1
    assert (smart_resize(x, (2, 2)) == 1).all()
    first = smart_resize(x.transpose(2, 0, 1)[None], (3, 3), data_format="channels_first")
    assert first.shape == (1, 1, 3, 3) and (first == 1).all()
    assert cropped(np.zeros((10, 3, 3)), (1, 9), 0).shape == (1, 3, 3)
    for bad in (np.zeros((2, 2)), np.zeros((0, 2, 1))):
        with pytest.raises(ValueError, match="smart_resize: expected pictures"):
            smart_resize(bad, (2, 2))
    with pytest.raises(ValueError, match="interpolation to be one of"):
        smart_resize(x, (2, 2), interpolation="box")

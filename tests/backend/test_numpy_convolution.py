"""Convolution kernels in NumPy: the path they take, in words. `test_convolution` has their sums."""

import numpy as np
import pytest

from dezero.backend.numpy_convolution import convolution_path
from dezero.backend.window import Window


@pytest.mark.parametrize(
    ("x", "W", "options", "path"),
    [
        ((8, 56, 56, 64), (1, 1, 64, 128), {}, "pixels"),
        ((8, 56, 56, 64), (1, 1, 64, 128), {"stride": (2, 2)}, "columns"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {}, "tiles"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {}, "columns"),
        ((8, 56, 56, 3), (3, 3, 3, 64), {}, "planes"),
        ((8, 56, 56, 64), (3, 3, 1, 64), {"groups": 64}, "depthwise"),
        ((8, 56, 56, 64), (5, 5, 32, 64), {"groups": 2}, "columns in 2 groups"),
        ((8, 56, 56, 64), (5, 5, 64, 64), {"dtype": "f2"}, "columns in float32"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {"dtype": "f8"}, "columns"),
        ((8, 56, 56, 64), (3, 3, 64, 64), {"transposed": True}, "tiles"),
        ((8, 56, 56, 64), (3, 3, 64, 3), {"transposed": True}, "columns"),
        ((8, 56, 56, 64), (1, 1, 64, 3), {"transposed": True}, "pixels"),
        ((8, 56, 56, 64), (1, 1, 64, 3), {"transposed": True, "stride": (2, 2)}, "columns"),
    ],
)
def test_path_in_words(x, W, options, path):
    dtype, groups = options.pop("dtype", "f4"), options.pop("groups", 1)
    transposed = options.pop("transposed", False)
    window = Window(W[:2], **options)
    arrays = np.empty(x, dtype), np.empty(W, dtype)
    assert convolution_path(*arrays, window, groups, transposed) == path

"""Columns from array to array."""

import numpy as np

import dezero.functions as F
from dezero.functions.columns import col2im_array, im2col_array


def test_arrays_in_arrays_out(rng):
    x = rng.standard_normal((2, 3, 5, 6))
    columns = im2col_array(x, 3, 1, 1)
    assert type(columns) is np.ndarray and columns.shape == (60, 27)
    np.testing.assert_array_equal(columns, F.im2col(x, 3, 1, 1).data)
    cube = im2col_array(x, (2, 3), 2, 0, False)
    assert cube.shape == (2, 3, 2, 3, 2, 2)
    np.testing.assert_array_equal(cube[:, :, 1, 2, 1, 0], x[:, :, 3, 2])
    back = col2im_array(np.ones_like(columns), x.shape, 3, 1, 1)
    assert back[0, 0, 2, 2] == 9 and back[0, 0, 0, 0] == 4
    assert col2im_array(cube, x.shape, (2, 3), 2, 0, False).shape == x.shape

"""apply_affine_transform and the matrices: Keras's numbers, about the centre, in degrees."""

import numpy as np
import pytest

from dezero.preprocessing import apply_affine_transform
from dezero.preprocessing.affine import affine_matrices, is_still

LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}


def test_a_shift_of_columns_moves_columns_to_the_left():
    x = np.arange(12.0).reshape(1, 3, 4)
    y = apply_affine_transform(x, tx=1)
    np.testing.assert_array_equal(y[0], x[0][:, [1, 2, 3, 3]])
    y = apply_affine_transform(x, ty=1, fill_mode="constant", cval=-1)
    np.testing.assert_array_equal(y[0], [*x[0, 1:], [-1] * 4])


@pytest.mark.parametrize("shape", [(1, 5, 9), (1, 9, 5), (1, 6, 10)])
def test_everything_turns_about_the_centre_of_pictures_that_are_not_square(shape):
    centre = (np.array(shape[1:]) - 1) / 2
    change = {"theta": 30.0, "shear": 12.0, "zx": 0.7, "zy": 1.4, "flip_horizontal": True}
    matrix = affine_matrices(shape[1:], change)[0]
    np.testing.assert_allclose(matrix @ [*centre, 1], centre, atol=1e-12)


def test_half_a_turn_of_an_oblong_picture_is_both_flips():
    x = np.random.default_rng(0).random((2, 5, 8))
    turned = apply_affine_transform(x, theta=180)
    np.testing.assert_allclose(turned, x[:, ::-1, ::-1], atol=1e-12)


def test_a_quarter_turn_of_a_square():
    x = np.random.default_rng(0).random((1, 7, 7))
    np.testing.assert_allclose(apply_affine_transform(x, theta=90)[0], np.rot90(x[0]), atol=1e-12)


def test_zoom_enlarges_below_one_and_shear_is_in_degrees():
    x = np.zeros((1, 9, 9))
    x[0, 3:6, 3:6] = 1
    assert apply_affine_transform(x, zx=0.5, zy=0.5).sum() > 2 * x.sum()
    assert apply_affine_transform(x, zx=2.0, zy=2.0).sum() < x.sum() / 2
    matrix = affine_matrices((9, 9), {"shear": 30.0})[0]
    np.testing.assert_allclose(matrix[:, :2], [[np.cos(np.pi / 6), 0], [-0.5, 1]], atol=1e-12)


def test_axes_of_channels_are_found_or_said():
    x = np.random.default_rng(0).random((6, 7, 3))
    expected = apply_affine_transform(x.transpose(2, 0, 1), theta=20).transpose(1, 2, 0)
    np.testing.assert_array_equal(apply_affine_transform(x, theta=20), expected)
    np.testing.assert_array_equal(apply_affine_transform(x, theta=20, **LAST), expected)
    oblong = x.transpose(1, 0, 2)
    axes = {"row_axis": 1, "col_axis": 0, "channel_axis": 2}
    np.testing.assert_array_equal(
        apply_affine_transform(oblong, theta=20, **axes).transpose(1, 0, 2), expected
    )


def test_integers_are_rounded_and_a_still_picture_is_passed_on():
    x = np.array([[[0, 1, 3, 6]]], np.uint8)
    y = apply_affine_transform(x, tx=0.4)
    assert y.dtype == np.uint8 and y[0, 0].tolist() == [0, 2, 4, 6]
    assert apply_affine_transform(x) is x
    assert is_still({"flip_vertical": True}) and not is_still({"tx": np.array([0.0, 1.0])})


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((3, 3)), {}, "three axes"),
        (np.zeros((1, 3, 3, 3)), {}, "Take one of the batch"),
        (np.zeros((3, 3, 3)), {"row_axis": 0, "col_axis": 0, "channel_axis": 2}, "some order"),
        (np.zeros((3, 3, 3)), {"fill_mode": "mirror"}, "fill_mode"),
        (np.zeros((3, 3, 3)), {"order": 6}, "order"),
    ],
)
def test_refusals(x, options, message):
    with pytest.raises(ValueError, match=message):
        apply_affine_transform(x, theta=3, **options)

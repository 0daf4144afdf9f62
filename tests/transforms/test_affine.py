"""resample against SciPy and by hand; affine_matrix by where it puts single points."""

import numpy as np
import pytest

from dezero.transforms.affine import FILL_MODES, affine_matrix, fill_values, resample

RNG = np.random.default_rng(0)
PICTURES = RNG.random((3, 2, 7, 11))
IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
SCIPY_MODES = {
    "nearest": "nearest",
    "constant": "grid-constant",
    "reflect": "reflect",
    "wrap": "grid-wrap",
}
MATRICES = affine_matrix(
    (7, 11),
    rotation=np.array([20.0, -75.0, 190.0]),
    shift=(np.array([2.3, 0.0, -40.0]), np.array([-1.7, 0.5, 31.0])),
    shear=np.array([0.0, 15.0, -30.0]),
    zoom=(np.array([0.3, 1.2, 0.7]), np.array([0.4, 0.9, 1.1])),
)


@pytest.mark.oracle
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("shape", [None, (5, 4), (9, 14)])
def test_scipy_agrees(fill_mode, order, shape):
    ndimage = pytest.importorskip("scipy.ndimage")
    y = resample(PICTURES, MATRICES, order=order, fill_mode=fill_mode, fill=0.25, shape=shape)
    for n, channel in np.ndindex(3, 2):
        expected = ndimage.affine_transform(
            PICTURES[n, channel],
            MATRICES[n, :, :2],
            MATRICES[n, :, 2],
            output_shape=shape,
            order=order,
            mode=SCIPY_MODES[fill_mode],
            cval=0.25,
        )
        np.testing.assert_allclose(y[n, channel], expected, atol=1e-12)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.int32, np.float16, np.float32, np.float64, bool]
)
def test_identity_changes_nothing(dtype, fill_mode, order):
    x = (PICTURES * 200).astype(dtype)
    y = resample(x, IDENTITY, order=order, fill_mode=fill_mode)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, x)


LINE = np.arange(1.0, 5.0).reshape(1, 1, 1, 4)
AROUND = {
    "nearest": [1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 4],
    "constant": [9, 9, 9, 9, 1, 2, 3, 4, 9, 9, 9, 9],
    "reflect": [4, 3, 2, 1, 1, 2, 3, 4, 4, 3, 2, 1],
    "wrap": [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4],
}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", FILL_MODES)
def test_what_lies_outside(fill_mode, order):
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -4.0]])
    y = resample(LINE, matrix, order=order, fill_mode=fill_mode, fill=9, shape=(1, 12))
    np.testing.assert_array_equal(y[0, 0, 0], AROUND[fill_mode])


HALF = {
    "nearest": [1, 1.5, 3.5, 4],
    "constant": [5, 1.5, 3.5, 6.5],
    "reflect": [1, 1.5, 3.5, 4],
    "wrap": [2.5, 1.5, 3.5, 2.5],
}


@pytest.mark.parametrize("fill_mode", FILL_MODES)
@pytest.mark.parametrize("turns", [0, 1, -2, 1000])
def test_half_way_between_pixels(fill_mode, turns):
    far = 8 * turns if fill_mode in {"wrap", "reflect"} else 0  # a whole period of both
    for place, expected in zip([-0.5, 0.5, 2.5, 3.5], HALF[fill_mode], strict=True):
        matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, place + far]])
        y = resample(LINE, matrix, fill_mode=fill_mode, fill=9, shape=(1, 1))
        assert y[0, 0, 0, 0] == expected


def test_integers_are_rounded_and_stay_in_range():
    x = np.array([[[[0, 255, 255, 0]]]], np.uint8)
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.251]])
    y = resample(x, matrix)
    np.testing.assert_array_equal(y, [[[[64, 255, 191, 0]]]])


def test_fill_of_each_channel():
    x = np.zeros((1, 3, 2, 2), np.uint8)
    away = np.array([[1.0, 0.0, 50.0], [0.0, 1.0, 0.0]])
    y = resample(x, away, fill_mode="constant", fill=[1, 2, 3])
    np.testing.assert_array_equal(y[0, :, 0, 0], [1, 2, 3])


def test_inputs_stay_and_any_strides_will_do():
    x = PICTURES[:, :, ::-1, ::2]
    before = x.copy()
    x.flags.writeable = False
    np.testing.assert_array_equal(resample(x, IDENTITY), before)
    np.testing.assert_array_equal(x, before)


def test_no_pictures():
    assert resample(PICTURES[:0], MATRICES[:0]).shape == (0, 2, 7, 11)


def point(matrix, shape, row, col):
    """Where the pixel (row, col) of the source is seen in the result, as (row, col)."""
    a, b = matrix[0, :, :2], matrix[0, :, 2]
    return np.linalg.solve(a, np.array([row, col]) - b)


@pytest.mark.parametrize("shape", [(5, 5), (5, 9), (4, 12)])
@pytest.mark.parametrize(
    ("options", "right", "up"),
    [
        ({"rotation": 90}, (-2, 0), (0, -2)),  # (down, to the right) from the centre
        ({"rotation": -90}, (2, 0), (0, 2)),
        ({"shear": 45}, (0, 2), (-2, 2)),
        ({"zoom": 2}, (0, 4), (-4, 0)),
        ({"zoom": (2, 3)}, (0, 6), (-4, 0)),
        ({"shift": (1, 5)}, (1, 7), (-1, 5)),
        ({"rotation": 90, "shift": (1, 5)}, (-1, 5), (1, 3)),
        ({"rotation": 90, "zoom": (1, 2)}, (-4, 0), (0, -2)),
        ({"rotation": 90, "shear": 45}, (-2, 0), (-2, -2)),
    ],
)
def test_where_points_go(shape, options, right, up):
    matrix = affine_matrix(shape, **options)
    row, col = (shape[0] - 1) / 2, (shape[1] - 1) / 2
    for start, goal in (((0, 2), right), ((-2, 0), up)):
        seen = point(matrix, shape, row + start[0], col + start[1])
        np.testing.assert_allclose(seen, (row + goal[0], col + goal[1]), atol=1e-12)


def test_quarter_turns_of_a_square_are_exact():
    x = PICTURES[:1, :, :, :7]
    y = resample(x, affine_matrix((7, 7), rotation=90.0))
    np.testing.assert_allclose(y, np.rot90(x, axes=(2, 3)), atol=1e-12)


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        (
            {"matrix": np.eye(3)},
            r"expected xs .* \(2, 3\), got \(3, 2, 7, 11\) and \(3, 3\)",
        ),
        ({"matrix": MATRICES[:2]}, r"expected xs \(N, C, H, W\) and matrix .* and \(2, 2, 3\)"),
        ({"xs": PICTURES[0]}, r"expected xs \(N, C, H, W\) and matrix"),
        ({"matrix": IDENTITY * np.nan}, r"expected a finite matrix"),
        ({"xs": PICTURES[:, :, :0]}, r"expected pictures with pixels, got \(3, 2, 0, 11\)"),
        ({"order": 3}, r"expected order 0 \(nearest pixel\) or 1 \(bilinear\), got 3"),
        ({"fill_mode": "edge"}, r"expected fill_mode to be one of nearest, constant, .* 'edge'"),
        ({"fill": [1, 2, 3]}, r"expected fill to be a number or one for each of 2 channels"),
        ({"fill": "black"}, r"expected fill to be a number or one for each of 2 channels"),
    ],
)
def test_arguments_that_do_not_fit(kwargs, match):
    with pytest.raises(ValueError, match="resample: " + match):
        resample(**({"xs": PICTURES, "matrix": IDENTITY} | kwargs))


@pytest.mark.parametrize("fill", [-1, 256, np.nan])
def test_fill_that_the_pictures_cannot_hold(fill):
    with pytest.raises(ValueError, match=r"expected fill within 0 to 255 for uint8, got"):
        fill_values("resample", fill, np.zeros((1, 1, 2, 2), np.uint8))


def test_no_numbers():
    with pytest.raises(TypeError, match=r"resample: expected a picture of numbers, got dtype <U1"):
        resample(np.full((1, 1, 2, 2), "a"), IDENTITY)


def test_the_result_may_be_written_anywhere():
    xs = (PICTURES * 200).astype(np.uint8)
    out = np.empty((3, 7, 11, 2), np.float32)
    y = resample(xs, MATRICES, out=out.transpose(0, 3, 1, 2))
    assert np.shares_memory(y, out)
    np.testing.assert_allclose(y, resample(xs.astype(np.float64), MATRICES), atol=1e-3)
    for wrong in (np.empty((3, 2, 7, 10)), np.empty((3, 2, 7, 11), complex)):
        with pytest.raises(ValueError, match="resample: expected out"):
            resample(xs, MATRICES, out=wrong)

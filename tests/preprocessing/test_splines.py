"""Splines of order 2 to 5 against SciPy, at pixels, and in a generator."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator, apply_affine_transform
from dezero.preprocessing.affine import affine_matrices
from dezero.preprocessing.splines import warped

SCIPY = {"nearest": "nearest", "reflect": "reflect", "wrap": "grid-wrap"}
CHANGE = {"theta": 25.0, "tx": 3.3, "ty": -1.2, "zx": 0.8, "zy": 1.1}
PICTURE = np.random.default_rng(0).uniform(0, 255, (2, 15, 18))


@pytest.mark.oracle
@pytest.mark.parametrize("order", [2, 3, 4, 5])
@pytest.mark.parametrize("fill_mode", SCIPY)
def test_scipy_agrees(order, fill_mode):
    ndimage = pytest.importorskip("scipy.ndimage")
    matrix = affine_matrices((15, 18), CHANGE)[0]
    ours = apply_affine_transform(PICTURE, **CHANGE, order=order, fill_mode=fill_mode)
    theirs = [
        ndimage.affine_transform(x, matrix[:, :2], matrix[:, 2], order=order, mode=SCIPY[fill_mode])
        for x in PICTURE
    ]
    np.testing.assert_allclose(ours, theirs, atol=0.02)


@pytest.mark.parametrize("order", [2, 3, 4, 5])
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap", "constant"])
def test_at_pixels_a_spline_is_the_pixel(order, fill_mode):
    moved = apply_affine_transform(PICTURE, tx=4, order=order, fill_mode=fill_mode, cval=9)
    np.testing.assert_allclose(moved[:, :, :14], PICTURE[:, :, 4:], atol=1e-4)
    beyond = {
        "nearest": PICTURE[:, :, -1], "reflect": PICTURE[:, :, -3], "wrap": PICTURE[:, :, 2],
        "constant": np.full((2, 15), 9.0),
    }[fill_mode]  # fmt: skip
    np.testing.assert_allclose(moved[:, :, 16], beyond, atol=0.02)


def test_a_straight_line_stays_straight_and_bytes_within():
    x = np.tile(np.arange(30.0) * 8, (30, 1))[None]
    y = apply_affine_transform(x, tx=0.3, order=3)
    np.testing.assert_allclose(y[0, :, 10:20], x[0, :, 10:20] + 2.4, atol=1e-3)
    steps = np.zeros((1, 9, 9), np.uint8)
    steps[0, :, 4:] = 255
    sharp = apply_affine_transform(steps, tx=0.5, order=3)
    assert sharp.dtype == np.uint8 and sharp[0, 0, 1] < 40 and sharp[0, 0, 6] > 215
    far = apply_affine_transform(x, tx=1e6, order=3, fill_mode="constant", cval=[5.0])
    np.testing.assert_allclose(far, 5, atol=1e-3)


def test_in_a_generator():
    generator = ImageDataGenerator(rotation_range=30, interpolation_order=3)
    x = next(generator.flow(PICTURE[..., None], seed=0))
    assert x.shape == (2, 15, 18, 1) and x.dtype == np.float32
    matrix = affine_matrices((15, 18), CHANGE)
    low = warped(
        PICTURE[None], matrix, order=1, fill_mode="nearest", fill=0.0, out=np.empty((1, 2, 15, 18))
    )
    np.testing.assert_array_equal(low[0], apply_affine_transform(PICTURE, **CHANGE))

"""Shares of pixels: by hand, against TensorFlow's numbers, and what all of them have in common."""

import numpy as np
import pytest

from dezero.transforms.shares import RESIZE_METHODS, shares

SIZES = [(6, 4), (6, 11), (1, 5), (5, 1), (7, 7), (3, 20)]


def matrix(*args, **options):
    index, weights = shares(*args, **options)
    m = np.zeros((args[1], args[0]))
    for places, weight in zip(index, weights, strict=True):
        np.add.at(m, (np.arange(args[1]), places), weight)
    return m


# What tensorflow.image.resize of 2.21 makes of the third of six pixels, four of them or eleven.
RECORDED = {
    ("bicubic", 4, False): [-0.02189781, 0.8671875, -0.0703125, 0.0],
    ("bicubic", 4, True): [-0.04045309, 0.6202144, 0.08728938, -0.00809075],
    ("lanczos3", 4, False): [-0.06163846, 0.89940685, -0.13426533, 0.00668828],
    ("lanczos3", 4, True): [-0.07312359, 0.62901175, 0.11099471, -0.029612],
    ("lanczos5", 4, False): [-0.09365977, 0.93487906, -0.16903165, 0.04204387],
    ("lanczos5", 4, True): [-0.08623688, 0.6321447, 0.12095162, -0.04767848],
    ("bilinear", 4, False): [0.0, 0.75, 0.0, 0.0],
    ("bilinear", 4, True): [0.0, 0.5555556, 0.11111109, 0.0],
}


@pytest.mark.parametrize(("method", "length", "antialias"), RECORDED)
def test_numbers_are_tensorflows(method, length, antialias):
    ours = matrix(6, length, method, antialias=antialias)[:, 2]
    np.testing.assert_allclose(ours, RECORDED[method, length, antialias], atol=2e-5)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("method", RESIZE_METHODS)
@pytest.mark.parametrize(("size", "length"), SIZES)
def test_weights_add_up_to_one_and_turn_over(method, size, length, antialias):
    m = matrix(size, length, method, antialias=antialias)
    np.testing.assert_allclose(m.sum(axis=1), 1, rtol=1e-12)
    if method != "nearest":
        np.testing.assert_allclose(m, m[::-1, ::-1], atol=1e-12)
    if size == length and method not in ("gaussian", "mitchellcubic"):
        np.testing.assert_allclose(m, np.eye(size), atol=1e-12)


def test_area_and_nearest_by_hand():
    np.testing.assert_allclose(matrix(3, 2, "area"), np.array([[2, 1, 0], [0, 1, 2]]) / 3)
    np.testing.assert_array_equal(matrix(4, 2, "nearest"), [[0, 1, 0, 0], [0, 0, 0, 1]])


@pytest.mark.parametrize("method", RESIZE_METHODS)
@pytest.mark.parametrize("antialias", [False, True])
def test_no_pixel_counts_twice(method, antialias):
    for size, length in SIZES:
        for places, weight in zip(
            *(a.T for a in shares(size, length, method, antialias)), strict=True
        ):
            used = places[weight != 0]
            assert len(set(used.tolist())) == len(used)

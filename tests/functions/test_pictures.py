"""How arrays hold pictures, and how they are folded for the kernels."""

import itertools

import numpy as np
import pytest

from dezero.functions.pictures import Pictures, widened

AXES = {"NCHW": (0, 3, 1, 2), "NHWC": (0, 1, 2, 3)}


def held(rng, order, shape):
    """A random array (N, H, W, C) whose memory runs in `order` of its axes."""
    x = rng.standard_normal([shape[i] for i in order])
    return x.transpose(np.argsort(order))


@pytest.mark.parametrize("layout", AXES)
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_folding_there_and_back(rng, order, layout):
    rows = held(rng, order, (2, 3, 4, 5))
    x = rows.transpose(AXES[layout])
    pictures = Pictures.of("f", x, layout)
    folded = pictures.fold(x)
    assert folded.flags.c_contiguous
    assert folded.shape == ((10, 3, 4, 1) if pictures.planar else (2, 3, 4, 5))
    np.testing.assert_array_equal(pictures.unfold(folded), x)
    assert np.shares_memory(pictures.unfold(folded), folded)
    assert pictures.size(x) == (3, 4)


@pytest.mark.parametrize("layout", AXES)
@pytest.mark.parametrize("order, planar", [((0, 1, 2, 3), False), ((0, 3, 1, 2), True)])
def test_what_lies_right_is_not_copied(rng, order, planar, layout):
    x = held(rng, order, (2, 3, 4, 5)).transpose(AXES[layout])
    pictures = Pictures.of("f", x, layout)
    assert pictures.planar == planar
    assert np.shares_memory(pictures.fold(x), x)


@pytest.mark.parametrize("shape", [(0, 3, 4, 5), (2, 3, 4, 0), (2, 1, 1, 5), (1, 3, 4, 1)])
@pytest.mark.parametrize("layout", AXES)
def test_borderline_shapes(rng, shape, layout):
    for order in ((0, 1, 2, 3), (0, 3, 1, 2)):
        x = held(rng, order, shape).transpose(AXES[layout])
        pictures = Pictures.of("f", x, layout)
        np.testing.assert_array_equal(pictures.unfold(pictures.fold(x)), x)


def test_halves_are_widened_for_sums():
    assert widened(np.ones(2, np.float16)).dtype == np.float32
    x = np.ones(2)
    assert widened(x) is x


@pytest.mark.parametrize("dtype", [complex, np.longdouble])
def test_other_numbers_are_refused(dtype):
    if np.dtype(dtype).itemsize <= 8:
        pytest.skip("long doubles are doubles here")
    with pytest.raises(TypeError, match=r"f: expected x \(N, C, H, W\) of real numbers"):
        Pictures.of("f", np.ones((1, 1, 2, 2), dtype), "NCHW")

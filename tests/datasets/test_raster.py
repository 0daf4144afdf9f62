"""The raster: covers, curves and waves against their definitions."""

import numpy as np
import pytest

from dezero.datasets.raster import (
    COLS,
    ROWS,
    SIDE,
    chance,
    cover,
    curve,
    deep,
    draw,
    strip,
    triangle,
    wave,
)


def column(*values):
    return np.array(values, np.float32)[:, None]


def test_rows_and_columns_are_pixel_numbers():
    np.testing.assert_array_equal(ROWS, np.arange(SIDE))
    np.testing.assert_array_equal(COLS, np.arange(SIDE))


def test_draw_fills_its_range(rng):
    values = draw(rng, 10000, -2.0, 3.0)
    assert values.shape == (10000, 1) and values.dtype == np.float32
    assert -2.0 <= values.min() < -1.99 and 2.99 < values.max() <= 3.0


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_chance(rng, probability):
    values = chance(rng, 10000, probability)
    assert values.shape == (10000, 1) and values.dtype == bool
    assert abs(values.mean() - probability) < 0.02


def test_deep_adds_the_axis_of_the_columns():
    assert deep(column(1, 2)).shape == (2, 1, 1)
    assert deep(np.zeros((2, SIDE))).shape == (2, SIDE, 1)


def test_cover_is_soft_for_one_pixel():
    distance = np.array([-3.0, -0.5, -0.25, 0.0, 0.25, 0.5, 3.0], np.float32)
    np.testing.assert_allclose(cover(distance), [0, 0, 0.25, 0.5, 0.75, 1, 1])
    assert distance[0] == -3.0


def test_strip_covers_what_lies_between():
    rows = strip(column(2.0, 5.5), column(4.0, 20.0))
    assert rows.shape == (2, SIDE)
    np.testing.assert_allclose(rows[0, :7], [0, 0, 0.5, 1, 0.5, 0, 0])
    np.testing.assert_allclose(rows[1, 4:8], [0, 0, 1, 1])


def test_curve_equals_numpys_interpolation():
    start, end = column(2.0, -3.0), column(20.0, 30.0)
    at = (0.0, 0.3, 0.7, 1.0)
    values = np.array([[1, 4, 2, 8], [5, 5, -1, 0]], np.float32)
    got = curve(start, end, *((a, values[:, i : i + 1]) for i, a in enumerate(at)))
    assert got.dtype == np.float32
    for row in range(2):
        position = (ROWS - start[row]) / (end[row] - start[row])
        np.testing.assert_allclose(got[row], np.interp(position, at, values[row]), atol=1e-5)


def test_curve_leaves_its_knots_alone():
    knot = column(1.0, 2.0)
    curve(column(0, 0), column(10, 10), (0.0, knot), (1.0, knot + 5))
    np.testing.assert_array_equal(knot, column(1.0, 2.0))


def test_waves_peak_at_whole_turns():
    np.testing.assert_allclose(
        triangle(np.array([0.0, 0.25, 0.5, 0.75, 1.0, 2.5])), [1, 0, -1, 0, 1, -1]
    )
    rows = wave(column(4.0), column(0.5))
    np.testing.assert_allclose(rows[0, :5], [-1, 0, 1, 0, -1])

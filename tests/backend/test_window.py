"""`Window`: sizes of what slides and of what comes out."""

import numpy as np
import pytest

from dezero.backend.window import Window


def test_sizes():
    window = Window((3, 2), (2, 1), ((1, 2), (0, 1)), (2, 3))
    assert window.reach == (5, 4)
    assert window.padded((6, 7)) == (9, 8)
    assert window.out_shape((6, 7)) == (3, 5)


def test_a_pixel_is_one_entry_that_visits_all():
    assert Window((1, 1)).is_pixel
    assert Window((1, 1), dilation=(3, 3)).is_pixel
    assert not Window((1, 1), stride=(2, 1)).is_pixel
    assert not Window((1, 1), pads=((0, 0), (1, 0))).is_pixel
    assert not Window((1, 2)).is_pixel


def test_entries_of_a_kernel_are_numbered_in_few_bytes():
    assert Window((1, 1)).index_dtype == np.uint8
    assert Window((16, 16)).index_dtype == np.uint8
    assert Window((16, 17)).index_dtype == np.uint16


def visits(window, shape):
    """How often each pixel is visited, and whether any position reaches over the edge."""
    counts, over = np.zeros(shape, int), False
    for i in range(window.out_shape(shape)[0]):
        for j in range(window.out_shape(shape)[1]):
            for k in range(window.kernel[0]):
                for m in range(window.kernel[1]):
                    r = i * window.stride[0] + k * window.dilation[0] - window.pads[0][0]
                    c = j * window.stride[1] + m * window.dilation[1] - window.pads[1][0]
                    if 0 <= r < shape[0] and 0 <= c < shape[1]:
                        counts[r, c] += 1
                    else:
                        over = True
    return counts, over


WINDOWS = [
    Window((2, 2), (2, 2)),
    Window((2, 2), (2, 2), ((0, 1), (0, 1))),
    Window((2, 2), (1, 2)),
    Window((1, 2), (3, 2)),
    Window((1, 1), (1, 1), dilation=(2, 2)),
    Window((2, 1), (2, 1), dilation=(2, 1)),
    Window((2, 3), (2, 3), ((1, 1), (0, 0))),
    Window((3, 2), (2, 2), ((1, 0), (2, 2)), (1, 2)),
    Window((4, 4), (1, 1), ((0, 2), (0, 2))),
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("shape", [(4, 4), (4, 6), (5, 7)])
def test_what_a_window_visits(window, shape):
    counts, over = visits(window, shape)
    assert window.inside(shape) == (not over)
    assert window.tiles(shape) == bool((counts == 1).all() and not over)
    if window.disjoint(shape):
        assert counts.max() <= 1
    elif window.dilation == (1, 1):
        assert counts.max() > 1


@pytest.mark.parametrize("window", WINDOWS)
def test_span_meets_the_picture(window):
    for k in range(window.kernel[0]):
        for places in (slice(0, window.out_shape((6, 6))[0]), slice(1, 2)):
            met, pixels = window.span(0, k, 6, places)
            at = [
                (
                    i - places.start,
                    i * window.stride[0] + k * window.dilation[0] - window.pads[0][0],
                )
                for i in range(places.start, places.stop)
            ]
            inside = [(i, row) for i, row in at if 0 <= row < 6]
            assert list(range(met.start, met.stop)) == [i for i, _ in inside]
            assert list(range(6))[pixels] == [row for _, row in inside]

"""`Window`: sizes of what slides and of what comes out."""

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

"""The random_... functions: Keras's names and order, the library's random numbers."""

import numpy as np
import pytest

from dezero import preprocessing as P
from dezero.backend import random as backend_random
from tests.preprocessing.conftest import picture

CALLS = {
    "random_rotation": (P.random_rotation, (30,)),
    "random_shift": (P.random_shift, (0.3, 0.2)),
    "random_shear": (P.random_shear, (20,)),
    "random_zoom": (P.random_zoom, ((0.5, 0.8),)),
    "random_channel_shift": (P.random_channel_shift, (40,)),
    "random_brightness": (P.random_brightness, ((0.3, 0.8),)),
}


@pytest.mark.parametrize("name", CALLS)
def test_they_change_the_picture_and_repeat_with_the_seed(name, seeded):
    function, arguments = CALLS[name]
    x = picture(12, 16)
    state = np.random.get_state()[1].copy()
    ys = []
    for seed in (3, 3, 4):
        backend_random.seed(seed)
        ys.append(function(x, *arguments))
    np.testing.assert_array_equal(ys[0], ys[1])
    assert not np.allclose(ys[0], ys[2]) and not np.allclose(ys[0], x)
    assert ys[0].shape == x.shape and ys[0].dtype == x.dtype
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_a_shift_of_width_moves_columns_alone():
    x = np.tile(np.arange(8.0), (6, 1))[None]  # each row the same
    moved = [P.random_shift(x, 0.4, 0.0) for _ in range(5)]
    assert any(not np.allclose(y, x) for y in moved)
    for _ in range(5):
        np.testing.assert_array_equal(P.random_shift(x, 0.0, 0.4), x)


def test_refusals():
    with pytest.raises(ValueError, match="random_zoom: expected zoom_range"):
        P.random_zoom(picture(), 0.2)
    with pytest.raises(ValueError, match="random_brightness: expected brightness_range"):
        P.random_brightness(picture(), 0.2)

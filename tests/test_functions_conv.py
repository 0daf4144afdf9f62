"""The book's `dezero.functions_conv`: its names are those of `dezero.functions`."""

import dezero.functions as F
from dezero import functions_conv
from dezero.functions import columns


def test_every_name_is_the_rooms_own():
    for name in functions_conv.__all__:
        room = columns if name.endswith("_array") else F
        assert getattr(functions_conv, name) is getattr(room, name)

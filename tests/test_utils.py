"""The book's `dezero.utils`: its names are those of the rooms they live in."""

import numpy as np
import pytest

from dezero import inspection, io, testing, utils
from dezero.functions import array_forms, windows


def test_every_name_is_the_rooms_own():
    rooms = (array_forms, windows, testing, io, inspection)
    for name in set(utils.__all__) - {"cache_dir"}:
        owners = [room for room in rooms if hasattr(room, name)]
        assert any(getattr(room, name) is getattr(utils, name) for room in owners), name


def test_cache_dir_is_a_string_that_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_CACHE", str(tmp_path))
    assert utils.cache_dir == str(tmp_path)
    from dezero.utils import cache_dir

    assert cache_dir == str(tmp_path)


def test_unknown_name():
    with pytest.raises(AttributeError, match="dezero.utils: expected one of its names, got 'pairs"):
        utils.pairs  # noqa: B018


def test_star_import():
    names = {}
    exec("from dezero.utils import *", names)  # noqa: S102
    assert names["pair"](3) == (3, 3)
    assert names["array_allclose"](np.ones(2), [1, 1])

"""pad_sequences: both sides, both ends, further axes."""

import numpy as np
import pytest

from dezero.preprocessing import pad_sequences

ROWS = [[1], [2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0, 0, 1], [0, 2, 3], [4, 5, 6]]),
        ({"padding": "post", "value": -1}, [[1, -1, -1], [2, 3, -1], [4, 5, 6]]),
        ({"maxlen": 2}, [[0, 1], [2, 3], [5, 6]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [2, 3], [4, 5]]),
        ({"maxlen": 4, "padding": "post"}, [[1, 0, 0, 0], [2, 3, 0, 0], [4, 5, 6, 0]]),
        ({"maxlen": 0}, [[], [], []]),
    ],
)
def test_both_sides(options, expected):
    result = pad_sequences(ROWS, **options)
    assert result.dtype == np.int32 and result.tolist() == expected


def test_further_axes_and_kinds():
    rows = [np.ones((2, 3)), np.zeros((0, 3)), np.full((1, 3), 0.5)]
    result = pad_sequences(rows, dtype="float32", value=9)
    assert result.shape == (3, 2, 3) and result.dtype == np.float32
    assert result[1].tolist() == [[9] * 3] * 2 and result[2, 1].tolist() == [0.5] * 3
    words = pad_sequences([["a"], ["b", "c"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "c"]]
    assert pad_sequences([]).shape == (0, 0) and pad_sequences([[], []]).shape == (2, 0)


def test_refusals():
    for rows, options, message in (
        ([1, 2], {}, "lists of items"),
        (["ab"], {}, "lists of items"),
        (ROWS, {"padding": "left"}, "padding to be one of"),
        (ROWS, {"truncating": None}, "truncating to be one of"),
        (ROWS, {"maxlen": -1}, "maxlen"),
        (ROWS, {"value": "x"}, "a number to pad"),
        ([[1], [[2]]], {}, "items of shape"),
    ):
        with pytest.raises(ValueError, match=f"pad_sequences: expected .*{message}"):
            pad_sequences(rows, **options)

"""Marks of arrays tell an edit; what small arrays and `thorough` promise, they keep."""

import numpy as np
import pytest

from dezero.backend import marks_of
from dezero.backend.marks import DIGEST, EXACT, expect_unedited, mark
from dezero.core import Function, Variable
from tests.strict_device import strict_device

LAYOUTS = [lambda x: x, lambda x: x.T, lambda x: x[::-1, ::2], lambda x: np.asfortranarray(x)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "uint8", "bool"])
@pytest.mark.parametrize(("shape", "thorough"), [((8, 64), False), ((80, 60), True)])
def test_every_number_counts(shape, thorough, dtype, layout):
    x = layout(np.ones(shape, dtype))
    before = mark(x, thorough)
    assert mark(x.copy(order="K"), thorough) == mark(x, thorough) == before
    for place in ((0, 0), (x.shape[0] - 1, x.shape[1] - 1), (1, 2)):
        old, x[place] = x[place], 0
        assert mark(x, thorough) != before
        x[place] = old
    assert mark(x, thorough) == before


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sample_tells_writes_to_a_whole_array_row_or_column(layout, rng):
    x = layout(rng.standard_normal((200, 300)))
    before = mark(x)
    x *= 1.5
    assert mark(x) != before
    for place in (0, slice(len(x) // 4), (slice(None), slice(0, None, 2))):
        before = mark(x)
        x[place] = rng.standard_normal()
        assert mark(x) != before


SHAPES = [(9000,), (2, 9000), (100, 784), (64, 3, 32, 32), (3000, 2), (2, 70, 70), (1, 1, 5000)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["float16", "float64", "bool"])
def test_of_large_arrays_a_bounded_part(shape, dtype, rng):
    x = rng.integers(0, 2, shape).astype(dtype)
    before = mark(x)
    assert DIGEST < len(before) <= 2 * EXACT
    assert x.nbytes <= EXACT or len(mark(x, True)) == DIGEST
    x[0] = x[0] == 0
    assert mark(x) != before


@pytest.mark.parametrize("x", [np.array(1.0), np.ones(0), np.ones((3, 0))])
def test_small_ones(x):
    assert mark(x) == mark(x.copy()) == x.tobytes()


def test_other_devices_are_left_alone():
    with strict_device() as device:
        assert mark(device.from_host(np.ones(3))) is None
        assert mark(device.from_host(np.ones(3)), True) is None


def test_who_is_looked_at():
    x, number = Variable(np.ones(3)), Variable.constant(np.array(2.0))
    result = x * x
    view = result.reshape(3, 1)
    marks = marks_of("sample", [x, number, result, view], result)
    assert [m is None for m in marks] == [False, False, True, False]
    assert None not in marks_of("all", [x, number, result], view)
    assert marks_of(None, [x]) == []


def test_the_error_names_the_array():
    x = Variable(np.ones((2, 3)), "picture")
    y = Function()
    y.inputs, y.marks = (x,), [mark(x.data)]
    expect_unedited(y)
    x.data = np.zeros((2, 3))
    match = r"Function.backward: expected the array picture \(2, 3\) float64 as it was when the"
    with pytest.raises(RuntimeError, match=match):
        expect_unedited(y)

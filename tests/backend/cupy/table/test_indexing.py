"""The text of what works on rows by number against NumPy."""

import numpy as np
import pytest

from dezero.backend.cupy.table import indexing
from dezero.transforms import Normalize
from tests.backend.cupy.host_kernels import HostKernel, check, needs_compiler, pairs

pytestmark = needs_compiler


def parts(letters, rng):
    y, values = 10 * rng.standard_normal((6, 3)), 10 * rng.standard_normal((8, 3))
    return y.astype(letters), values.astype(letters), np.array([5, 0, 2, 2, -1, 2, 0, 3])


def add_rows(letters, rng):
    y, values, index = parts(letters, rng)
    expected = y.copy()
    np.add.at(expected, index, values)
    given = {"y": y, "index": index, "values": values, "count": 8, "rows": 6, "width": 3}
    return {**given, "grid": (2,), "block": (4,)}, {"y": expected}


def add_sorted_rows(letters, rng):
    y, values, index = parts(letters, rng)
    wide = y.astype("f8" if letters != "l" else "l")
    np.add.at(wide, index, values)
    order = np.argsort(index % 6, kind="stable")
    given = {"y": y, "sorted": (index % 6)[order], "order": order, "values": values}
    return {**given, "count": 8, "width": 3, "grid": (3,), "block": (4,)}, {"y": wide}


def gather_normalise(letters, rng):
    data = rng.integers(0, 256, (6, 4)).astype(letters[1])
    index = np.array([5, 0, -2])
    given = {"data": data, "index": index, "rows": 6, "width": 4, "mean": 33.3, "std": 77.7}
    y = np.zeros((3, 4), letters[0])
    return {**given, "y": y}, {"y": (data[index].astype(letters[0]) - 33.3) / 77.7}


@pytest.mark.parametrize("letters", ["fB", "dB"])
@pytest.mark.parametrize(("mean", "std"), [(0.0, 255.0), (127.5, 127.5), (33.3, 77.7)])
def test_every_byte_becomes_the_number_of_the_host(letters, mean, std):
    data = np.arange(256, dtype="u1").reshape(64, 4)
    found = np.zeros((64, 4), letters[0])
    spec = next(spec for spec in indexing.SPECS if spec.name == "gather_normalise")
    HostKernel(spec, letters)(data, np.arange(64), 64, 4, mean, std, found)
    wanted = Normalize(mean, std).batch(data.astype(letters[0]))
    assert found.tobytes() == wanted.tobytes()


def batch_rows(letters, rng):
    data, order = rng.integers(0, 256, (6, 4)).astype(letters), rng.permutation(6)
    given = {"data": data, "order": order, "start": 2.0, "width": 4}
    return {**given, "y": np.zeros((3, 4), letters)}, {"y": data[order[2:5]]}


def add_bias(letters, rng):
    y, b = rng.standard_normal((4, 3)).astype(letters), rng.standard_normal(3).astype(letters)
    return {"b": b, "width": 3, "relu": True, "y": y}, {"y": np.maximum(y + b, 0)}


CASES = {
    "add_rows": add_rows,
    "add_sorted_rows": add_sorted_rows,
    "batch_rows": batch_rows,
    "gather_normalise": gather_normalise,
    "add_bias": add_bias,
}


@pytest.mark.parametrize(("spec", "letters"), pairs(indexing.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, rng):
    check(spec, letters, *CASES[spec.name](letters, rng), ulps=16)

"""The text of what a step does between losses and update against NumPy."""

import numpy as np
import pytest

from dezero.backend.cupy.table import training
from tests.backend.cupy.host_kernels import check, needs_compiler, pairs

pytestmark = needs_compiler


def gather(spec, letters, rng):
    most = int(spec.name.rpartition("_")[2])
    sizes = rng.integers(0, 9, most)
    parts = [rng.standard_normal(n).astype(letters) for n in sizes]
    given = {f"p{i}": part for i, part in enumerate(parts)}
    given |= {f"end{i}": int(end) for i, end in enumerate(np.cumsum(sizes))}
    whole = np.concatenate(parts)
    return {**given, "out": np.zeros_like(whole), "grid": (2, most), "block": (8,)}, {"out": whole}


def scaled(spec, letters, rng):
    x, factor = rng.standard_normal((4, 3)).astype(letters), np.array(2.5, letters)
    return {"x": x, "factor": factor, "n": 3, "y": np.zeros_like(x)}, {"y": x * (factor / 3)}


def add_scaled(spec, letters, rng):
    x, g = rng.standard_normal((2, 5)).astype(letters)
    return {"x": x, "rate": 0.25, "g": g}, {"g": g + x * 0.25}


def limit_norm(spec, letters, rng):
    g = rng.standard_normal(5).astype(letters)
    return {"square": np.float64(16), "max_norm": 1.0, "g": g}, {"g": g / 4}


def checked_index(spec, letters, rng):
    ids, factor = np.array([0, -1, 4, 5, 3]), np.array([1, np.nan, 1, np.nan, 1], letters)
    given = {"ids": ids, "count": 5, "safe": np.zeros(5, "i8"), "factor": np.zeros(5, letters)}
    return given, {"safe": np.array([0, 0, 4, 0, 3]), "factor": factor}


def squares_in_parts(spec, letters, rng):
    x = rng.standard_normal(50).astype(letters)
    blocks = np.arange(50) // 8 % 3
    squares = x.astype("f8") ** 2
    parts = np.array([squares[blocks == i].sum() for i in range(3)])
    given = {"x": x, "parts": np.zeros(3), "size": 50, "grid": (3,), "block": (8,)}
    return given, {"parts": parts}


CASES = {
    "squares_in_parts": squares_in_parts,
    "scaled": scaled,
    "add_scaled": add_scaled,
    "limit_norm": limit_norm,
    "checked_index": checked_index,
}


@pytest.mark.parametrize(("spec", "letters"), pairs(training.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, rng):
    case = CASES.get(spec.name, gather)
    check(spec, letters, *case(spec, letters, rng), ulps=4)

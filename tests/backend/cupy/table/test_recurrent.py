"""The text of gates against their NumPy twins."""

import numpy as np
import pytest

from dezero.backend.cupy import kernels_recurrent
from dezero.backend.cupy.table import recurrent
from dezero.backend.registry import HOST_KERNELS
from tests.backend.cupy.host_kernels import hosted, needs_compiler, pairs

pytestmark = needs_compiler


def arguments(name, rng, dtype):
    """Return what a kernel is called with, by name, and the names of what it writes to."""
    gates = 4 if name.startswith("lstm") else 3
    many, one = (gates, 6, 5), (6, 5)
    shapes = {
        "lstm_forward": ({"z": many, "c": one, "c_new": one, "t": one, "h": one}, "z c_new t h"),
        "lstm_backward": (
            {"gates": many, "c": one, "t": one, "gh": one, "gc": one, "gz": many, "gc_old": one},
            "gz gc_old",
        ),
        "gru_forward": ({"z": many, "zh": many, "h": one, "h_new": one}, "z h_new"),
        "gru_backward": (
            {"gates": many, "product": one, "h": one, "gh": one}
            | {"gz": many, "gzh": many, "gh_old": one},
            "gz gzh gh_old",
        ),
    }[name]
    given = {key: rng.standard_normal(size).astype(dtype) for key, size in shapes[0].items()}
    return given, shapes[1].split()


def both(name, given):
    """Run a kernel and its twin on copies of the same arguments; return those."""
    ours, twins = ({key: array.copy() for key, array in given.items()} for _ in range(2))
    with hosted():
        getattr(kernels_recurrent, name)(**ours)
    getattr(HOST_KERNELS, name)(**twins)
    return ours, twins


@pytest.mark.parametrize(("spec", "letters"), pairs(recurrent.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng):
    given, outs = arguments(spec.name, rng, letters)
    ours, twins = both(spec.name, given)
    eps = 16 * np.finfo(letters).eps
    for name in ours:
        np.testing.assert_allclose(ours[name], twins[name], eps, eps, err_msg=name)
        assert name in outs or (ours[name] == given[name]).all()


def test_large_values_saturate():
    z = np.array([-1e4, 1e4] * 2, "f4").reshape(4, 1, 1)
    for name, count in (("lstm_forward", 4), ("gru_forward", 3)):
        given, _ = arguments(name, np.random.default_rng(0), "f4")
        given["z"] = np.broadcast_to(z[:count], given["z"].shape).copy()
        ours, twins = both(name, given)
        for key in ours:
            np.testing.assert_allclose(ours[key], twins[key], 1e-6, 1e-37, err_msg=key)

"""The text of every activation against its twin, in every type, over the whole range of numbers."""

import numpy as np
import pytest

from dezero.backend import numpy_activations
from dezero.backend.cupy.table import activations
from tests.backend.cupy.host_kernels import HostKernel, needs_compiler, pairs

pytestmark = needs_compiler

EDGES = np.array([0, -0.0, 1, -1, 3, -3, 6, 1e-7, -1e-7, 30, -30, 90, -90, 800, -800, 6e4, -6e4])


def test_the_names_are_those_of_the_host():
    assert set(activations.KINDS) == set(numpy_activations._TABLE)


@pytest.mark.parametrize("name", activations.KINDS)
@pytest.mark.parametrize(("spec", "letters"), pairs(activations.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, name, rng):
    x = np.concatenate([EDGES, [np.nan, np.inf, -np.inf], 3 * rng.standard_normal(80)])
    x, wide = x.astype(letters), "f4" if letters == "e" else letters
    given, kind, alpha = [x], activations.KINDS[name], 0.3
    host = numpy_activations.activate
    if spec.name == "activation_gradient":
        host = numpy_activations.activate_gradient
        given = [rng.standard_normal(x.shape).astype(letters), x]
    eps = {"e": 2e-3, "f": 2e-6, "d": 2e-14}[letters]
    with np.errstate(all="ignore"):
        ours = HostKernel(spec)(*given, kind, alpha)
        expected = host(name, *(v.astype(wide) for v in given), alpha)
        np.testing.assert_allclose(ours, expected.astype(letters), eps, eps)
    assert len(given) == 2 or np.isnan(ours[len(EDGES)])

"""The text of optimizer updates against their NumPy twins."""

import pytest

from dezero.backend.cupy.table import steps
from tests.backend.cupy.host_kernels import check, drawn, needs_compiler, pairs

pytestmark = needs_compiler


@pytest.mark.parametrize(("spec", "letters"), pairs(steps.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng):
    for other in ({"keep": 1.0}, {"take": 0.0, "adaptive": 0.0, "lr": 0.0}):
        check(spec, letters, {**drawn(spec, letters, rng), "skip": 0.0, **other})

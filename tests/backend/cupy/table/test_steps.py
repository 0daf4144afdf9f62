"""The text of optimizer updates against their NumPy twins."""

import pytest

from dezero.backend.cupy.table import steps
from tests.backend.cupy.host_kernels import check, drawn, needs_compiler, pairs

pytestmark = needs_compiler


@pytest.mark.parametrize(("spec", "letters"), pairs(steps.SPECS))
def test_text_gives_what_the_twin_gives(spec, letters, rng):
    check(spec, letters, {**drawn(spec, letters, rng), "keep": 1.0})

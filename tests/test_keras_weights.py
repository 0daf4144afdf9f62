"""Activations, penalties, limits and initializers beside values recorded from real Keras."""

import json
from pathlib import Path

import numpy as np
import pytest

from dezero.core import Variable
from dezero.keras import activations, constraints, initializers, regularizers
from tests.keras.recorded.record_weights import (
    ACTIVATIONS,
    INITIALIZERS,
    KERNEL,
    LIMITS,
    PENALTIES,
    SHAPES,
    law,
    weights,
)

RECORDED = Path(__file__).parent / "keras" / "recorded"
MATRIX, WHOLE, NUMBERS = weights()


@pytest.fixture(scope="module")
def arrays():
    with np.load(RECORDED / "weights.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def facts():
    return json.loads((RECORDED / "weights.json").read_text())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, arrays):
    got = activations.get(name)(Variable(3 * NUMBERS)).data
    np.testing.assert_allclose(got, arrays[f"activation/{name}"], 1e-5, 1e-5)


@pytest.mark.parametrize("case", PENALTIES)
def test_penalties(case, facts):
    name, options = PENALTIES[case]
    got = getattr(regularizers, name)(**options)(Variable(MATRIX))
    assert float(got.data) == pytest.approx(facts["penalties"][case], rel=1e-5)


@pytest.mark.parametrize("case", LIMITS)
def test_limits(case, arrays):
    name, options = LIMITS[case]
    got = getattr(constraints, name)(**options)(MATRIX)
    # Keras adds 1e-7 to the norms it divides by.
    np.testing.assert_allclose(got, arrays[f"limit/{case}"], 2e-6, 2e-6)


def test_limit_on_kernels(arrays):
    got = getattr(constraints, KERNEL[0])(**KERNEL[1])(WHOLE)
    np.testing.assert_allclose(got, arrays["limit/kernel"], 2e-6, 2e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", INITIALIZERS)
def test_laws_of_initializers(case, shape, facts):
    name, options = INITIALIZERS[case]
    mean, std, low, high, fourth = law(
        getattr(initializers, name)(seed=5, **options)(SHAPES[shape])
    )
    wanted = facts["laws"][case][shape]
    # 30,000 numbers and 28,800: five times the deviation of the difference of two estimates.
    assert abs(mean - wanted[0]) < 5 * std * (2 / 28_800) ** 0.5
    assert std == pytest.approx(wanted[1], rel=0.025)
    assert fourth == pytest.approx(wanted[4], rel=0.1)
    if case in ("random_normal", "untruncated", "orthogonal"):
        return
    # A bounded law reaches its bounds in so many draws.
    assert low == pytest.approx(wanted[2], rel=0.01)
    assert high == pytest.approx(wanted[3], rel=0.01)


def test_defaults(facts):
    for name, wanted in facts["defaults"].items():
        module = next(m for m in (regularizers, constraints, initializers) if hasattr(m, name))
        config = getattr(module, name)().get_config()
        config.pop("seed", None)
        wanted = {key: value for key, value in wanted.items() if not key.endswith("_axes")}
        assert set(config) == set(wanted), name
        for key, value in wanted.items():
            # Keras rounds strengths to float32.
            same = pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
            assert config[key] == same, (name, key)

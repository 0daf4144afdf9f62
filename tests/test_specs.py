"""Every spec of `tests/specs/functions` through every check; `-k relu` runs those of one."""

import pytest

from tests import spec_checks as checks
from tests.spec_draw import is_differentiable
from tests.specs import BROKEN, FAILS, SPECS
from tests.strict_device import strict_device

DIFFERENTIABLE = [spec for spec in SPECS if is_differentiable(spec)]
NONDIFFERENTIABLE = [spec for spec in SPECS if not is_differentiable(spec)]


def first(specs, count):
    """Return so many specs of each function."""
    kinds = {}
    for spec in specs:
        kinds.setdefault(spec.func, []).append(spec)
    return [spec for kind in kinds.values() for spec in kind[:count]]


# The quick run has five specs of a function, the whole one has all.
QUICK = {spec.id for spec in first(SPECS, 5)}


def each(specs):
    return each_without_oracle(specs, lambda spec: [pytest.mark.oracle] if spec.needs else [])


def each_without_oracle(specs, marks=lambda spec: []):
    quick = {True: [], False: [pytest.mark.slow]}
    params = [pytest.param(s, id=s.id, marks=marks(s) + quick[s.id in QUICK]) for s in specs]
    return pytest.mark.parametrize("spec", params)


def test_every_table_can_be_imported():
    assert not BROKEN


@each(SPECS)
def test_value(spec):
    checks.check_value(spec)


# Each item of pytest costs a millisecond, more than most checks: several of a kind share one.
@each_without_oracle(DIFFERENTIABLE)
def test_gradients(spec):
    checks.check_order_1(spec)
    checks.check_order_2(spec)
    checks.check_fast_backward(spec)


@each_without_oracle(SPECS)
def test_arrays(spec):
    if spec.integers:
        checks.check_integers(spec)
    checks.check_layouts(spec)
    if is_differentiable(spec):
        checks.check_untouched(spec)


@each_without_oracle([spec for spec in SPECS if spec.elementwise])
def test_variants(spec):
    checks.check_variants(spec)


@each_without_oracle(first(SPECS, 2))
def test_strict_device(spec):
    with strict_device() as backend:
        checks.check_device(spec, backend)


@pytest.mark.slow
def test_nothing_is_sent_to_the_strict_device():  # and the rest of the specs
    with strict_device() as backend:
        for spec in SPECS:
            checks.check_device(spec, backend)
            checks.check_nothing_is_sent(spec, backend)


@each_without_oracle(NONDIFFERENTIABLE)
def test_no_gradient(spec):
    checks.check_no_gradient(spec)


@pytest.mark.parametrize("case", [pytest.param(f, id=f.id) for f in FAILS])
def test_fails(case):
    with pytest.raises(case.error, match=case.match):
        case.func(*case.args, **case.kwargs)

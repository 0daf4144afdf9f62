"""Every spec of `tests/specs/functions` through every check; `-k relu` runs those of one."""

import pytest

from tests import spec_checks as checks
from tests.spec_draw import is_differentiable
from tests.specs import BROKEN, FAILS, SPECS

DIFFERENTIABLE = [spec for spec in SPECS if is_differentiable(spec)]
NONDIFFERENTIABLE = [spec for spec in SPECS if not is_differentiable(spec)]


def each(specs):
    marks = {True: [pytest.mark.oracle], False: []}
    return pytest.mark.parametrize(
        "spec", [pytest.param(s, id=s.id, marks=marks[bool(s.needs)]) for s in specs]
    )


def each_without_oracle(specs):
    return pytest.mark.parametrize("spec", [pytest.param(s, id=s.id) for s in specs])


def test_every_table_can_be_imported():
    assert not BROKEN


@each(SPECS)
def test_value(spec):
    checks.check_value(spec)


@each_without_oracle([spec for spec in SPECS if spec.integers])
def test_integers(spec):
    checks.check_integers(spec)


@each_without_oracle(DIFFERENTIABLE)
def test_order_1(spec):
    checks.check_order_1(spec)


@each_without_oracle(DIFFERENTIABLE)
def test_order_2(spec):
    checks.check_order_2(spec)


@each_without_oracle(DIFFERENTIABLE)
def test_fast_backward(spec):
    checks.check_fast_backward(spec)


@each_without_oracle(DIFFERENTIABLE)
def test_untouched(spec):
    checks.check_untouched(spec)


@each_without_oracle(SPECS)
def test_layouts(spec):
    checks.check_layouts(spec)


@each_without_oracle([spec for spec in SPECS if spec.elementwise])
def test_variants(spec):
    checks.check_variants(spec)


@each_without_oracle(NONDIFFERENTIABLE)
def test_no_gradient(spec):
    checks.check_no_gradient(spec)


@pytest.mark.parametrize("case", [pytest.param(f, id=f.id) for f in FAILS])
def test_fails(case):
    with pytest.raises(case.error, match=case.match):
        case.func(*case.args, **case.kwargs)

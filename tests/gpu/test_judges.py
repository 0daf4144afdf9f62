"""Every loss and every metric of the tables on the GPU: the host's figures, and nobody waits."""

import numpy as np
import pytest

from dezero import losses
from dezero.backend import no_sync, to_host
from dezero.core import Variable
from tests.specs.losses import SPECS as LOSSES
from tests.specs.metrics import SPECS as METRICS

WEIGHT = np.array([0.0, 1.0, 2.0, 0.5])
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("spec", LOSSES, ids=lambda s: f"{s.name}-{s.options}")
def test_loss(spec, weight, dtype, gpu):
    loss, t = losses.get(spec.name, **spec.options), spec.t
    here = Variable(spec.y.astype(dtype))
    expected = loss(here, t, weight)
    expected.backward()
    there = Variable(gpu.from_host(spec.y.astype(dtype)))
    given = [None if a is None else gpu.from_host(np.asarray(a)) for a in (t, weight)]
    with no_sync():
        found = loss(there, *given)
        found.backward()
    for ours, theirs in ((found, expected), (there.grad, here.grad)):
        np.testing.assert_allclose(
            to_host(ours.data), theirs.data, TOLERANCE[dtype], TOLERANCE[dtype]
        )


@pytest.mark.parametrize("spec", [s for s in METRICS if s.id != "FromFunction"], ids=lambda s: s.id)
def test_metric_of_uneven_batches(spec, gpu):
    metric = spec.make()
    for _ in range(2):  # and again after a reset
        metric.reset()
        for cut in (slice(0, 5), slice(5, 6), slice(6, 12)):
            pair = [None if a is None else gpu.from_host(a[cut]) for a in (spec.y, spec.t)]
            metric.update(*[a for a in pair if a is not None])
        np.testing.assert_allclose(metric.result(), spec.oracle(spec.y, spec.t), rtol=1e-5)

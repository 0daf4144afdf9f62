"""What crosses between host and GPU: counted, asynchronous, and nothing that nobody asked for."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import cuda, layers, models, seed
from dezero.backend import backend_of, transfers
from dezero.core import Variable
from dezero.dataloaders import DataLoader

pytestmark = pytest.mark.usefixtures("seeded")
DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_batches_of_a_loader_arrive_whole_and_in_order(prefetch, capturing):
    """They go by pinned memory that takes turns, while the device computes with those before."""
    x = DRAW.standard_normal((60, 257, 129)).astype("f4")
    t = np.arange(60)
    loader = DataLoader((x, t), 4, shuffle=False, gpu=True, prefetch=prefetch)
    sums, kept = [], []
    for number, (batch, labels) in enumerate(loader):
        assert backend_of(batch) is capturing
        sums.append(batch.sum(axis=(1, 2)))  # not waited for
        if number % 5 == 0:
            kept.append((number, batch))  # its memory may not be used again
        assert cuda.as_numpy(labels).tolist() == t[4 * number : 4 * number + 4].tolist()
    found = np.concatenate([cuda.as_numpy(s) for s in sums])
    np.testing.assert_allclose(found, x.sum(axis=(1, 2)), rtol=1e-3, atol=1e-1)
    for number, batch in kept:
        np.testing.assert_array_equal(cuda.as_numpy(batch), x[4 * number : 4 * number + 4])


def fitted(x, t, **options):
    seed(2)
    model = models.Sequential(
        layers.Linear(16), F.relu, layers.Dropout(0.3), layers.Linear(3)
    )  # fmt: skip
    model.build(x.shape)
    model.to_gpu()
    model.compile("adam", "softmax_cross_entropy", metrics=["accuracy"], **options.pop("how", {}))
    with transfers() as moved:
        history = model.fit(x, t, epochs=3, batch_size=16, verbose=0, **options).history
    return history, [cuda.as_numpy(p.data) for p in model.params()], moved


X, T = DRAW.standard_normal((90, 12)).astype("f4"), DRAW.integers(0, 3, 90)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("steps", [1, 4])
def test_ways_of_the_data_make_no_difference(jit, steps, capturing, is_double, record_property):
    with cuda.deterministic():
        plain = fitted(cuda.as_cupy(X), cuda.as_cupy(T), jit=False)
        how = {"steps_per_execution": steps}
        for x, t in ((X, T), (cuda.as_cupy(X), cuda.as_cupy(T))):
            other = fitted(x, t, jit=jit, how=dict(how))
            assert other[0] == plain[0]
            for ours, theirs in zip(other[1], plain[1], strict=True):
                np.testing.assert_array_equal(ours, theirs)
    record_property("moved", repr(other[2]))
    # Loss and accuracy of three epochs; up goes the order of each, and what an epoch needs.
    if is_double:  # the device of the fake stream does not count
        return
    assert other[2].to_host == 3 * 2
    assert other[2].from_host_bytes < 3 * 90 * 8 * 2


def test_devices_do_not_mix(capturing):
    here, there = Variable(X), Variable(cuda.as_cupy(X))
    for mixed in (
        lambda: here + there,
        lambda: F.matmul(there, here.T),
        lambda: F.concat([here, there]),
    ):
        with pytest.raises(TypeError, match="one device, got .*(cuda|numpy)") as error:
            mixed()
        assert "cuda" in str(error.value) and "numpy" in str(error.value)

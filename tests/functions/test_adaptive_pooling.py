"""What specs cannot say of `dezero/functions/adaptive_pooling.py`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from tests.functions.torch_grid import agree, everywhere


@pytest.mark.oracle
@pytest.mark.parametrize("size", [(1, 1), (3, 4), (5, 7), (11, 2)])
@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (1, 1, 1, 1), (2, 2, 8, 6)])
def test_bins_agree_with_torch(rng, shape, size):
    torch = pytest.importorskip("torch").nn.functional
    x = rng.standard_normal(shape)
    everywhere(
        lambda v, layout: F.adaptive_average_pooling(v, size, layout=layout),
        lambda t: torch.adaptive_avg_pool2d(t, size),
        x,
        rng,
    )
    everywhere(
        lambda v, layout: F.adaptive_max_pooling(v, size, layout=layout),
        lambda t: torch.adaptive_max_pool2d(t, size),
        np.round(2 * x),
        rng,
    )


@pytest.mark.oracle
@pytest.mark.parametrize("size", [1, 4])
def test_sequences_agree_with_torch(rng, size):
    torch = pytest.importorskip("torch").nn.functional
    x = rng.standard_normal((2, 3, 11))
    for ours, theirs in (
        (F.adaptive_max_pooling, torch.adaptive_max_pool1d),
        (F.adaptive_average_pooling, torch.adaptive_avg_pool1d),
    ):
        agree(lambda v, f=ours: f(v, size, layout="NCL"), lambda t, f=theirs: f(t, size), x, rng)


@pytest.mark.oracle
def test_global_pooling_agrees_with_torch(rng):
    torch = pytest.importorskip("torch").nn.functional
    x = np.round(2 * rng.standard_normal((2, 3, 4, 5)))
    everywhere(
        lambda v, layout: F.global_max_pooling(v, keepdims=True, layout=layout),
        lambda t: torch.adaptive_max_pool2d(t, 1),
        x,
        rng,
    )
    everywhere(
        lambda v, layout: F.global_average_pooling(v, keepdims=True, layout=layout),
        lambda t: torch.adaptive_avg_pool2d(t, 1),
        x,
        rng,
    )


@pytest.mark.parametrize("layout, shape", [("NCHW", (0, 3, 4, 5)), ("NHWC", (2, 4, 5, 0))])
def test_empty_batches_and_channels(layout, shape):
    x = Variable(np.zeros(shape))
    n, c = shape[0], shape[layout.index("C")]
    for function in (F.global_max_pooling, F.global_average_pooling):
        y = function(x, layout=layout)
        assert y.shape == (n, c)
    y = F.adaptive_max_pooling(x, (3, 2), layout=layout)
    assert y.size == 0 and y.shape == ((n, c, 3, 2) if layout == "NCHW" else (n, 3, 2, c))


def test_infinity_stays_in_its_bin():
    x = np.zeros((1, 1, 5, 5))
    x[0, 0, 0, 0] = np.inf
    y = F.adaptive_average_pooling(x, 3).data[0, 0]
    assert y[0, 0] == np.inf and np.count_nonzero(y) == 1

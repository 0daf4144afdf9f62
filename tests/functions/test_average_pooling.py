"""What specs cannot say of `dezero/functions/average_pooling.py`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from tests.functions.test_pooling import KERNELS, poolings
from tests.functions.torch_grid import agree, everywhere


@pytest.mark.oracle
@pytest.mark.parametrize("kernel", KERNELS)
def test_average_pooling_agrees_with_torch(rng, kernel):
    torch = pytest.importorskip("torch")
    for i, (words, pad) in enumerate(poolings(kernel)):
        counted = words | {"count_include_pad": i % 2 == 0}
        everywhere(
            lambda v, layout, w=counted, p=pad: F.average_pooling(v, pad=p, layout=layout, **w),
            lambda t, w=counted, p=pad: torch.nn.functional.avg_pool2d(t, padding=p, **w),
            rng.standard_normal((2, 3, 7, 8)),
            rng,
        )


@pytest.mark.oracle
def test_average_pooling1d_agrees_with_torch(rng):
    torch = pytest.importorskip("torch")
    agree(
        lambda v: F.average_pooling1d(v, 4, None, 2, ceil_mode=True),
        lambda t: torch.nn.functional.avg_pool1d(t, 4, None, 2, ceil_mode=True),
        rng.standard_normal((2, 3, 11)),
        rng,
    )


def test_means_of_equal_pixels_are_exact():
    x = np.full((1, 1, 6, 6), np.float32(0.1))
    assert (F.average_pooling(x, 3, 1).data == np.float32(0.1)).all()


def test_means_of_float16_do_not_overflow():
    x = Variable(np.full((1, 1, 8, 8), 20000, np.float16))
    y = F.average_pooling(x, 8)
    assert y.dtype == np.float16 and y.data.item() == 20000
    y.backward()
    assert x.grad.dtype == np.float16
    np.testing.assert_array_equal(x.grad.data, np.float16(1 / 64))


def test_a_class_of_its_own_can_be_called():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    np.testing.assert_array_equal(F.AveragePooling(2, 2)(x).data, [[[[2.5, 4.5], [10.5, 12.5]]]])


def test_bug_28_windows_need_not_be_square():
    x = Variable(np.arange(24.0).reshape(1, 1, 4, 6))
    y = F.average_pooling(x, (2, 3), (2, 3))
    np.testing.assert_array_equal(y.data, x.data.reshape(1, 1, 2, 2, 2, 3).mean((3, 5)))
    y.backward()
    np.testing.assert_allclose(x.grad.data, 1 / 6)

"""SinCurve: the book's curve, from a generator of its own."""

import numpy as np

from dezero.dataloaders import SeqDataLoader
from dezero.datasets import SinCurve


def test_training_curve_is_a_noisy_sine():
    data = SinCurve()
    assert len(data) == 999
    assert data.data.shape == data.label.shape == (999, 1) and data.data.dtype == np.float64
    noise = data.data[:, 0] - np.sin(np.linspace(0, 2 * np.pi, 1000))[:-1]
    assert -0.05 <= noise.min() < -0.049 and 0.049 < noise.max() < 0.05
    np.testing.assert_array_equal(data.data[1:], data.label[:-1])


def test_test_curve_is_a_cosine():
    data = SinCurve(train=False)
    np.testing.assert_array_equal(data.data[:, 0], np.cos(np.linspace(0, 2 * np.pi, 1000))[:-1])
    x, t = data[3]
    assert x.shape == (1,) and t == data.data[4]


def test_seed_and_the_global_generator():
    before = np.random.get_state()[1].copy()
    one, same, other = SinCurve(), SinCurve(), SinCurve(seed=1)
    np.testing.assert_array_equal(one.data, same.data)
    assert not np.array_equal(one.data, other.data)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_the_books_loader():
    x, t = next(SeqDataLoader(SinCurve(), batch_size=30))
    assert x.shape == t.shape == (30, 1)

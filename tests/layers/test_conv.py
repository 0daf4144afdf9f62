"""Convolutional layers: first values, errors, how they are shown."""

import copy
import pickle  # noqa: TID251 - layers may travel to worker processes

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.core import Variable
from dezero.models import Sequential
from dezero.optimizers import SGD


def test_upstream_positional_order():
    layer = L.Conv2d(8, 3, 2, 1, True, np.float64, 4)
    assert layer.W.shape == (8, 4, 3, 3) and layer.W.dtype == np.float64 and layer.b is None
    assert (layer.stride, layer.pad) == ((2, 2), 1)
    layer = L.Deconv2d(8, 4, 2, 1, False, np.float32, 3)
    assert layer.W.shape == (3, 8, 4, 4) and layer.b.shape == (8,)
    assert layer(np.ones((1, 3, 5, 5), "f4")).shape == (1, 8, 10, 10)


@pytest.mark.parametrize(
    ("layer", "shape", "fan"),
    [
        (lambda: L.Conv2d(512, 3), (1, 16, 5, 5), 16 * 9),
        (lambda: L.Conv2d(512, 3, layout="NHWC"), (1, 5, 5, 16), 16 * 9),
        (lambda: L.Conv2d(512, 3, groups=4), (1, 64, 5, 5), 16 * 9),
        (lambda: L.Conv1d(512, 9), (1, 16, 9), 16 * 9),
        (lambda: L.Deconv2d(64, 3), (1, 64, 5, 5), 64 * 9),
        (lambda: L.Deconv2d(64, 3, groups=4), (1, 64, 5, 5), 16 * 9),
    ],
)
def test_first_values_have_variance_one_over_fan_in(layer, shape, fan):
    layer = layer()
    layer(np.ones(shape, "f4"))
    assert layer.W.data.std() == pytest.approx(fan**-0.5, rel=0.02)
    assert layer.W.dtype == np.float32 and not layer.b.data.any()


@pytest.mark.parametrize("kind", [L.Conv2d, L.Deconv2d])
def test_orthogonal_kernels_in_both_layouts(kind):
    first = kind(6, 3, in_channels=6, initializer="orthogonal").W.data.reshape(6, -1)
    last = kind(6, 3, in_channels=6, initializer="orthogonal", layout="NHWC").W.data
    for rows in (first, last.reshape(-1, 6).T):
        np.testing.assert_allclose(rows @ rows.T, np.eye(6), atol=1e-6)


def test_shown():
    layer = L.Conv2d(8, (3, 5), 2, "same", True, groups=2, dilation=(1, 2), activation="relu")
    expected = "? -> 8, kernel 3x5, stride 2x2, dilation 1x2, pad same, groups 2, relu, no bias"
    assert layer.details() == expected
    assert L.Conv1d(8, 3, layout="NLC").details() == "? -> 8, kernel 3, NLC"


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: L.Conv2d(0, 3), ValueError, "Conv2d: expected out_channels >= 1"),
        (lambda: L.Conv2d(8, 0), ValueError, "Conv2d: expected kernel_size >= 1"),
        (lambda: L.Conv2d(8, 3, 0), ValueError, "Conv2d: expected stride >= 1"),
        (lambda: L.Conv1d(8, 3, layout="NCHW"), ValueError, "layout 'NCL' or 'NLC', got 'NCHW'"),
        (lambda: L.Conv2d(8, 3, in_channels=3, groups=2), ValueError, "in_channels in 2 equal"),
        (lambda: L.Conv2d(8, 3, dtype=int), TypeError, "Conv2d: expected a floating dtype"),
        (lambda: L.Conv2d(8, 3)(np.ones((3, 5, 5))), ValueError, "expected x with 4 axes, NCHW"),
        (lambda: L.Conv2d(8, 3, 1, "full"), ValueError, "Conv2d: expected pad .* got 'full'"),
        (lambda: L.Conv2d(8, 3, pad=-1), ValueError, "Conv2d: expected pad >= 0"),
        (lambda: L.Conv2d(8, 3, pad=1.5), TypeError, "Conv2d: expected pad as a number"),
        (lambda: L.Conv2d(8, 3, pad="causal"), ValueError, "Conv2d: expected pad .* 'causal'"),
        (lambda: L.Deconv1d(8, 3, pad="causal"), ValueError, "Deconv1d: expected pad .* 'causal'"),
        (lambda: L.Conv1d(8, 3, pad=(1, 2, 3)), ValueError, "Conv1d: expected pad"),
        (lambda: L.Conv2d(9, 3, groups=2), ValueError, "out_channels in 2 equal groups, got 9"),
        (lambda: L.Deconv2d(9, 3, groups=2), ValueError, "out_channels in 2 equal groups, got 9"),
        (lambda: L.Deconv2d(8, 3, in_channels=3, groups=2), ValueError, "in_channels in 2 equal"),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()


def test_weights_of_another_number_of_channels_are_named(tmp_path):
    L.Conv2d(8, 3, in_channels=4).save_weights(tmp_path / "w.npz")
    with pytest.raises(ValueError, match=r"W of shape \(8, 4, 3, 3\) instead of \(9, "):
        L.Conv2d(9, 3).load_weights(tmp_path / "w.npz")


def test_a_network_learns_which_edge_a_picture_has(rng):
    t = rng.integers(0, 2, 64)
    x = rng.normal(0, 0.1, (64, 1, 8, 8)).astype("f4")
    x[t == 0, 0, 3] += 1
    x[t == 1, 0, :, 3] += 1
    model = Sequential(L.Conv2d(4, 3, activation="relu"), L.Flatten(), L.Linear(2))
    model.compile(optimizer="adam", loss="softmax_cross_entropy", metrics=["accuracy"])
    history = model.fit(x, t, epochs=12, batch_size=16, verbose=0)
    assert history.history["accuracy"][-1] > 0.95


@pytest.mark.parametrize("kind", [L.Conv2d, L.Deconv2d])
def test_memory_of_kernels_fits_the_product_and_stays(rng, tmp_path, kind):
    def fits(layer):
        return layer.W.data.transpose(2, 3, 1, 0).flags.c_contiguous

    x = rng.standard_normal((2, 3, 6, 6)).astype("f4")
    layer, eager = kind(5, 3), kind(5, 3, in_channels=3)
    layer(x)
    assert fits(layer) and fits(eager)
    optimizer = SGD(0.1).setup(layer)
    for _ in range(2):
        layer.cleargrads()
        F.sum(layer(x) ** 2).backward()
        optimizer.update()
    assert fits(layer)
    layer.save_weights(tmp_path / "w.npz")
    for fresh in (kind(5, 3), kind(5, 3, in_channels=3)):
        fresh.load_weights(tmp_path / "w.npz")
        assert fits(fresh)
        np.testing.assert_array_equal(fresh.W.data, layer.W.data)
    assert fits(copy.deepcopy(layer)) and fits(pickle.loads(pickle.dumps(layer)))  # noqa: S301


def test_gradient_of_the_picture_is_asked_for(rng):
    x = Variable(rng.standard_normal((1, 2, 4, 4)))
    L.Conv2d(3, 3, pad=1)(x).sum().backward()
    assert x.grad.shape == x.shape

"""SyntheticFashion: shapes, repeatability, and the two accuracies that it promises."""

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dezero.datasets import SyntheticFashion
from dezero.datasets.images import FASHION_CLASSES
from dezero.datasets.synthetic import CHUNK, draw_garments


def test_shapes_and_types_are_those_of_fashion_mnist():
    data = SyntheticFashion(size=50)
    assert data.data.shape == (50, 1, 28, 28) and data.data.dtype == np.uint8
    assert data.label.shape == (50,) and data.label.dtype == np.uint8
    assert data.classes == FASHION_CLASSES and data.labels()[5] == "Sandal"
    x, t = data[:20]
    assert x.shape == (20, 784) and x.dtype == np.float32 and 0.0 <= x.min() < x.max() <= 1.0
    assert data.grid(2, 3).shape == (56, 84)


def test_seed_repeats_and_streams_differ():
    images, labels = draw_garments(300, seed=5)
    again, same = draw_garments(300, seed=5)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, same)
    for other in (draw_garments(300, seed=6), draw_garments(300, seed=5, train=False)):
        assert (other[0] != images).any(axis=(1, 2)).all()
        assert (other[1] != labels).any()


def test_image_does_not_depend_on_size():
    few, few_labels = draw_garments(CHUNK + 10)
    many, many_labels = draw_garments(2 * CHUNK)
    np.testing.assert_array_equal(few, many[: CHUNK + 10])
    np.testing.assert_array_equal(few_labels, many_labels[: CHUNK + 10])
    assert not np.array_equal(many[:CHUNK], many[CHUNK:])


def test_classes_are_equally_frequent():
    labels = draw_garments(3 * CHUNK)[1]
    np.testing.assert_array_equal(np.bincount(labels), np.full(10, 3 * CHUNK // 10))


def test_brightness_fills_the_range():
    images, _ = draw_garments(CHUNK)
    assert images.min() == 0 and images.max() == 255
    assert 0.3 < (images > 20).mean() < 0.5
    assert (images == 255).mean() < 0.01


def test_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    draw_garments(10)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("options", [{"size": 0}, {"size": -3}, {"seed": -1}])
def test_arguments(options):
    with pytest.raises(ValueError, match=r"SyntheticFashion: expected size >= 1 and seed >= 0"):
        SyntheticFashion(**options)


@pytest.mark.parametrize("options", [{"size": 10.0}, {"size": True}, {"seed": "a"}, {"seed": None}])
def test_arguments_that_are_no_integers(options):
    with pytest.raises(TypeError, match=r"SyntheticFashion: expected an integer as (size|seed)"):
        SyntheticFashion(**options)


def network_of(sizes, rng):
    """Return weights and biases, in turn, of a network with relu between its layers."""
    arrays = []
    for a, b in pairwise(sizes):
        arrays += [rng.standard_normal((a, b), dtype=np.float32) * np.float32(a**-0.5)]
        arrays += [np.zeros(b, np.float32)]
    return arrays


def outputs(network, x):
    layers = [x]
    for w, b in zip(network[::2], network[1::2], strict=True):
        z = layers[-1] @ w
        z += b
        layers.append(np.maximum(z, 0, out=z) if w is not network[-2] else z)
    return layers


def gradients(network, x, t):
    layers = outputs(network, x)
    p = np.exp(layers[-1] - layers[-1].max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(t)), t] -= 1
    g, result = p / np.float32(len(t)), []
    for w, a in zip(network[-2::-2], layers[-2::-1], strict=True):
        result += [g.sum(axis=0), a.T @ g]
        if a is not x:
            g = (g @ w.T) * (a > 0)
    return result[::-1]


def train(network, data, epochs, batch, rng):
    """Adam, Kingma and Ba 2015, with its own constants."""
    x, t = data
    state = [(np.zeros_like(p), np.zeros_like(p)) for p in network]
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch):
            index = order[start : start + batch]
            step += 1
            scale = np.float32(0.001 * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step))
            for p, (m, v), g in zip(
                network, state, gradients(network, x[index], t[index]), strict=True
            ):
                m += np.float32(0.1) * (g - m)
                v += np.float32(0.001) * (g * g - v)
                update = np.sqrt(v)
                update += np.float32(1e-8)
                p -= scale * np.divide(m, update, out=update)


def accuracy(network, data):
    return float((outputs(network, data[0])[-1].argmax(axis=1) == data[1]).mean())


@pytest.mark.slow
def test_seventy_thousand_take_a_few_seconds():
    start = time.perf_counter()
    assert len(SyntheticFashion()) == 60000 and len(SyntheticFashion(train=False)) == 10000
    assert time.perf_counter() - start < 6.0


def measure():
    """Return the test accuracies of a linear model and of 784-128-10."""
    training, test = SyntheticFashion()[:], SyntheticFashion(train=False)[:]
    rng = np.random.default_rng(0)
    linear, mlp = network_of([784, 10], rng), network_of([784, 128, 10], rng)
    train(linear, training, epochs=4, batch=128, rng=rng)
    train(mlp, training, epochs=5, batch=32, rng=rng)
    return accuracy(linear, test), accuracy(mlp, test)


@pytest.mark.slow
def test_linear_model_stays_low_and_the_mlp_rises():
    # A process of its own with one thread: BLAS threads that wait for each other in such small
    # products make this several times slower on a busy machine.
    root = Path(__file__).parents[2]
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    run = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | one | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    linear, mlp = map(float, run.stdout.split())
    assert 0.75 < linear < 0.89
    assert mlp > 0.96


if __name__ == "__main__":
    print(*measure())

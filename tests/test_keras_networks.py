"""Nine networks with every optimizer, 50 steps beside what real Keras recorded."""

import re

import numpy as np
import pytest

from dezero import keras
from tests.keras.agreement import PAGE, differences, recorded
from tests.keras.recorded.record_agreement import CASES, DEFAULTS, NETWORKS, OPTIMIZERS

ALLOWED = 1e-4
# Three networks, each with another optimizer; the others are many and slow together.
FIRST = {(n, list(DEFAULTS)[i]) for i, n in enumerate(NETWORKS) if i % 3 == 0}


def is_quick(case):
    return () if case in FIRST else pytest.mark.slow


@pytest.mark.parametrize(
    ("network", "name"), [pytest.param(*case, marks=is_quick(case)) for case in CASES]
)
def test_fifty_steps(network, name):
    loss, metric, weights = differences(network, name)
    assert loss < ALLOWED and metric < ALLOWED and weights < ALLOWED


def test_every_network_has_every_optimizer():
    assert {(network, name) for network in NETWORKS for name in DEFAULTS} <= set(CASES)
    kinds = {build for build, _ in OPTIMIZERS.values()}
    assert kinds == {build for build, _ in DEFAULTS.values()}
    for network, (_, names) in NETWORKS.items():
        arrays, keys = recorded(network)
        assert {key.partition("/")[0] for key in arrays} == set(names)
        for name in names:
            assert arrays[f"{name}/steps"].shape == (50, len(keys) // 2)


def test_the_page_shows_every_case():
    text = PAGE.read_text(encoding="utf-8")
    rows = {line.split(" | ")[0][2:]: line for line in text.splitlines() if " / " in line}
    assert set(rows) == set(OPTIMIZERS)
    for name, row in rows.items():
        fields = [field.strip() for field in row.strip("|").split("|")][1:]
        assert [bool(field) for field in fields] == [(n, name) in CASES for n in NETWORKS]
        assert all(float(value) < 100 for value in re.findall(r"[\d.]+", " ".join(fields)))


def test_a_word_that_comes_twice_is_trained_by_its_gradient():
    # The one known difference: Keras adds up 1 + 1 squares where the gradient is 2, and its weight
    # goes to -2 / sqrt(2).
    vectors = keras.layers.Embedding(3, 1, embeddings_initializer="zeros")
    total = keras.layers.Lambda(lambda x: x.sum(axis=1))
    model = keras.Sequential([keras.Input((2,)), vectors, total])
    adagrad = keras.optimizers.Adagrad(1.0, initial_accumulator_value=0.0)
    model.compile(adagrad, loss=lambda y_true, y_pred: y_pred)
    model.train_on_batch(np.array([[1, 1]]), np.zeros((1, 1)))
    assert model.get_weights()[0].ravel() == pytest.approx([0, -1, 0], abs=1e-3)

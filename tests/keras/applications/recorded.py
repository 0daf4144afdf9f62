"""Compare an application with what real Keras was recorded to make of it."""

import json
from pathlib import Path

import numpy as np

import dezero
from dezero.keras import applications, backend
from tests.keras.applications.drawn import layers_of, picture, weights_of

RECORDED = Path(__file__).parents[1] / "recorded"


def same_layers(name):
    """Names, classes, shapes and counts with the top, at full size."""
    words = json.loads((RECORDED / "applications.json").read_text(encoding="utf-8"))[name]
    backend.clear_session()
    model = getattr(applications, name)(weights=None)
    assert model.name == words["name"]
    assert layers_of(model) == words["layers"]
    assert model.count_params() == words["params"]


def same_output(name):
    """The layers without the top, and their output with the same weights, to 1e-4 of its size."""
    words = json.loads((RECORDED / "applications.json").read_text(encoding="utf-8"))[name]
    backend.clear_session()
    model = getattr(applications, name)(weights=None, include_top=False, input_shape=(75, 75, 3))
    assert layers_of(model) == words["small"]
    model.set_weights(weights_of(model))
    with dezero.test_mode(), dezero.no_grad():
        got = np.asarray(model(picture()).data)
    with np.load(RECORDED / "applications.npz") as held:
        want = held[name]
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * np.abs(want).max())

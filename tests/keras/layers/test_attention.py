"""Tests of `dezero/keras/layers/attention.py`."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.keras import layers
from dezero.keras.masks import mask_of
from tests.keras.recorded_layers import cases_of, check, check_words

CASES = cases_of("MultiHeadAttention", "Attention")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_numbers_and_words_are_those_of_keras(case):
    check(case)
    check_words(case)


def attention(**options):
    layer = layers.MultiHeadAttention(2, 3, **options)
    x = np.random.default_rng(0).standard_normal((2, 5, 4)).astype(np.float32)
    layer(x, x)
    return layer, x


def test_query_value_and_key_go_by_name_too():
    layer, x = attention()
    np.testing.assert_array_equal(layer(query=x, value=x, key=x).data, layer(x, value=x).data)
    assert [w.shape for w in layer.weights][:2] == [(4, 2, 3), (2, 3)]
    assert layer.weights[-2].shape == (2, 3, 4)


def test_masks_come_with_the_tensors():
    layer, x = attention()
    ids = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0]])
    embedding = layers.Embedding(6, 4, mask_zero=True)
    e = embedding(ids)
    y = layer(e, e)
    keep = ids != 0
    wanted = layer(Variable(e.data), Variable(e.data), query_mask=keep, value_mask=keep)
    np.testing.assert_array_equal(y.data, wanted.data)
    np.testing.assert_array_equal(mask_of(y), keep)


def test_an_attention_mask_joins_the_others():
    layer, x = attention()
    seen = np.tri(5, dtype=bool)[None].repeat(2, 0)
    a = layer(x, x, attention_mask=seen).data
    np.testing.assert_allclose(a, layer(x, x, use_causal_mask=True).data, atol=1e-6)
    heads = seen[:, None].repeat(2, 1)
    keep = np.ones((2, 5), bool)
    b = layer(x, x, attention_mask=heads, query_mask=keep).data
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_dropout_is_of_training_alone():
    layer, x = attention(dropout=0.5, seed=1)
    np.testing.assert_array_equal(
        layer(x, x, training=False).data, layer(x, x, training=False).data
    )
    assert abs(layer(x, x, training=True).data - layer(x, x, training=False).data).max() > 1e-3
    plain = layers.Attention(dropout=0.9, seed=2)
    still = plain([x, x], training=False).data
    assert abs(plain([x, x], training=True).data - still).max() > 1e-3


def test_a_frozen_layer_has_frozen_projections():
    layer, x = attention(trainable=False)
    assert not layer.trainable_weights and len(layer.weights) == 8


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.MultiHeadAttention(0, 3), ValueError, "expected num_heads >= 1"),
        (lambda: layers.MultiHeadAttention(2, 0.5), TypeError, "expected key_dim as a number"),
        (lambda: layers.Attention(score_mode="sum"), ValueError, "expected score_mode 'dot'"),
        (
            lambda: layers.MultiHeadAttention(2, 3, attention_axes=2).build((None, 2, 3, 4)),
            ValueError,
            r"expected attention_axes \[1, 2\] or None, got \[2\]",
        ),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()

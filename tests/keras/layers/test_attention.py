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


PICTURES = np.random.default_rng(1).standard_normal((2, 3, 4, 5, 6)).astype(np.float32)


@pytest.mark.parametrize("axes", [(1,), 2, (-2,), (1, 2), (3, 1), (2, 3)])
def test_places_see_each_other_along_the_attended_axes(axes):
    """As if the other axes were samples of their own."""
    layer = layers.MultiHeadAttention(2, 3, attention_axes=axes)
    y, scores = layer(PICTURES, PICTURES, return_attention_scores=True)
    attended = sorted(a % 5 for a in np.atleast_1d(axes))
    others = [a for a in (1, 2, 3) if a not in attended]
    order = (0, *others, *attended, 4)
    folded = PICTURES.transpose(order)
    sizes = [PICTURES.shape[a] for a in attended]
    alone = layers.MultiHeadAttention(2, 3)
    x = folded.reshape(-1, *sizes, 6)
    alone(x, x)
    alone.set_weights(layer.get_weights())
    wanted, shares = alone(x, x, return_attention_scores=True)
    np.testing.assert_allclose(
        y.data.transpose(order), wanted.data.reshape(folded.shape), atol=1e-6
    )
    batch = [PICTURES.shape[a] for a in (0, *others)]
    assert scores.shape == (*batch, 2, *sizes, *sizes)
    np.testing.assert_allclose(scores.data.reshape(shares.shape), shares.data, atol=1e-6)
    plain = layer(PICTURES, PICTURES)
    np.testing.assert_allclose(plain.data, y.data, atol=1e-6)


def test_masks_beside_axes_that_are_not_attended_to():
    layer = layers.MultiHeadAttention(2, 3, attention_axes=2)
    x = PICTURES[..., 0]  # (2, 3, 4, 5): axis 2 attends
    seen = np.random.default_rng(0).random((2, 4, 4)) < 0.6
    y = layer(x, x, attention_mask=seen).data
    full = np.broadcast_to(seen[:, None], (2, 3, 4, 4))
    np.testing.assert_array_equal(y, layer(x, x, attention_mask=full).data)
    for i in range(3):
        one = layers.MultiHeadAttention(2, 3)
        one(x[:, i], x[:, i])
        one.set_weights(layer.get_weights())
        np.testing.assert_allclose(
            y[:, i], one(x[:, i], x[:, i], attention_mask=seen).data, atol=1e-6
        )
    keep = np.arange(4) < np.array([[2], [4]])
    masked = layer(x, x, value_mask=keep).data
    wide = layer(x, x, attention_mask=np.broadcast_to(keep[:, None], (2, 4, 4))).data
    np.testing.assert_array_equal(masked, wide)


def test_masks_of_two_attended_axes():
    layer = layers.MultiHeadAttention(2, 3)
    x = PICTURES[:, 0]  # (2, 4, 5, 6)
    seen = np.random.default_rng(0).random((2, 4, 5, 4, 5)) < 0.6
    y = layer(x, x, attention_mask=seen).data
    np.testing.assert_array_equal(y, layer(x, x, attention_mask=seen.reshape(2, 20, 20)).data)
    keep = np.random.default_rng(1).random((2, 4, 5)) < 0.6
    np.testing.assert_array_equal(
        layer(x, x, value_mask=keep).data, layer(x, x, value_mask=keep.reshape(2, 20)).data
    )


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: layers.MultiHeadAttention(0, 3), ValueError, "expected num_heads >= 1"),
        (lambda: layers.MultiHeadAttention(2, 0.5), TypeError, "expected key_dim as a number"),
        (lambda: layers.Attention(score_mode="sum"), ValueError, "expected score_mode 'dot'"),
        (lambda: layers.Attention()(PICTURES[0, 0]), ValueError, "expected .query, value. or"),
        (lambda: layers.Attention()([PICTURES]), ValueError, "expected .query, value. or"),
        (
            lambda: layers.MultiHeadAttention(2, 3, attention_axes=3).build((None, 2, 3, 4)),
            ValueError,
            r"expected attention_axes out of \[1, 2\] for inputs of 4 axes, got \[3\]",
        ),
    ],
)
def test_errors(make, error, match):
    with pytest.raises(error, match=match):
        make()

"""TextVectorization; the wanted values are Keras 3.15's."""

import numpy as np
import pytest

from dezero import tf
from dezero.keras import layers

TEXTS = ["the cat sat on the mat", "the dog sat", "a dog"]


def test_indices():
    layer = layers.TextVectorization(max_tokens=8, output_mode="int", output_sequence_length=6)
    layer.adapt(["The cat, sat on the mat!", "the dog sat", "a dog"])
    assert layer.get_vocabulary() == ["", "[UNK]", "the", "sat", "dog", "on", "mat", "cat"]
    wanted = np.array([[2, 4, 1, 0, 0, 0], [7, 0, 0, 0, 0, 0]])
    np.testing.assert_array_equal(layer(["The dog flew", "cat"]).data, wanted, strict=True)
    data = tf.data.Dataset.from_tensor_slices((np.array(TEXTS), np.arange(3))).batch(2)
    (x, t), _ = data.map(lambda text, label: (layer(text), label))
    assert x.data[1].tolist() == [2, 4, 3, 0, 0, 0] and t.tolist() == [0, 1]
    other = layers.TextVectorization.from_config(layer.get_config())
    np.testing.assert_array_equal(other(["The dog flew", "cat"]).data, wanted)
    from_data = layers.TextVectorization(max_tokens=8)
    from_data.adapt(data)
    assert from_data.get_vocabulary() == layer.get_vocabulary()


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("multi_hot", [1, 1, 0, 1, 0, 0]),
        ("count", [1, 2, 0, 1, 0, 0]),
        ("tf_idf", [0.7824046015739441, 1.3862943649291992, 0.0, 0.6931471824645996, 0.0, 0.0]),
    ],
)
def test_counts(mode, wanted):
    layer = layers.TextVectorization(max_tokens=6, output_mode=mode)
    layer.adapt(TEXTS)
    np.testing.assert_allclose(layer(["the dog the zoo"]).data, [wanted], rtol=1e-6)
    np.testing.assert_allclose(layer("the dog the zoo").data, wanted, rtol=1e-6)
    assert layer([]).shape == (0, 6) and layer.compute_output_shape((None,)) == (None, 6)


def test_several_words_and_letters():
    pairs = layers.TextVectorization(ngrams=2, standardize="lower")
    pairs.adapt(["a b c", "a b"])
    assert pairs.get_vocabulary() == ["", "[UNK]", "b", "a b", "a", "c", "b c"]
    assert pairs(["A b c"]).data.tolist() == [[4, 2, 5, 3, 6]]
    letters = layers.TextVectorization(split="character")
    letters.adapt(["abca"])
    assert letters.get_vocabulary() == ["", "[UNK]", "a", "c", "b"]
    assert letters("ab").data.tolist() == [2, 4]
    assert letters(["ab", "abc"]).data.tolist() == [[2, 4, 0], [2, 4, 3]]


def test_functions_of_your_own():
    layer = layers.TextVectorization(
        standardize=lambda text: text.replace("<br />", " "),
        split=lambda text: text.split("-"),
        vocabulary=["x", "y"],
    )
    assert layer(["y-x-q"]).data.tolist() == [[3, 2, 1]]
    whole = layers.TextVectorization(standardize=None, split=None, vocabulary=["x y"])
    assert whole(["x y"]).data.tolist() == [[2]]
    with pytest.raises(ValueError, match="expected split 'whitespace', 'character', None"):
        layers.TextVectorization(split="words")
    with pytest.raises(ValueError, match="expected ragged=False"):
        layers.TextVectorization(ragged=True)

"""StringLookup and IntegerLookup; the wanted values are Keras 3.15's."""

import numpy as np
import pytest

from dezero.keras import Input, Model, layers, models
from dezero.preprocessing import Pipeline

WORDS = ["a", "b", "b", "c", "c", "c"]


def test_words_by_how_often_they_come():
    layer = layers.StringLookup()
    layer.adapt(WORDS)
    assert layer.get_vocabulary() == ["[UNK]", "c", "b", "a"] and layer.vocabulary_size() == 4
    found = layer([["a", "z"], ["c", ""]])
    np.testing.assert_array_equal(found.data, np.array([[3, 0], [1, 0]]), strict=True)
    few = layers.StringLookup(max_tokens=3)
    few.adapt(Pipeline.from_tensor_slices((np.array(WORDS), np.arange(6))).batch(4))
    assert few.get_vocabulary() == ["[UNK]", "c", "b"]


@pytest.mark.parametrize(
    ("options", "wanted", "tokens"),
    [
        ({"num_oov_indices": 0}, [0, 2], ["a", "b", "c"]),
        ({"mask_token": "[M]"}, [2, 4], ["[M]", "[UNK]", "a", "b", "c"]),
        ({"output_mode": "one_hot"}, [[0, 1, 0, 0], [0, 0, 0, 1]], ["[UNK]", "a", "b", "c"]),
        ({"output_mode": "multi_hot"}, [0, 1, 0, 1], ["[UNK]", "a", "b", "c"]),
        ({"output_mode": "count", "mask_token": ""}, [0, 1, 0, 1], ["[UNK]", "a", "b", "c"]),
        (
            {"output_mode": "count", "pad_to_max_tokens": True, "max_tokens": 5},
            [0, 1, 0, 1, 0],
            ["[UNK]", "a", "b", "c"],
        ),
    ],
)
def test_modes(options, wanted, tokens):
    layer = layers.StringLookup(vocabulary=["a", "b", "c"], **options)
    assert layer(np.array(["a", "c"])).data.tolist() == wanted
    assert layer.get_vocabulary() == tokens


def test_from_indices_to_words():
    layer = layers.StringLookup(vocabulary=["a", "b"], invert=True)
    assert layer([[0, 1], [2, 9]]).tolist() == [["[UNK]", "a"], ["b", "[UNK]"]]
    back = layers.IntegerLookup(vocabulary=[10, 20], invert=True)
    assert back(np.array([1, 2, 0])).tolist() == [10, 20, -1]


def test_numbers():
    layer = layers.IntegerLookup()
    layer.adapt(np.array([5, 5, 7]))
    assert layer.get_vocabulary() == [-1, 5, 7]
    assert layer(np.array([[5], [7], [9]])).data.tolist() == [[1], [2], [0]]
    masked = layers.IntegerLookup(vocabulary=[12, 36], mask_token=0)
    assert masked(np.array([0, 12, 36, 1])).data.tolist() == [0, 2, 3, 1]


def test_in_a_model_and_its_description():
    x = Input((1,), dtype="int64")
    y = layers.IntegerLookup(vocabulary=[3, 5], output_mode="one_hot")(x)
    assert y.shape == (None, 3) and y.dtype == "int64"
    model = Model(x, layers.Dense(2)(y))
    twin = models.model_from_json(model.to_json())
    twin.set_weights(model.get_weights())
    same = model.predict(np.array([[3], [9]]), verbose=0)
    np.testing.assert_array_equal(twin.predict(np.array([[3], [9]]), verbose=0), same)


def test_a_file_of_words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("가\n나\n", "utf-8")
    assert layers.StringLookup(vocabulary=str(path))(["나"]).data.tolist() == [2]
    again = layers.StringLookup(vocabulary=["[UNK]", "x"])
    assert again.get_vocabulary() == ["[UNK]", "x"] and again([b"x"]).data.tolist() == [1]


def test_errors():
    with pytest.raises(ValueError, match="expected tokens of the vocabulary, got 'z'"):
        layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["z"])
    with pytest.raises(ValueError, match=r"expected each token once, got \['a'\] again"):
        layers.StringLookup(vocabulary=["a", "a"])
    with pytest.raises(ValueError, match="expected num_oov_indices 0 or 1, got 2"):
        layers.StringLookup(num_oov_indices=2)
    with pytest.raises(ValueError, match="expected idf_weights for 'tf_idf'"):
        layers.StringLookup(vocabulary=["a"], output_mode="tf_idf")
    with pytest.raises(ValueError, match="expected output_mode"):
        layers.StringLookup(output_mode="words")

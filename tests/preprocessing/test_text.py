"""Tokenizer: numbers by frequency, words not seen, matrices; values of real Keras typed in."""

import json

import numpy as np
import pytest

from dezero.preprocessing import (
    Tokenizer,
    hashing_trick,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)

TEXTS = ["The cat sat on the mat.", "The dog sat, the dog ran!", "A cat; a DOG & a mat", ""]
NEW = ["the bird sat on a cat", "dog dog"]


def seen(**options):
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_words():
    assert text_to_word_sequence("Hello,  World!\n") == ["hello", "world"]
    assert text_to_word_sequence("a-b c", filters="-", lower=False, split="_") == ["a", "b c"]
    assert text_to_word_sequence("고양이, 개") == ["고양이", "개"]


def test_frequent_words_have_low_numbers():
    tokenizer = seen()
    assert tokenizer.word_index == {
        "the": 1, "dog": 2, "a": 3, "cat": 4, "sat": 5, "mat": 6, "on": 7, "ran": 8,
    }  # fmt: skip
    assert tokenizer.word_counts["the"] == 4 and tokenizer.word_docs["the"] == 2
    assert tokenizer.document_count == 4 and tokenizer.index_docs[2] == 2
    assert tokenizer.texts_to_sequences(NEW) == [[1, 5, 7, 3, 4], [2, 2]]
    assert tokenizer.sequences_to_texts([[1, 2, 99]]) == ["the dog"]


def test_words_that_are_not_known_or_not_kept():
    tokenizer = seen(num_words=5, oov_token="?")
    assert tokenizer.word_index["?"] == 1 and tokenizer.word_index["the"] == 2
    assert tokenizer.texts_to_sequences(NEW) == [[2, 1, 1, 1, 4, 1], [3, 3]]
    assert tokenizer.sequences_to_texts([[2, 7, 99]]) == ["the ? ?"]
    assert seen(num_words=3).texts_to_sequences(NEW) == [[1], [2, 2]]


def test_characters_lists_and_an_analyzer():
    tokenizer = Tokenizer(char_level=True)
    tokenizer.fit_on_texts(["aAb"])
    assert tokenizer.texts_to_sequences(["ba"]) == [[2, 1]]
    tokenizer = Tokenizer(lower=False)
    tokenizer.fit_on_texts([["A", "b"], ("b",)])
    assert tokenizer.word_index == {"b": 1, "A": 2}
    tokenizer = Tokenizer(analyzer=lambda text: text.split("|"))
    tokenizer.fit_on_texts(["x y|z"])
    assert tokenizer.word_index == {"x y": 1, "z": 2}


def test_matrices():
    tokenizer = seen()
    binary = tokenizer.texts_to_matrix(NEW)
    assert binary[:, [1, 2, 3]].tolist() == [[1, 0, 1], [0, 1, 0]] and binary.shape == (2, 9)
    assert tokenizer.texts_to_matrix(NEW, "count")[1, 2] == 2
    assert tokenizer.texts_to_matrix(NEW, "freq")[0, 1] == 0.2
    tfidf = tokenizer.texts_to_matrix(NEW, "tfidf")
    assert tfidf[1, 2] == pytest.approx((1 + np.log(2)) * np.log(1 + 4 / 3))
    tokenizer = Tokenizer(num_words=3)
    tokenizer.fit_on_sequences([[1, 2], [2, 7]])
    assert tokenizer.sequences_to_matrix([[2, 7], []], "tfidf").tolist() == [
        [0, 0, pytest.approx(np.log(1 + 2 / 3))], [0, 0, 0],
    ]  # fmt: skip


def test_json_both_ways():
    tokenizer = seen(num_words=5, oov_token="?")
    again = tokenizer_from_json(tokenizer.to_json())
    assert vars(again) == vars(tokenizer)
    assert json.loads(tokenizer.to_json())["class_name"] == "Tokenizer"
    for text in ("{}", "no json", '{"config": {"odd": 1}}'):
        with pytest.raises(ValueError, match="tokenizer_from_json: expected"):
            tokenizer_from_json(text)


def test_hashes_are_the_same_in_every_run():
    assert one_hot("the cat the", 50) == hashing_trick("the cat the", 50, "md5")
    numbers = one_hot("the cat the", 50)
    assert numbers[0] == numbers[2] and all(1 <= number < 50 for number in numbers)
    assert hashing_trick("ab c", 10, len) == [3, 2]
    with pytest.raises(ValueError, match="expected n >= 2"):
        one_hot("a", 1)


def test_refusals():
    for call in (Tokenizer().fit_on_texts, Tokenizer().texts_to_sequences):
        with pytest.raises(TypeError, match="expected a list of texts"):
            call("a text")
    with pytest.raises(ValueError, match="mode to be one of"):
        seen().texts_to_matrix(NEW, "sum")
    for tokenizer, mode in ((Tokenizer(), "count"), (Tokenizer(num_words=3), "tfidf")):
        with pytest.raises(ValueError, match="Call fit_on_texts first"):
            tokenizer.sequences_to_matrix([[1]], mode)


@pytest.mark.oracle
def test_keras_agrees():
    theirs = pytest.importorskip("keras.src.legacy.preprocessing.text")
    for options in ({}, {"num_words": 5}, {"oov_token": "?"}, {"char_level": True}):
        real = theirs.Tokenizer(**options)
        real.fit_on_texts(TEXTS)
        ours = tokenizer_from_json(real.to_json())
        assert seen(**options).word_index == ours.word_index == real.word_index
        assert seen(**options).texts_to_sequences(NEW) == real.texts_to_sequences(NEW)
        assert ours.sequences_to_texts([[1, 9, 3]]) == real.sequences_to_texts([[1, 9, 3]])
        for mode in ("binary", "count", "tfidf", "freq"):
            np.testing.assert_allclose(
                seen(**options).texts_to_matrix(NEW, mode), real.texts_to_matrix(NEW, mode)
            )

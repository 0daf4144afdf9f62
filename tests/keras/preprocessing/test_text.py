"""The Tokenizer at Keras's place."""

from dezero.keras.preprocessing.text import Tokenizer


def test_it_is_there():
    tokenizer = Tokenizer(num_words=3)
    tokenizer.fit_on_texts(["a b a"])
    assert tokenizer.texts_to_sequences(["b a"]) == [[2, 1]]

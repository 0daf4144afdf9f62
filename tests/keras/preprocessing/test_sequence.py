"""pad_sequences at Keras's place."""

from dezero.keras.preprocessing.sequence import pad_sequences


def test_it_is_there():
    assert pad_sequences([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]

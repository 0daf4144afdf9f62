"""Names as Keras counts them."""

import pytest

from dezero.keras.naming import clear_names, snake_case, unique_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dense", "dense"),
        ("Conv2D", "conv2d"),
        ("MaxPooling2D", "max_pooling2d"),
        ("LSTM", "lstm"),
        ("ReLU", "re_lu"),
        ("PReLU", "p_re_lu"),
        ("GlobalAveragePooling1D", "global_average_pooling1d"),
        ("BatchNormalization", "batch_normalization"),
        ("My<Layer>", "my_layer"),
    ],
)
def test_snake_case(name, expected):
    assert snake_case(name) == expected


def test_names_are_counted_until_they_are_cleared():
    clear_names()
    assert [unique_name("dense") for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert unique_name("conv2d") == "conv2d"
    clear_names()
    assert unique_name("dense") == "dense"

"""Arguments without names."""

import pytest

from dezero.keras.arguments import named


def test_values_get_their_names():
    given = {"c": 3}
    named("f", ("a", "b", "c"), (1, 2), given)
    assert given == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("values", "given", "text"),
    [
        ((1, 2), {}, "f: expected arguments a, got 2 without names. Name them"),
        ((1,), {"a": 2}, "f: expected arguments a, got 1 without names and a again"),
        ((), {"aa": 2}, "f argument: unknown name 'aa'. Did you mean 'a'"),
    ],
)
def test_what_is_refused(values, given, text):
    with pytest.raises(ValueError, match=text):
        named("f", ("a",), values, given)

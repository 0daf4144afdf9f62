"""The number that says whether an update changes nothing."""

from dezero.backend.skipping import SKIP, skipping


def test_it_holds_inside_the_block_alone():
    assert SKIP.get() == 0.0
    with skipping(1.0):
        assert SKIP.get() == 1.0
        with skipping(0.0):
            assert SKIP.get() == 0.0
        assert SKIP.get() == 1.0
    assert SKIP.get() == 0.0

"""How wide text is, and what of it may be written."""

import pytest

from dezero.inspection.graphs.text import clean, clipped, width


@pytest.mark.parametrize("text", ["SoftmaxCrossEntropy", "(64, 3, 224, 224) float32", "résumé b"])
def test_width_is_that_of_the_font(text):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    # Without the side bearings of the first and the last letter.
    drawn = TextPath((0, 0), text, size=100, prop=FontProperties(family="DejaVu Sans"))
    extents = drawn.get_extents()
    assert width(text, 100) == pytest.approx(extents.x1 + extents.x0, rel=0.02)


def test_wide_letters_take_a_square_and_accents_nothing():
    assert width("한글", 10) == width("漢字", 10) == width("かな", 10) == 20
    assert width("e\u0301", 10) == width("é", 10) == width("e", 10)
    assert width("a\u200bb", 10) == width("ab", 10)
    assert width("", 10) == 0 and width("Ж", 10) == 7.5


def test_clean_keeps_to_one_line_that_xml_can_carry():
    assert clean("a\n  b\tc") == "a b c"
    assert clean("x\0y\x1b\ud800\ufffe") == "x\ufffdy\ufffd\ufffd\ufffd"
    assert clean("한글 <&> 😀") == "한글 <&> 😀"


def test_clipped_fits():
    assert clipped("short", 100, 12) == "short"
    for room in (30, 60, 90):
        text = clipped("a rather long name of a variable", room, 12)
        assert text.endswith("…") and 0.6 * room < width(text, 12) <= room
    assert clipped("long", 1, 12) == "…"

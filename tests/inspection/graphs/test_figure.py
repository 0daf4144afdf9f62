"""PNG, PDF and the rest, through matplotlib."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import dezero.functions as F
from dezero.core import Variable
from dezero.inspection import plot_dot_graph
from dezero.inspection.graphs import figure
from dezero.inspection.graphs.frames import Frame
from dezero.inspection.graphs.layout import Box, arranged
from dezero.inspection.graphs.shapes import shapes_of
from dezero.inspection.graphs.walk import Graph, Node, walk


def small():
    x = Variable(np.ones((2, 3)), "x $1$ _a_")
    return F.sum(x * x)


def test_png_is_the_drawing_at_twice_its_size(tmp_path):
    picture = plot_dot_graph(small(), to_file=tmp_path / "g.png")
    with Image.open(tmp_path / "g.png") as image:
        assert image.format == "PNG"
        size = (2 * picture.layout.width, 2 * picture.layout.height)
        assert image.size == pytest.approx(size, abs=1)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (pixels[0, 0] == 255).all()
    for box, shape in zip(picture.layout.boxes, picture.shapes, strict=True):
        # Beside the text, inside the outline.
        y, x = round(2 * box.y), round(2 * (box.x - box.width / 2) + 8)
        expected = (173, 216, 230) if shape.is_function else (255, 183, 77)
        assert np.abs(pixels[y, x] - expected).max() < 12


@pytest.mark.parametrize(
    ("ending", "start"), [("pdf", b"%PDF"), ("jpg", b"\xff\xd8"), ("PNG", b"\x89PNG")]
)
def test_other_formats(tmp_path, ending, start):
    plot_dot_graph(small(), to_file=tmp_path / f"g.{ending}")
    assert (tmp_path / f"g.{ending}").read_bytes().startswith(start)


def test_the_same_graph_gives_the_same_pdf(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        plot_dot_graph(small(), to_file=tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_settings_of_the_user_neither_matter_nor_change(tmp_path):
    plot_dot_graph(small(), to_file=tmp_path / "a.png")
    with mpl.rc_context({"savefig.bbox": "tight", "figure.facecolor": "black", "font.size": 30}):
        plot_dot_graph(small(), to_file=tmp_path / "b.png")
        assert mpl.rcParams["savefig.bbox"] == "tight"
    with Image.open(tmp_path / "a.png") as a, Image.open(tmp_path / "b.png") as b:
        assert np.array_equal(np.asarray(a), np.asarray(b))


def test_letters_that_no_font_has_are_told(tmp_path):
    with pytest.warns(UserWarning, match=r"no font on this machine has the letters '\\U0010"):
        plot_dot_graph(Variable(1.0, "x\U00100000"), to_file=tmp_path / "g.png")


def test_a_font_is_found_for_letters_that_the_first_lacks(monkeypatch):
    from matplotlib.font_manager import fontManager, get_font

    ours = {f.name: f for f in fontManager.ttflist if f.name in ("DejaVu Sans", "STIXGeneral")}
    monkeypatch.setattr(fontManager, "ttflist", list(ours.values()))
    first, second = (
        set(get_font(ours[name].fname).get_charmap()) for name in ("DejaVu Sans", "STIXGeneral")
    )
    letter = chr(min(second - first))

    def fonts(text):
        shapes = shapes_of(Graph([Node(False, text)], []), True)
        return figure._fonts(shapes, [Frame(Box(0, 0, 0, 0), "plain", (0, 0))])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts("é") == ["DejaVu Sans"] and fonts(letter) == ["DejaVu Sans", "STIXGeneral"]


def test_what_is_too_large_is_reduced_and_told(monkeypatch, tmp_path):
    graph = walk(small())
    shapes = shapes_of(graph, True)
    layout = arranged([(s.width, s.height) for s in shapes], graph.edges)
    monkeypatch.setattr(figure, "MOST_SIDE", 100)
    monkeypatch.setattr(figure, "MOST_POINTS", 100)
    for name in ("g.png", "g.pdf"):
        with pytest.warns(UserWarning, match=f"{name} cannot be as large as the drawing"):
            figure.save_figure(layout, shapes, tmp_path / name)
    with Image.open(tmp_path / "g.png") as image:
        assert max(image.size) <= 100
    assert b"/MediaBox [ 0 0 " in (tmp_path / "g.pdf").read_bytes()

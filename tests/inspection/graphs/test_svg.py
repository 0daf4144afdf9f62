"""SVG text."""

import xml.etree.ElementTree as ElementTree

import numpy as np

import dezero.functions as F
from dezero.core import Variable
from dezero.inspection import plot_dot_graph

SPACE = "{http://www.w3.org/2000/svg}"


def tree(output, **options):
    return ElementTree.fromstring(plot_dot_graph(output, to_file=None, **options).svg)


def test_every_node_has_a_box_and_a_tooltip():
    x = Variable(np.ones((2, 3)), "x")
    root = tree(F.sum(x * x))
    assert [t.text for t in root.iter(f"{SPACE}title")] == [
        "x: (2, 3) float64", "Mul", "(2, 3) float64", "Sum", "() float64"
    ]  # fmt: skip
    boxes = list(root.iter(f"{SPACE}rect"))
    assert len(boxes) == 6 and root.get("width") == boxes[0].get("width")
    words = [t.text for t in root.iter(f"{SPACE}text")]
    assert words == ["x", "(2, 3) float64", "Mul", "(2, 3) float64", "Sum", "() float64"]


def test_names_of_any_script_and_kind():
    name = '<b> & "한글" \x00 \ud800 ]]>'
    words = [t.text for t in tree(Variable(1.0, name)).iter(f"{SPACE}text")]
    assert words == ['<b> & "한글" � � ]]>', "() float64"]


def test_nothing_in_it_can_clash_with_another_picture_on_the_page():
    text = plot_dot_graph(Variable(1.0) * 2, to_file=None).svg
    assert " id=" not in text and "<style" not in text and "class=" not in text

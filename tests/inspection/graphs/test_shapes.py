"""What nodes look like."""

from dezero.inspection.graphs.shapes import WIDEST, shapes_of
from dezero.inspection.graphs.text import width
from dezero.inspection.graphs.walk import Graph, Node


def shape(node, verbose=True, inputs=0):
    return shapes_of(Graph([node], [(1, 0)] * inputs), verbose)[0]


def texts(shape):
    return [line.text for line in shape.lines]


def test_lines():
    x = Node(False, "x", (2, 3), "float32")
    assert texts(shape(x)) == ["x", "(2, 3) float32"] and texts(shape(x, False)) == ["x"]
    assert texts(shape(Node(False, "", (), "float64"))) == ["() float64"]
    f = Node(True, "Conv2d", layer="conv1_1")
    assert texts(shape(f)) == ["Conv2d", "conv1_1"] and texts(shape(f, False)) == ["Conv2d"]
    assert shape(x).title == "x: (2, 3) float32"


def test_text_fits():
    for node in (
        Node(False, "W", (64, 3, 224, 224), "float32"),
        Node(False, "한국어 이름", (3,), "float64"),
        Node(True, "SoftmaxCrossEntropy"),
        Node(False, "a name so long that nobody wants to see all of it in a picture", (3,), "int8"),
    ):
        made = shape(node)
        for line in made.lines:
            assert width(line.text, line.size) + 10 < made.width <= WIDEST + 30
            assert abs(line.y) + line.size / 4 < made.height / 2


def test_a_nameless_variable_is_a_dot():
    made = shape(Node(False, "", (3,), "float64"), verbose=False)
    assert made.width == made.height == 2 * made.radius and not made.lines


def test_a_function_of_many_arguments_is_wide():
    f = Node(True, "Concat")
    assert shape(f).width == shape(f, inputs=3).width < shape(f, inputs=12).width
    assert shape(f, inputs=1000).width == WIDEST

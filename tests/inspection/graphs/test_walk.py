"""The walk from Variables back to their leaves."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import core_simple
from dezero.core import Parameter, Variable, no_grad
from dezero.inspection.graphs.walk import Graph, Node, count_functions, node_of, walk


def names(graph):
    return [node.name or node.facts for node in graph.nodes]


def test_sources_come_first_and_arguments_in_order():
    x, y = Variable(np.ones((2, 3)), "x"), Variable(np.ones(3, np.float32), "y")
    graph = walk(F.sum(x - F.exp(y)))
    assert names(graph) == [
        "x", "y", "Exp", "(3,) float32", "Sub", "(2, 3) float64", "Sum", "() float64"
    ]  # fmt: skip
    assert graph.edges == [(1, 2), (2, 3), (0, 4), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert [node.is_function for node in graph.nodes] == [n in (2, 4, 6) for n in range(8)]
    assert graph.nodes[0] == Node(False, "x", (2, 3), "float64")


def test_a_variable_used_twice_is_one_node_with_two_edges():
    x = Variable(3.0, "x")
    graph = walk(x * x)
    assert names(graph) == ["x", "Mul", "() float64"]
    assert graph.edges == [(0, 1), (0, 1), (1, 2)]


def test_a_leaf_is_a_graph():
    assert walk(Variable(1.0, "x")) == Graph([Node(False, "x", (), "float64")], [])
    assert names(walk(Parameter(None, "W"))) == ["W"]
    with no_grad():
        assert len(walk(Variable(1.0) * 2).nodes) == 1


def test_several_outputs_share_what_they_have_in_common():
    x = Variable(np.arange(4.0), "x")
    h = F.exp(x)
    both = {"a": F.sin(h), "b": F.cos(h)}
    for outputs in (both, list(both.values()), tuple(both.values()) * 2):
        graph = walk(outputs)
        assert [n.name for n in graph.nodes if n.is_function] == ["Exp", "Sin", "Cos"]
        assert len(graph.edges) == 6


def test_outputs_that_nobody_asked_for_are_left_out():
    x = Variable(np.arange(4.0), "x")
    first, second = F.split(x, 2)
    assert len(walk(first).nodes) == len(walk(second).nodes) == 3
    assert len(walk([first, second]).nodes) == 4


def test_other_names_and_the_layers_of_calls():
    x = Variable(1.0, "x")
    y = F.sin(x)
    graph = walk(y, names={id(x): "first"}, layers={id(y.creator.outputs): "block/0"})
    assert [n.name for n in graph.nodes] == ["first", "Sin", ""]
    assert graph.nodes[1].layer == "block/0"


def test_names_of_any_kind():
    assert node_of(Variable(1.0, 7)).name == "7"
    assert node_of(Variable(1.0)).name == ""


def test_depth_needs_no_recursion():
    y = Variable(1.0)
    for _ in range(3000):
        y = -y
    assert len(walk(y).nodes) == 6001


@pytest.mark.parametrize("wrong", [3.0, np.ones(3), None, [], [Variable(1.0), 2], {}, "y"])
def test_what_is_no_variable(wrong):
    with pytest.raises(TypeError, match="draw: expected a Variable, or a list of them, got "):
        walk(wrong, "draw")


def goldstein(x, y):
    left = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    right = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return left * right


def test_a_graph_that_backward_has_used_up_is_still_whole():
    # The book draws this one after backward, and names its variables after that too.
    x, y = Variable(1.0), Variable(1.0)
    z = goldstein(x, y)
    before = walk(z, names={id(x): "x", id(y): "y", id(z): "z"})
    z.backward()
    x.name, y.name, z.name = "x", "y", "z"
    after = walk(z)
    assert after == before and len(after.nodes) > 80


def test_parts_of_a_used_graph_that_are_still_held():
    x = Variable(np.ones(2), "x")
    h = F.sin(x)
    y = F.sum(h * h)
    whole = walk(y)
    y.backward()
    assert walk(y) == whole
    assert [n.name for n in walk(h).nodes] == ["x", "Sin", ""]
    again = F.cos(y) * h
    assert [n.name for n in walk(again).nodes if n.is_function] == [
        "Sin", "Mul", "Sum", "Cos", "Mul"
    ]  # fmt: skip
    h.unchain()
    assert [n.name for n in walk(y).nodes if n.is_function] == ["Mul", "Sum"]
    y.unchain_backward()
    assert len(walk(y).nodes) == 1


def test_two_used_graphs_with_a_part_in_common():
    x = Variable(1.0, "x")
    h = F.exp(x)
    first, second = F.sin(h), F.cos(h)
    first.backward()
    second.backward()
    graph = walk([first, second])
    assert [n.name for n in graph.nodes] == ["x", "Exp", "", "Sin", "", "Cos", ""]


def test_a_used_graph_of_a_function_with_several_results():
    x = Variable(np.arange(4.0), "x")
    a, b = F.split(x, 2)
    y = F.sum(a * b)
    whole = walk(y)
    del a, b
    y.backward()
    assert walk(y) == whole


def test_counting_stops_where_it_may():
    x = Variable(1.0)
    y = x
    for _ in range(50):
        y = y * y
    assert count_functions(x, 9) == 0 and count_functions(y, 100) == 50
    assert 9 < count_functions(y, 9) < 15
    y.backward()
    assert count_functions(y, 100) == 50


def test_graphs_of_the_books_small_core():
    x = core_simple.Variable(np.ones(2), "x")
    y = x * x
    y.backward()
    assert names(walk(y)) == ["x", "Mul", "(2,) float64"]
    assert walk(y).edges == [(0, 1), (0, 1), (1, 2)]

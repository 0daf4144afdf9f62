"""DOT text."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Parameter, Variable
from dezero.inspection import get_dot_graph
from dezero.inspection.graphs.dot import _dot_func, _dot_var


def test_text():
    x = Variable(np.ones((2, 3)), "x")
    assert get_dot_graph(F.sum(x)) == (
        "digraph g {\n"
        '0 [label="x: (2, 3) float64", color=orange, style=filled]\n'
        '1 [label="Sum", color=lightblue, style=filled, shape=box]\n'
        '2 [label="() float64", color=orange, style=filled]\n'
        "0 -> 1\n"
        "1 -> 2\n"
        "}"
    )
    assert '0 [label="x", color=orange' in get_dot_graph(F.sum(x), verbose=False)
    assert '2 [label="", color=orange' in get_dot_graph(F.sum(x), False)


def test_upstream_33_a_leaf_has_a_graph():
    text = get_dot_graph(Variable(1.0, "x"))
    assert text == 'digraph g {\n0 [label="x: () float64", color=orange, style=filled]\n}'
    assert '[label="W", color=orange' in get_dot_graph(Parameter(None, "W"))


def test_equal_graphs_give_equal_texts():
    def text():
        x = Variable(1.0, "x")
        return get_dot_graph(F.exp(x) * F.sin(x) + x)

    assert text() == text()


def test_labels_are_escaped():
    name = 'a "b" \\N\nc'
    assert '[label="a \\"b\\" \\\\N c: () float64",' in get_dot_graph(Variable(1.0, name))
    assert '"한글 <b>: ()' in get_dot_graph(Variable(1.0, "한글 <b>"))


def test_lines_of_one_variable_and_one_function():
    x = Variable(np.ones(2), "x")
    y = x * x
    f = y.creator
    assert _dot_var(x) == f'{id(x)} [label="x", color=orange, style=filled]\n'
    assert _dot_var(x, True) == f'{id(x)} [label="x: (2,) float64", color=orange, style=filled]\n'
    assert _dot_func(f) == (
        f'{id(f)} [label="Mul", color=lightblue, style=filled, shape=box]\n'
        f"{id(x)} -> {id(f)}\n{id(x)} -> {id(f)}\n{id(f)} -> {id(y)}\n"
    )
    del y
    assert _dot_func(f).count("->") == 2


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs graphviz")
def test_graphviz_reads_it():
    x = Variable(np.ones((2, 3)), 'x "\\')
    text = get_dot_graph(F.sum(F.tanh(x) * x))
    done = subprocess.run(["dot", "-Tplain"], input=text, text=True, capture_output=True)
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.count("\nnode ") == 7 and done.stdout.count("\nedge ") == 7


def test_text_needs_no_matplotlib():
    code = (
        "import sys; from dezero import Variable; from dezero.inspection import get_dot_graph;"
        "get_dot_graph(Variable(1.0) * 2); sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

"""`plot_dot_graph`: real graphs, files, notebooks."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

import dezero.functions as F
from dezero import layers as L
from dezero.core import Variable
from dezero.inspection import Picture, get_dot_graph, graph_html, plot_dot_graph
from dezero.models import MLP
from tests.inspection.graphs.drawings import edges_through_boxes, lost_arrows, overlaps


def diamond():
    a = Variable(2.0, "x") ** 2
    return a**2 + a**2


def chain():
    y = Variable(np.ones((2, 3)), "x")
    for _ in range(40):
        y = F.sin(y)
    return y


def skips():
    h = Variable(np.ones((2, 8)), "x")
    for i in range(6):
        W = Variable(np.ones((8, 8)), f"W{i}")
        h = F.relu(h + F.matmul(h, W))
    return F.sum(h)


def lstm_step():
    x, h, c = (Variable(np.ones((1, 4)), name) for name in "xhc")
    gates = []
    for name in "fiou":
        W, U = (Variable(np.ones((4, 4)), kind + name) for kind in "WU")
        gates.append(F.matmul(x, W) + F.matmul(h, U) + Variable(np.ones(4), f"b{name}"))
    f, i, o = (F.sigmoid(gate) for gate in gates[:3])
    c = f * c + i * F.tanh(gates[3])
    return [o * F.tanh(c), c]


def tanh_derivative(order=3):
    x = Variable(1.0, "x")
    y = F.tanh(x)
    for _ in range(order):
        x.cleargrad()
        y.backward(create_graph=True)
        y = x.grad
    return y


def mlp_with_loss():
    model = MLP((16, 8, 10))
    return F.softmax_cross_entropy(model(np.ones((4, 6), np.float32)), np.zeros(4, int))


@pytest.mark.parametrize("make", [diamond, chain, skips, lstm_step, tanh_derivative, mlp_with_loss])
@pytest.mark.parametrize("verbose", [True, False])
def test_real_graphs(make, verbose):
    picture = plot_dot_graph(make(), verbose, to_file=None)
    assert overlaps(picture.layout) == []
    assert edges_through_boxes(picture.layout) == []
    assert lost_arrows(picture.layout, picture.graph.edges) == []


def test_signature_is_upstreams():
    parameters = inspect.signature(plot_dot_graph).parameters.values()
    assert [(p.name, p.default) for p in parameters] == [
        ("output", inspect.Parameter.empty), ("verbose", True), ("to_file", "graph.png")
    ]  # fmt: skip


def test_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = plot_dot_graph(diamond())
    assert (tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    picture.save("graph.svg")
    assert (tmp_path / "graph.svg").read_text("utf-8") == picture.svg
    for name in ("graph.dot", "graph.gv"):
        plot_dot_graph(diamond(), False, name)
        assert (tmp_path / name).read_text("utf-8") == get_dot_graph(diamond(), False)


def test_upstream_51_a_file_name_is_never_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "Popen", None)
    name = "x; touch broken; $(touch broken) & .svg"
    plot_dot_graph(diamond(), to_file=name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_notebook_displays_it():
    picture = plot_dot_graph(diamond(), to_file=None)
    assert isinstance(picture, Picture) and picture._repr_svg_() == picture.svg
    assert repr(picture).startswith("Picture(9 nodes, ")


@pytest.mark.parametrize("name", ["graph", "graph.xyz", "png", ""])
def test_wrong_endings(name):
    with pytest.raises(ValueError, match="plot_dot_graph: expected a file name that ends in one"):
        plot_dot_graph(diamond(), to_file=name)


def test_no_variable():
    with pytest.raises(TypeError, match="plot_dot_graph: expected a Variable.*float64"):
        plot_dot_graph(np.ones(3))


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError):
        plot_dot_graph(diamond(), to_file=tmp_path / "nowhere" / "g.svg")


def test_too_much_to_read_is_drawn_and_told(tmp_path):
    y = Variable(1.0)
    for _ in range(400):
        y = -y
    with pytest.warns(UserWarning, match="drawing 801 nodes, more than anyone can read"):
        plot_dot_graph(y, to_file=tmp_path / "g.svg")
    assert (tmp_path / "g.svg").stat().st_size > 100_000


def test_a_layer_of_layers():
    model = L.Linear(3)
    picture = plot_dot_graph(model(Variable(np.ones((2, 5), np.float32), "x")), to_file=None)
    assert "(5, 3) float32" in picture.svg and ">W<" in picture.svg


def test_a_notebook_displays_the_graph_below_the_values():
    y = diamond()
    html = y._repr_html_()
    assert "<pre>32.</pre>" in html and html.endswith(f"{graph_html(y)}")
    assert plot_dot_graph(y, to_file=None).svg in html
    assert "svg" not in Variable(1.0)._repr_html_() and graph_html(Variable(1.0)) == ""


def test_a_notebook_is_not_flooded():
    y, parts = Variable(1.0), {}
    for i in range(1, 202):
        y = -y
        if i in (60, 61, 200, 201):
            parts[i] = graph_html(y)
    assert parts[60].startswith("<div") and parts[61].startswith("<details>")
    assert "graph of 200 functions" in parts[200] and "<svg" not in parts[201]


def test_displays_are_found_when_only_the_library_was_imported():
    code = "import sys, dezero; sys.exit('<svg' not in (-dezero.Variable(1.0))._repr_html_())"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

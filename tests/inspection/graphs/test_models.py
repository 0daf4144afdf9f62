"""Drawings of models: layers, names, and nothing changed by looking."""

import inspect

import numpy as np
import pytest

import dezero.functions as F
from dezero import layers as L
from dezero.core import Variable, no_grad, test_mode
from dezero.inspection import plot_model
from dezero.inspection.graphs.models import model_graph
from dezero.models import MLP, Model, Sequential
from tests.inspection.graphs.drawings import edges_through_boxes, overlaps


class Two(Model):
    """Uses a layer twice, a normalisation, a function of its own, and keeps a state."""

    def __init__(self):
        self.blocks = [L.Linear(4), L.Linear(4)]
        self.norm = L.BatchNorm()
        self.state = None

    def forward(self, rows, *more):
        h = self.norm(self.blocks[0](rows))
        h = F.tanh(self.blocks[1](self.blocks[1](h)))
        for x in more:
            h = h + x
        self.state = h if self.state is None else self.state + h
        self.last = h
        return {"a": [h], "b": (self.state,)}


def nodes(graph, is_function):
    return [node for node in graph.nodes if node.is_function == is_function]


X = np.ones((3, 4), np.float32)


def test_calls_have_the_path_of_their_layer_and_parameters_theirs():
    graph = model_graph(Two(), (X, X))
    calls = [(node.name, node.layer) for node in nodes(graph, True)]
    assert calls == [
        ("Linear", "blocks/0"), ("BatchNorm", "norm"), ("Linear", "blocks/1"),
        ("Linear", "blocks/1"), ("Tanh", ""), ("Add", ""),
    ]  # fmt: skip
    names = [node.name for node in nodes(graph, False) if node.name]
    assert set(names) == {
        "rows", "input 1", "blocks/0/W", "blocks/0/b", "blocks/1/W", "blocks/1/b",
        "norm/gamma", "norm/beta",
    }  # fmt: skip
    assert len(names) == len(set(names))


def test_names_of_the_user_stay():
    x = Variable(X, "mine")
    names = [node.name for node in model_graph(MLP((2,)), (x,)).nodes]
    assert "mine" in names and "x" not in names and x.name == "mine"
    unnamed = Variable(X)
    model_graph(MLP((2,)), (unnamed,))
    assert unnamed.name is None


def test_a_drawing_changes_neither_statistics_nor_states_nor_hooks():
    model = Two()
    model(X)
    model.state = None
    del model.last
    before = [array.copy() for _, array in model.named_buffers()]
    for _ in range(2):
        graph = model_graph(model, (np.random.default_rng(0).random((5, 4), np.float32),))
        assert "Add" not in [node.name for node in graph.nodes]
    assert model.state is None and not hasattr(model, "last")
    for old, (_, new) in zip(before, model.named_buffers(), strict=True):
        assert np.array_equal(old, new)
    assert not any(model.norm._hooks.values())


def test_recurrent_layers_begin_anew_and_go_on_where_they_were():
    model = Sequential([L.LSTM(4), L.Linear(1)])
    first = model_graph(model, (X,))
    assert model[0].states() == [None, None]
    model(X)
    states = model[0].states()
    assert len(model_graph(model, (X,)).nodes) == len(first.nodes)
    assert all(a is b for a, b in zip(states, model[0].states(), strict=True))


def test_hooks_go_also_after_an_error():
    model = Two()
    with pytest.raises(ValueError, match="Linear 4|linear"):
        model(X)
        plot_model(model, np.ones((3, 5), np.float32), to_file=None)
    assert not any(model.blocks[0]._hooks.values())


def test_a_graph_also_where_none_would_be_recorded():
    model = MLP((3, 2))
    model(X)
    model.trainable = False
    with no_grad():
        graph = model_graph(model, (Variable.constant(X),))
    assert [node.name for node in nodes(graph, True)] == ["Linear", "Sigmoid", "Linear"]


def test_the_mode_is_the_callers():
    model = Sequential([L.Linear(3), L.Dropout(0.5)])
    assert "Dropout" in [node.name for node in model_graph(model, (X,)).nodes]
    with test_mode():
        assert "Dropout" not in [node.name for node in model_graph(model, (X,)).nodes]


def test_files_and_signature(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = MLP((3, 2))
    picture = model.plot(X)
    assert (tmp_path / "model.png").read_bytes().startswith(b"\x89PNG")
    assert model.plot(X, to_file="vgg.pdf").svg == picture.svg
    assert (tmp_path / "vgg.pdf").read_bytes().startswith(b"%PDF")
    model.plot(X, to_file="m.dot", verbose=False)
    assert '[label="l0/W", color=orange' in (tmp_path / "m.dot").read_text()
    model.plot(X, to_file="m.gv")
    assert '[label="Linear: l0", color=lightblue' in (tmp_path / "m.gv").read_text()
    to_file = inspect.signature(Model.plot).parameters["to_file"]
    assert (to_file.default, to_file.kind) == ("model.png", to_file.KEYWORD_ONLY)


def test_wrong_requests(tmp_path):
    model = Two()
    with pytest.raises(ValueError, match="expected a file name that ends in"):
        model.plot(X, to_file=tmp_path / "model.xyz")
    assert model.blocks[0].W.data is None  # not even called

    class Nothing(Model):
        def forward(self, x):
            return 3.0

    with pytest.raises(TypeError, match="plot: expected a Variable, or a list of them, got float"):
        Nothing().plot(X, to_file=None)


def test_a_convolutional_network_is_one_column():
    model = Sequential(
        [
            layer
            for channels in (4, 8)
            for layer in (L.Conv2d(channels, 3, pad=1), L.BatchNorm(), L.Activation("relu"))
        ]
        + [L.Flatten(), L.Linear(10)]
    )
    picture = model.plot(np.ones((2, 3, 8, 8), np.float32), to_file=None)
    assert overlaps(picture.layout) == [] and edges_through_boxes(picture.layout) == []
    columns = {
        box.x for box, shape in zip(picture.layout.boxes, picture.shapes, strict=True)
        if shape.is_function
    }  # fmt: skip
    assert len(columns) == 1

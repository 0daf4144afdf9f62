"""Graphs as pictures and text: walk, arrange, draw, without the graphviz program."""

from dezero.inspection.graphs.dot import _dot_func, _dot_var, get_dot_graph
from dezero.inspection.graphs.models import plot_model
from dezero.inspection.graphs.picture import Picture, graph_html, plot_dot_graph

__all__ = [
    "Picture",
    "_dot_func",
    "_dot_var",
    "get_dot_graph",
    "graph_html",
    "plot_dot_graph",
    "plot_model",
]

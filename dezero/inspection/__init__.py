"""Looking at models and graphs: pictures of what was computed, predicted, drawn and learnt."""

from dezero.inspection.convolutions import ConvolutionPath, convolution_paths
from dezero.inspection.graphs import (
    Picture,
    _dot_func,
    _dot_var,
    get_dot_graph,
    graph_html,
    plot_dot_graph,
    plot_model,
)
from dezero.inspection.panels import plot_curves, plot_panels, tile_pictures
from dezero.inspection.pictures import plot_confusion, plot_predictions

__all__ = [
    "ConvolutionPath",
    "Picture",
    "_dot_func",
    "_dot_var",
    "convolution_paths",
    "get_dot_graph",
    "graph_html",
    "plot_confusion",
    "plot_curves",
    "plot_dot_graph",
    "plot_model",
    "plot_panels",
    "plot_predictions",
    "tile_pictures",
]

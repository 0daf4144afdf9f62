"""The book's `dezero.utils`: drawings of graphs, array forms, gradient checks, downloads, windows.

`cache_dir` is the folder of downloads as a string, DEZERO_CACHE or ~/.dezero.
"""

from dezero import io
from dezero.functions.array_forms import (
    logsumexp,
    max_backward_shape,
    reshape_sum_backward,
    sum_to,
)
from dezero.functions.windows import get_conv_outsize, get_deconv_outsize, pair
from dezero.inspection import _dot_func, _dot_var, get_dot_graph, plot_dot_graph
from dezero.io import get_file, show_progress
from dezero.testing import array_allclose, array_equal, gradient_check, numerical_grad

__all__ = [
    "_dot_func", "_dot_var", "array_allclose", "array_equal", "cache_dir", "get_conv_outsize",
    "get_deconv_outsize", "get_dot_graph", "get_file", "gradient_check", "logsumexp",
    "max_backward_shape", "numerical_grad", "pair", "plot_dot_graph", "reshape_sum_backward",
    "show_progress", "sum_to",
]  # fmt: skip

cache_dir: str


def __getattr__(name: str) -> str:
    if name == "cache_dir":
        return str(io.cache_dir())
    raise AttributeError(f"dezero.utils: expected one of its names, got {name!r}.")

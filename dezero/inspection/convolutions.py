"""Which way each convolution of a model is computed: some are ten times as quick as others."""

from typing import Any, NamedTuple

from dezero.backend import kernels
from dezero.core import FunctionHook, no_grad, test_mode
from dezero.functions import Conv2d, Deconv2d


class ConvolutionPath(NamedTuple):
    """One convolution: the path of its kernels in the model, shapes, dtype, and how it was done."""

    name: str
    x: tuple[int, ...]
    W: tuple[int, ...]
    dtype: str
    path: str


class _Notes(FunctionHook):
    def __init__(self, names: dict[int, str]) -> None:
        self.names, self.rows = names, []

    def forward_post(self, function: Any, xs: tuple, ys: tuple) -> None:
        if not isinstance(function, Conv2d | Deconv2d):
            return
        x, W = xs[:2]
        # A transposed convolution is the gradient of one from its result to its input.
        transposed = isinstance(function, Deconv2d)
        picture = function._picture(ys[0] if transposed else x)
        kernel = function._kernel(W)
        options = function.window, function.groups, transposed
        path = kernels(x).convolution_path(picture, kernel, *options)
        name = self.names.get(_place(W), "")
        self.rows.append(ConvolutionPath(name, x.shape, W.shape, str(x.dtype), path))


def convolution_paths(model: Any, *inputs: Any) -> list[ConvolutionPath]:
    """Run `model` once, without a graph and in test mode, and say how its convolutions are done.

    Args:
        model: a Layer, or any function of Variables.
        inputs: what to call it with; the batch size matters to the choice.
    Returns:
        list of ConvolutionPath in the order of the calls. `path` is "tiles" (Winograd), "pixels",
        "direct", "columns", "planes" or "depthwise", and says so if it is done in groups or
        another dtype.
    """
    params = model.named_params() if hasattr(model, "named_params") else ()
    names: dict[int, str] = {}
    with no_grad(), test_mode():
        model(*inputs)  # gives lazily shaped layers their parameters
        for name, param in params:
            names[_place(param.data)] = name.removesuffix("/W")
        with _Notes(names) as notes:
            model(*inputs)
    return notes.rows  # type: ignore[attr-defined]


def _place(array: Any) -> int:
    """Return what tells arrays of different memory apart, however they are viewed."""
    interface = getattr(array, "__array_interface__", None)
    return interface["data"][0] if interface else id(array)

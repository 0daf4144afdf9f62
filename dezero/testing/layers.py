"""One check for any layer: shapes, dtypes, derivatives to second order, copies, files."""

import contextlib
import copy
import json
import tempfile
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import numpy as np

from dezero.backend import random
from dezero.core import Config, Variable, no_grad, test_mode
from dezero.layers import Layer
from dezero.testing.gradients import check_grads


def check_layer(
    make: Callable[[], Layer],
    input_shape: tuple[int, ...],
    *,
    integers_below: int | None = None,
    rng: np.random.Generator | None = None,
) -> None:
    """Check what any layer has to do, on random input.

    In evaluation mode the layer gives the same result twice, in `Config.dtype`, and so do its
    copy, a new layer from its `config()` and a new one from `make`, once its weights are loaded.
    In training mode its derivatives by input and parameters agree with finite differences.

    Args:
        make: returns a new layer; called several times.
        input_shape: shape of the input, batch axis included.
        integers_below: draw integers from 0 to this (excluded) instead of floats.
        rng: draws the input; fixed by default.
    Raises:
        AssertionError: one of these does not hold.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    layer = make()
    if integers_below is None:
        x = rng.standard_normal(input_shape).astype(Config.dtype)
    else:
        x = rng.integers(0, integers_below, input_shape)
    y = _evaluated(layer, x)
    name = type(layer).__name__
    _expect(y.dtype == Config.dtype, f"{name} to give {np.dtype(Config.dtype)}", y.dtype)
    empty = [path for path, param in layer.named_params() if param.data is None]
    _expect(not empty, f"every parameter of {name} to have data after a call", empty)
    for how, twin in _twins(make, layer):
        _expect(
            np.array_equal(_evaluated(twin, x), y),
            f"the same result from {name} {how}",
            "another",
        )
    _check_derivatives(layer, x)


def _expect(holds: bool, what: str, got: Any) -> None:
    if not holds:
        raise AssertionError(f"check_layer: expected {what}, got {got}. Correct the layer.")


def _evaluated(layer: Layer, x: np.ndarray) -> np.ndarray:
    with no_grad(), test_mode():
        return layer(x).data


def _twins(make: Callable[[], Layer], layer: Layer) -> Iterator[tuple[str, Layer]]:
    yield "called again", layer
    yield "as a deep copy", copy.deepcopy(layer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        layer.save_weights(path)
        config = json.loads(json.dumps(layer.config()))
        for how, twin in (
            ("with loaded weights", make()),
            ("made from its config", type(layer).from_config(config)),
        ):
            twin.load_weights(path)
            yield how, twin


def _check_derivatives(layer: Layer, x: np.ndarray) -> None:
    wide = copy.deepcopy(layer)
    for param in wide.params():
        param.data = param.data.astype(np.float64)
    params = [param.data for param in wide.params()]

    def by_params(*values: Variable) -> Any:
        with _replaced(wide, values):
            return copy_context().run(_call_seeded, wide, x)

    def by_input_too(x: Variable, *values: Variable) -> Any:
        with _replaced(wide, values):
            return copy_context().run(_call_seeded, wide, x)

    if x.dtype.kind == "f":
        check_grads(by_input_too, x, *params)
    else:
        check_grads(by_params, *params)


def _call_seeded(layer: Layer, x: Any) -> Any:
    # In a context of its own, so that the caller's generator goes on undisturbed.
    random.seed(0)
    return layer(x)


@contextlib.contextmanager
def _replaced(layer: Layer, values: tuple[Variable, ...]) -> Iterator[None]:
    """Have `layer` compute with `values` in place of its Parameters."""
    owners = {"": layer, **dict(layer.named_layers())}
    places = []
    for (path, param), value in zip(list(layer.named_params()), values, strict=True):
        owner, _, attribute = path.rpartition("/")
        places.append((vars(owners[owner]), attribute, param, value))
    for attributes, name, _, value in places:
        attributes[name] = value
    try:
        yield
    finally:
        for attributes, name, param, _ in places:
            attributes[name] = param

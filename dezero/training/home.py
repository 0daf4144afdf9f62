"""Where a model computes: the dtype and the device that its data is brought to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import backend_of, is_array
from dezero.core import Config, Variable
from dezero.core.errors import describe
from dezero.training.nest import is_structure, mapped


class Home:
    """The dtype and device of a model's first Parameter.

    Args:
        model: anything with `params()`; while it has no data, `Config.dtype` on the host.
        what: the function the user called, for errors.
    """

    def __init__(self, model: Any, what: str) -> None:
        self.what = what
        data = next((p.data for p in model.params() if p.data is not None), None)
        wanted = getattr(model, "input_dtype", None) or Config.dtype
        self.dtype = np.dtype(wanted) if data is None else data.dtype
        backend = backend_of(np.empty(0) if data is None else data)
        self.device = backend.name
        self.is_host = self.device == "numpy"
        self._from_host: Callable[[np.ndarray], Any] = backend.from_host

    def cast(self, array: Any) -> Any:
        """Return `array` with floats in the model's dtype; integers stay, None too.

        Float64 images (x / 255.0 gives them) would otherwise make the whole network float64.

        Raises:
            TypeError: it holds no numbers.
        """
        if array is None:
            return None
        if isinstance(array, dict | list):
            return mapped(self.cast, array)
        if array.dtype.kind not in "fiubc":
            raise TypeError(
                f"{self.what}: expected arrays of numbers, got {describe(array)}. "
                "Convert them, as with x.astype(float)."
            )
        return array if array.dtype.kind != "f" else array.astype(self.dtype, copy=False)

    def moved(self, array: Any) -> Any:
        """Return a host array on the model's device; others as they are."""
        if isinstance(array, dict | list):
            return mapped(self.moved, array)
        return self._from_host(array) if type(array) is np.ndarray else array

    def ready(self, data: Any) -> Any:
        """Return what a batch holds as arrays of the model's dtype on its device."""
        if data is None:
            return None
        if is_structure(data):
            return mapped(self.ready, data)
        if isinstance(data, Variable):
            data = data.data
        if not is_array(data):
            data = np.asarray(data)
        data = self.cast(data)
        return data if self.is_host else self.moved(data)

"""Where a model computes: the dtype and the device that its data is brought to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import is_array
from dezero.backend.cupy.feeding import Feeder, feeder
from dezero.core import Config, Variable
from dezero.core.errors import describe
from dezero.layers.parameters import backend_for
from dezero.training.nest import is_structure, leaves, mapped


class Home:
    """The dtype and device of a model's first Parameter.

    Args:
        model: anything with `params()`; while it has no data, `Config.dtype` where it was moved.
        what: the function the user called, for errors.
    """

    def __init__(self, model: Any, what: str) -> None:
        self.what = what
        data = next((p.data for p in model.params() if p.data is not None), None)
        wanted = getattr(model, "input_dtype", None) or Config.dtype
        self.dtype = np.dtype(wanted) if data is None else data.dtype
        backend = self.backend = backend_for(model)
        self.device = backend.name
        self.is_host = self.device == "numpy"
        self._from_host: Callable[[np.ndarray], Any] = backend.from_host
        self._feeder: Feeder | None = None

    def __enter__(self) -> "Home":
        return self

    def __exit__(self, *exc: object) -> None:
        """Wait for batches that are on their way."""
        if self._feeder is not None:
            self._feeder.rest()
            self._feeder = None

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

    def sent(self, *parts: Any) -> tuple:
        """Return the parts of a batch with all arrays on the model's device.

        Those of the host are copied while the device computes, and are there in time for what is
        done with them on the stream that is current.
        """
        if self.is_host:
            return parts
        host = [a for part in parts for _, a in leaves(part) if type(a) is np.ndarray]
        if not host:
            return parts
        if self._feeder is None:
            self._feeder = feeder(self.backend, self.what)
        there = iter(
            map(self._from_host, host) if self._feeder is None else self._feeder.send(host)
        )

        def placed(array: Any) -> Any:
            return next(there) if type(array) is np.ndarray else array

        return tuple(mapped(placed, part) for part in parts)

    def ready(self, data: Any) -> Any:
        """Return what a batch holds as arrays of the model's dtype on its device."""
        data = self.prepared(data)
        return data if self.is_host or data is None else mapped(self.moved, data)

    def prepared(self, data: Any) -> Any:
        """Return what a batch holds as arrays of the model's dtype, wherever they lie."""
        if data is None:
            return None
        if is_structure(data):
            return mapped(self.prepared, data)
        if isinstance(data, Variable):
            data = data.data
        if not is_array(data) or isinstance(data, np.memmap):  # its view is as lazy
            data = np.asarray(data)
        return self.cast(data)

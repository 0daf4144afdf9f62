"""The dtype and the device that data are brought to."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable, using_config
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.training.home import Home
from tests.strict_device import strict_device
from tests.training.toys import Plain


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_is_that_of_the_first_parameter(dtype):
    assert Home(Linear(3, in_size=2, dtype=dtype), "fit").dtype == dtype
    assert Home(Linear(3, dtype=dtype), "fit").dtype == dtype


def test_without_parameters_it_is_the_configured_one():
    class Unshaped:
        def params(self):
            return [Parameter(None)]

    assert Home(Unshaped(), "fit").dtype == np.float32
    with using_config("dtype", np.float64):
        assert Home(Unshaped(), "fit").dtype == np.float64
    assert Home(Sequential(), "fit").dtype == np.float32


def test_cast_changes_floats_only():
    home = Home(Plain(), "fit")
    assert home.cast(np.ones(2)).dtype == np.float32
    same = np.ones(2, np.float32)
    assert home.cast(same) is same
    for dtype in (np.uint8, np.int64, bool):
        assert home.cast(np.ones(2, dtype)).dtype == dtype
    assert home.cast(None) is None
    for array in (np.array(["a"]), np.array([1, None])):
        with pytest.raises(TypeError, match="fit: expected arrays of numbers, got .* Convert them"):
            home.cast(array)


def test_ready():
    home = Home(Plain(), "fit")
    assert home.is_host and home.ready(None) is None
    assert home.ready([1, 2]).tolist() == [1, 2]
    assert type(home.ready(Variable(np.ones(2)))) is np.ndarray


def test_on_a_device():
    with strict_device() as backend:
        model = Plain()
        model.W.data = backend.from_host(model.W.data)
        home = Home(model, "fit")
        assert not home.is_host
        moved = home.ready(np.ones(2))
        assert type(moved) is backend.array_types[0] and moved.dtype == np.float32
        assert home.moved(moved) is moved and home.moved(None) is None

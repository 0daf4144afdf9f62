"""The table of backends: who owns which array, errors that name both, choice of kernels."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from dezero.backend import (
    Backend,
    backend_of,
    backends,
    is_array,
    kernels,
    numpy_kernels,
    register,
    registry,
    to_host,
    unregister,
    use_kernels,
    xp,
)
from tests.closure import ROOT
from tests.strict_device import STRICT, StrictArray, strict_device


@pytest.mark.parametrize("x", [np.ones(2), np.float32(1), 1, 2.5, True])
def test_numpy_owns_arrays_and_scalars(x):
    assert backend_of(x).name == "numpy"
    assert xp(x) is np


@pytest.mark.parametrize("x", ["abc", None, [1, 2], object()])
def test_others_belong_to_nobody(x):
    with pytest.raises(TypeError, match=r"backend_of: expected an array .*\(numpy\), got"):
        backend_of(x)
    with pytest.raises(TypeError, match="backend_of: expected an array"):
        xp(x)
    assert not is_array(x)


def test_scalars_are_no_arrays():
    assert is_array(np.ones(2)) and is_array(np.array(1.0))
    assert not is_array(np.float32(1)) and not is_array(1.0) and not is_array(True)


def test_subclasses_belong_to_their_base():
    class Mine(np.ndarray):
        pass

    assert backend_of(np.ones(2).view(Mine)).name == "numpy"
    assert is_array(np.ones(2).view(Mine))


def test_registered_backend_owns_its_arrays_until_it_goes():
    x = StrictArray(np.ones(2))
    with strict_device() as backend:
        assert [b.name for b in backends() if b.name != "cuda"] == ["numpy", "strict"]
        assert backend_of(x) is backend
        assert xp(x) is backend.xp and kernels(x) is backend.kernels
        assert is_array(x)
        assert type(to_host(x)) is np.ndarray
    assert not is_array(x)
    with pytest.raises(TypeError, match="got StrictArray"):
        xp(x)
    unregister(STRICT)


def test_later_registration_replaces_the_earlier():
    class Own:
        pass

    def backend(name):
        return Backend(name, (Own,), SimpleNamespace(), None, lambda x: x, lambda x: x)

    first, second = backend("first"), backend("second")
    register(first)
    assert xp(Own()) is first.xp
    register(second)
    assert backend_of(Own()).name == "second" and xp(Own()) is second.xp
    unregister(second)
    assert not is_array(Own())


def test_backend_is_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        STRICT.name = "other"


def test_to_host():
    x = np.ones(2)
    assert to_host(x) is x
    assert type(to_host(np.float32(2))) is np.ndarray


@pytest.fixture
def chosen():
    """Put the choice of kernels back."""
    before = list(registry._host)
    yield
    registry._host[:] = before


def test_plain_kernels_can_be_chosen(chosen):
    use_kernels("numpy")
    assert kernels(np.ones(2)).sum_to is numpy_kernels.sum_to
    assert kernels(np.float32(2)).sum_to is numpy_kernels.sum_to


@pytest.mark.parametrize("name", ["cython", "", "NumPy"])
def test_unknown_kernels(chosen, name):
    with pytest.raises(ValueError, match="DEZERO_KERNELS: expected auto, numpy or numba"):
        use_kernels(name)


def test_kernels_are_chosen_by_the_environment():
    code = (
        "import sys, numpy as np\n"
        "from dezero.backend import kernels, numpy_kernels\n"
        "assert kernels(np.ones(2)).index_add is numpy_kernels.index_add\n"
        "assert 'numba' not in sys.modules\n"
    )
    environment = {**os.environ, "DEZERO_KERNELS": "numpy"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)


def test_overlay_takes_what_is_faster():
    base = SimpleNamespace(a=1, b=2)
    assert vars(registry.overlay(base, SimpleNamespace(b=3, c=4))) == {"a": 1, "b": 3}
    assert vars(registry.overlay(base, SimpleNamespace(a=5), SimpleNamespace(b=6))) == {
        "a": 5,
        "b": 6,
    }

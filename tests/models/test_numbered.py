"""`Numbered`: `model.l0` and `model.layers[0]` are one thing."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config
from dezero.layers import EmbedID, Linear
from dezero.models import MLP, Sequential


@pytest.mark.parametrize("model", [MLP((3, 2)), Sequential(Linear(3), Linear(2))])
def test_names_of_the_book(model):
    assert model.l0 is model.layers[0] and model.l1 is model.layers[1]
    model(np.ones((1, 4), "f4"))
    assert [path for path, _ in model.named_params()] == ["l0/W", "l0/b", "l1/W", "l1/b"]
    assert [path for path, _ in model.named_layers()] == ["l0", "l1"]


def test_assignment_replaces_what_runs():
    model = MLP((3, 2))
    model.l1 = Linear(7)
    assert model(np.ones((1, 4), "f4")).shape == (1, 7) and model.layers[1].out_size == 7
    model.layers[1] = Linear(5)
    assert model(np.ones((1, 4), "f4")).shape == (1, 5) and model.l1.out_size == 5


def test_functions_keep_their_number():
    model = Sequential(Linear(3), F.relu, Linear(2))
    model.build(4)
    assert model.l1 is F.relu
    assert [path for path, _ in model.named_params()] == ["l0/W", "l0/b", "l2/W", "l2/b"]


def test_other_attributes_are_as_ever():
    model = Sequential(Linear(3))
    model.l5 = extra = Linear(2)
    model.l01 = 3
    assert model.l5 is extra and model.l01 == 3 and len(model) == 1
    assert [path for path, _ in model.named_layers()] == ["l0", "l5"]
    for name in ("l1", "l00", "missing"):
        with pytest.raises(AttributeError, match=f"Sequential: no attribute '{name}'"):
            getattr(model, name)


def test_subclasses_may_set_members_first():
    class Mine(Sequential):
        def __init__(self):
            self.head = Linear(2)
            assert [path for path, _ in self.named_layers()] == ["head"]
            assert "head" in repr(self)
            super().__init__(Linear(3))

    assert [path for path, _ in Mine().named_layers()] == ["l0", "head"]


def test_input_dtype_is_that_of_the_first_layer():
    assert Sequential(EmbedID(3, 2)).input_dtype is np.int64
    assert Sequential().input_dtype is Config.dtype
    assert Sequential(F.relu).input_dtype is Config.dtype

"""The table of `model.summary()`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config
from dezero.layers import Dropout, EmbedID, Flatten, Layer, LayerNorm, Linear
from dezero.models import MLP, Model, Sequential, summarize


def test_the_table():
    model = Sequential(Flatten(), Linear(128), F.relu, Dropout(0.3), Linear(10))
    assert summarize(model, (28, 28)) == (
        "Sequential\n"
        "--------------------------------------\n"
        "Layer (type)  Output shape  Parameters\n"
        "--------------------------------------\n"
        "l0 (Flatten)  (None, 784)            0\n"
        "l1 (Linear)   (None, 128)      100,480\n"
        "l2 (relu)     (None, 128)            0\n"
        "l3 (Dropout)  (None, 128)            0\n"
        "l4 (Linear)   (None, 10)         1,290\n"
        "--------------------------------------\n"
        "Parameters: 101,770\n"
        "  trainable: 101,770\n"
        "  not trainable: 0"
    )
    assert model.l1.W.shape == (784, 128) and Config.train


def test_wide_characters_are_aligned():
    model = Sequential(Linear(4, name="입력층"), Linear(3, name="e\u0301"), name="패션")
    lines = summarize(model, 2).splitlines()
    assert lines[0] == 'Sequential "패션"'
    # Columns of a terminal: three characters take six, an accent none.
    assert lines[2] == "Layer (type)     Output shape  Parameters"
    assert lines[4] == "입력층 (Linear)  (None, 4)             12"
    assert lines[5] == "e\u0301 (Linear)       (None, 3)             15"


def test_frozen_parameters():
    model = MLP((4, 3))
    model.build(2)
    model.l0.trainable = False
    assert summarize(model).endswith("Parameters: 27\n  trainable: 15\n  not trainable: 12")


def test_the_input_of_a_built_model_is_known():
    model = Sequential(Dropout(), Linear(3, in_size=2))
    assert "(None, 3)" in summarize(model)
    assert "(None, 3)" in summarize(MLP((4, 3)), 5)


def test_shapes_that_cannot_be_known_stay_open():
    model = Sequential(LayerNorm(4), Linear(3, in_size=4))
    lines = summarize(model).splitlines()
    assert lines[4].split() == ["l0", "(LayerNorm)", "?", "8"]
    assert summarize(Sequential(Flatten())).splitlines()[4].split()[2] == "?"


def test_a_model_without_shapes_asks_for_one():
    with pytest.raises(RuntimeError, match=r"summary: .* l0/W, l1/W\. Pass input_shape"):
        summarize(MLP((4, 3)))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match="Raised in layer 'l1'"):
        summarize(Sequential(Linear(3), Linear(2, in_size=7)), 4)


def test_integers_go_into_embeddings():
    assert "(None, 6, 3)" in summarize(Sequential(EmbedID(5, 3)), 6)


class Branches(Model):
    """A model that calls its layers in another order, one twice, one never."""

    def __init__(self):
        self.last = Linear(2, in_size=4)
        self.twice = Linear(4, in_size=4)
        self.never = Linear(9, in_size=9)
        self.both = Both()

    def forward(self, x):
        a, b = self.both(self.twice(self.twice(x)))
        return self.last(a + b).sum()


class Both(Layer):
    def forward(self, x):
        return x * 2, x.sum(axis=1)[:, None]


def test_a_model_of_ones_own():
    lines = summarize(Branches(), 4).splitlines()
    rows = {line.split()[0]: line for line in lines[4:8]}
    assert list(rows) == ["last", "twice", "never", "both"]
    assert "(None, 2)" in rows["last"] and "(None, 4)" in rows["twice"]
    assert "not called" in rows["never"] and rows["never"].endswith(" 90")
    assert "(None, 4), (None, 1)" in rows["both"]
    assert not Branches().both._hooks


def test_hooks_are_taken_off_after_a_failure():
    model = Branches()
    with pytest.raises(ValueError):
        summarize(model, 3)
    assert not any(model.twice._hooks.values())


def test_shared_layers_count_once():
    shared = Linear(3, in_size=3)
    assert "Parameters: 12\n" in summarize(Sequential(shared, shared))


def test_a_scalar_and_a_vector():
    scalar = Sequential(lambda x: F.sum(x))
    assert " ()" in summarize(scalar, 3)
    assert "(None,)" in summarize(Sequential(lambda x: F.sum(x, axis=1)), 3)
    assert np.ndim(scalar(np.ones(2)).data) == 0


def test_a_sequential_with_a_forward_of_its_own():
    class Twice(Sequential):
        def forward(self, x):
            return 2 * super().forward(x)

    assert "l0 (Linear)   (None, 3)" in summarize(Twice(Linear(3)), 2)


def test_outputs_by_name():
    class Heads(Layer):
        def forward(self, x):
            return {"mean": x, "std": x}

    assert "mean: (None, 2), std: (None, 2)" in summarize(Sequential(Heads()), 2)

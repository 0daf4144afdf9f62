"""First values of parameters and the settings that come with them."""

import json

import numpy as np
import pytest

from dezero import regularizers
from dezero.backend import random
from dezero.constraints import MaxNorm
from dezero.layers import EmbedID, LayerNorm, Linear, deferred
from dezero.models import MLP


@pytest.mark.parametrize(
    "make", [lambda: Linear(3, in_size=2), lambda: EmbedID(4, 2), lambda: LayerNorm(3)]
)
def test_deferred_layers_have_no_data_and_draw_nothing(make):
    state = random.get_state()
    with deferred():
        layer = make()
    assert all(p.data is None for p in layer.params()) and random.get_state() == state
    assert all(p.data is not None for p in make().params())


def test_deferred_layers_ask_for_no_memory():
    with deferred():
        Linear(10**15, in_size=10**15)
        EmbedID(10**15, 10**15)


def test_deferred_ends_with_an_error():
    with pytest.raises(KeyError), deferred():
        raise KeyError
    assert Linear(3, in_size=2).W.data is not None


def test_the_seed_decides(seeded):
    random.seed(3)
    first = MLP((4, 3))
    first.build(5)
    random.seed(3)
    second = MLP((4, 3))
    second(np.ones((2, 5), "f4"))
    for p, q in zip(first.params(), second.params(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize("size", [0, -3, np.int64(0)])
def test_sizes_are_positive(size):
    with pytest.raises(ValueError, match="Linear: expected out_size >= 1, got"):
        Linear(size)
    with pytest.raises(ValueError, match="EmbedID: expected in_size >= 1, got"):
        EmbedID(size, 3)


@pytest.mark.parametrize("size", ["3", 3.0, True, (3,), None])
def test_sizes_are_integers(size):
    with pytest.raises(TypeError, match="Linear: expected out_size, an integer, got"):
        Linear(size)
    if size is not None:
        with pytest.raises(TypeError, match="LayerNorm: expected size, an integer, got"):
            LayerNorm(size)


def test_sizes_may_be_numpys():
    assert type(Linear(np.int64(3), in_size=np.int32(2)).out_size) is int


def test_dtypes_are_floating():
    with pytest.raises(TypeError, match="Linear: expected a floating dtype, got int32"):
        Linear(3, dtype="i4")
    with pytest.raises(TypeError, match="Linear: expected a floating dtype, got half"):
        Linear(3, dtype="halff")


@pytest.mark.parametrize("layer", [Linear(3), LayerNorm()])
def test_no_features_to_take_a_size_from(layer):
    for x in (np.float32(1), np.ones((2, 0), "f4")):
        with pytest.raises(ValueError, match="expected x with at least one feature"):
            layer(x)


@pytest.mark.parametrize("shape", [(None, 784), "784", None, (2.0,), True])
def test_a_sample_has_a_shape_of_integers(shape):
    with pytest.raises(TypeError, match="build: expected integers as input_shape, got"):
        Linear(3).build(shape)


def test_a_sample_has_no_negative_size():
    with pytest.raises(ValueError, match=r"build: expected sizes >= 0 .* got \(-1, 3\)"):
        Linear(3).build((-1, 3))


@pytest.mark.parametrize("shape", [5, np.int64(5), (5,), [5], (2, 5)])
def test_shapes_of_samples(shape):
    layer = Linear(3)
    layer.build(shape)
    assert layer.in_size == 5


class TestRules:
    def test_they_are_saved_with_the_layer(self):
        layer = Linear(
            3,
            kernel_regularizer="l1",
            bias_regularizer=regularizers.L2(0.5),
            kernel_constraint=MaxNorm(3.0),
            bias_constraint="non_neg",
        )
        again = Linear(**json.loads(json.dumps(layer.config())))
        assert again.config() == layer.config()
        assert again.constraints == layer.constraints and set(again.regularizers) == {"W", "b"}

    def test_without_bias_there_is_none_to_rule(self):
        layer = Linear(3, nobias=True, bias_regularizer="l2", bias_constraint="non_neg")
        assert not layer.regularizers and not layer.constraints

    def test_a_regularizer_of_ones_own_works_but_is_not_saved(self):
        layer = Linear(3, in_size=2, kernel_regularizer=lambda W: (W * W).sum())
        assert len(layer.penalties()) == 1
        with pytest.raises(TypeError, match="regularizer of dezero's own, got <lambda> in Linear"):
            layer.config()

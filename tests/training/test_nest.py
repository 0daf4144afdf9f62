"""Structures of arrays."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.training.nest import count, first_leaf, is_structure, joined, leaves, mapped

A, B = np.arange(3), np.ones((3, 2))


@pytest.mark.parametrize(
    "part", [[A, B], (A,), {"a": A}, [None, A], [[A], B], [Variable(B)], [{"a": A}], {}]
)
def test_structures(part):
    assert is_structure(part)


@pytest.mark.parametrize(
    "part", [A, [1, 2], [[1, 2], [3, 4]], [], None, "text", [np.float32(1)], [np.array(1.0)], 3]
)
def test_what_is_one_array_or_none(part):
    assert not is_structure(part)


def test_mapped_and_leaves():
    tree = {"a": (A, None), "b": [B]}
    assert {name for name, _ in leaves(tree, "x")} == {"x['a'][0]", "x['b'][0]"}
    found = mapped(np.shape, tree)
    assert found == {"a": [(3,), None], "b": [(3, 2)]}
    assert mapped(np.shape, A) == (3,) and mapped(np.shape, None) is None


def test_first_leaf_and_count():
    assert first_leaf([None, {"b": A}]) is A and first_leaf(B) is B and first_leaf([]) is None
    assert count({"a": A}) == 3


def test_joined():
    parts = [{"a": [A, B]}, {"a": [A + 1, B]}]
    found = joined(parts, np.concatenate)
    assert found["a"][0].tolist() == [0, 1, 2, 1, 2, 3] and found["a"][1].shape == (6, 2)

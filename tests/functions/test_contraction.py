"""What specs cannot say of `dezero/functions/contraction.py`."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.functions.contraction import contracted


def test_numpy_calls_einsum():
    x, a = Variable(np.ones((2, 3), np.float32)), np.arange(12).reshape(3, 4)
    y = np.einsum("ij,jk", x, a)
    assert isinstance(y, Variable) and y.dtype == np.float32
    np.testing.assert_array_equal(y.data, np.ones((2, 3)) @ a)


@pytest.mark.parametrize(
    "subscripts",
    [
        "ij,jk->ik", "ij,jk->ki", "ij,ij->", "i,j->ij", "i,i->i", "bij,bjk->bik", "bij,bkj->bki",
        "bhtd,bhsd->bhts", "ii,ij->j", "ij,jk,kl->il", "ij,jk,ik->i", "i,i,i->", "ii->i", "ijk->k",
        "ab,cd->", "abc,cd->bd", "iij,jkk->ik", "ij,ij,j->i",
    ],
)  # fmt: skip
def test_products_in_pairs_are_numpys_einsum(rng, subscripts):
    left, output = subscripts.split("->")
    sizes = {letter: size for size, letter in enumerate(sorted({*left} - {","}), 2)}
    terms = left.split(",")
    xs = [rng.standard_normal([sizes[c] for c in term]) for term in terms]
    found = contracted(terms, output, xs)
    np.testing.assert_allclose(found, np.einsum(subscripts, *xs), atol=1e-12)


@pytest.mark.parametrize("shapes", [((3, 1), (4, 5)), ((3, 4), (1, 5)), ((3, 1), (1, 5)),
                                    ((3, 0), (0, 5)), ((0, 4), (4, 5))])  # fmt: skip
def test_pairs_of_axes_of_size_one(rng, shapes):
    xs = [rng.standard_normal(shape) for shape in shapes]
    found = contracted(["ij", "jk"], "ik", xs)
    np.testing.assert_allclose(found, np.einsum("ij,jk->ik", *xs), atol=1e-12)

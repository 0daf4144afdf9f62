"""Specs of `dezero/functions/contraction.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec

CALLS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba,ac", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ij->i", (2, 3)),
    ("ij->", (2, 3)),
    ("ij,k->k", (2, 3), (4,)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij,i->j", (2, 2, 3), (2,)),
    ("iii->i", (2, 2, 2)),
    ("i,i,i->i", (3,), (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
    (",ij->ij", (), (2, 3)),
    ("...ij,...jk->...ik", (2, 2, 3), (3, 2)),
    ("...ij,...jk", (4, 1, 2, 3), (2, 3, 2)),
    ("b...,b...->b...", (2, 3), (2, 3)),
    ("...->...", (2, 3)),
    ("ij,ij->i", (2, 1), (1, 3)),
    ("ij,jk->k", (2, 0), (0, 3)),
    ("bhqd, bhkd -> bhqk", (1, 2, 3, 2), (1, 2, 2, 2)),
]

SPECS = [
    *(spec(F.einsum, const(text), *shapes, oracle=np.einsum) for text, *shapes in CALLS),
    spec(lambda x: F.einsum("ij,kj->ik", x, x), (2, 3), oracle=lambda x: x @ x.T, id="twice"),
    fails(F.einsum, np.ones(3), "i", error=TypeError, match="einsum: expected subscripts as a str"),
    fails(F.einsum, "i,j", np.ones(3), error=ValueError, match="einsum: .*a term for each operand"),
    fails(F.einsum, "i1->i", np.ones((3, 3)), error=ValueError, match="einsum: expected letters"),
    fails(F.einsum, "ij", np.ones(3), error=ValueError, match="einsum: expected a letter for each"),
    fails(F.einsum, "i", np.ones((3, 3)), error=ValueError, match="a letter for each axis"),
    fails(F.einsum, "i->k", np.ones(3), error=ValueError, match="einsum: expected an output"),
    fails(F.einsum, "i->ii", np.ones(3), error=ValueError, match="einsum: expected an output"),
    fails(F.einsum, "...i->i", np.ones((2, 3)), error=ValueError, match="in the output too"),
    fails(F.einsum, "i,i->i", np.ones(2), np.ones(3), error=ValueError, match="one size for 'i'"),
]

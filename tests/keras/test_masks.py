"""Masks that live as long as their tensors."""

import gc

import numpy as np

from dezero.core import Variable
from dezero.keras import masks


def test_a_mask_belongs_to_one_tensor_and_goes_with_it():
    x, y = Variable(np.zeros(3)), Variable(np.zeros(3))
    keep = np.array([True, True, False])
    masks.set_mask(x, keep)
    assert masks.mask_of(x) is keep and masks.mask_of(y) is None
    assert masks.masks_of([x, y])[0] is keep and masks.masks_of([y, y]) is None
    assert masks.masks_of({"x": x}) is None
    del x
    gc.collect()
    assert not masks._masks
    assert masks.masks_of([y]) is None

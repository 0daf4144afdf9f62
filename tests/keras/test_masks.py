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


def test_masks_of_attention_are_merged_with_their_axes_side_by_side():
    rng = np.random.default_rng(0)
    rows, columns = rng.random((2, 5)) < 0.7, rng.random((2, 4)) < 0.7
    pairs = rows[:, :, None] & columns[:, None]
    np.testing.assert_array_equal(masks.merged_mask(rows, columns, None, None), pairs)
    of_heads = rng.random((2, 3, 5, 4)) < 0.7
    merged = masks.merged_mask(rows, None, columns, of_heads)
    np.testing.assert_array_equal(merged, pairs[:, None] & of_heads)
    wide = np.broadcast_to(rows[:, None], (2, 3, 5))  # an axis beside T
    merged = masks.merged_mask(wide, None, None, pairs)
    np.testing.assert_array_equal(merged, wide[..., None] & pairs[:, None])


def test_masks_of_several_axes_become_those_of_one():
    mask = np.random.default_rng(0).random((2, 3, 4, 3, 4)) < 0.5
    assert masks.flat_mask(mask, 2, 2).shape == (2, 12, 12)
    assert masks.flat_mask(mask[..., 0, 0], 2).shape == (2, 12)
    assert masks.flat_mask(None, 2) is None and masks.flat_mask(mask, 1) is mask
    keep = mask[:, 0, :, 0]  # (2, 4, 4)
    folded = masks.folded_mask(keep, (2, 3))
    np.testing.assert_array_equal(folded, keep.repeat(3, axis=0))

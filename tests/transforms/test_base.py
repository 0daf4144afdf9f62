"""Compose and apply_batch: a batch is changed exactly as its samples are, one by one."""

import numpy as np
import pytest
from PIL import Image

from dezero.transforms import (
    SLAB,
    AsType,
    Compose,
    Flatten,
    Normalize,
    Resize,
    ToArray,
    ToFloat,
    ToInt,
    apply_batch,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 3, 4, 2), dtype=np.uint8)
BOOK = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])
PICTURES = [Image.fromarray(x.transpose(1, 2, 0)) for x in IMAGES]


@pytest.mark.parametrize(
    "transform",
    [
        BOOK,
        Compose(),
        Flatten(),
        ToFloat(),
        ToInt(),
        AsType(np.float64),
        Normalize(10.0, 3.0),
        Normalize([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        Normalize([1.0, 2.0, 3.0], 2.0),
        Compose([lambda x: x[::-1], Flatten()]),
    ],
    ids=lambda transform: type(transform).__name__,
)
def test_batch_equals_samples(transform):
    batch = apply_batch(transform, IMAGES)
    samples = np.stack([transform(x) for x in IMAGES])
    assert batch.dtype == samples.dtype
    np.testing.assert_array_equal(batch, samples)


@pytest.mark.parametrize("transform", [BOOK, Flatten(), lambda x: x, None])
def test_empty_batch(transform):
    assert len(apply_batch(transform, IMAGES[:0])) == 0


@pytest.mark.parametrize("size", [SLAB, SLAB + 1, 2 * SLAB + 300])
def test_whole_data_set_in_slabs_equals_one_pass(size):
    xs = RNG.integers(0, 256, (size, 1, 3, 3), dtype=np.uint8)
    y = BOOK.batch(xs)
    np.testing.assert_array_equal(y, xs.reshape(size, 9).astype(np.float32) / np.float32(255.0))
    assert y.dtype == np.float32


def test_slabs_of_different_types_lose_nothing():
    def halve_late(x):
        return x if x < SLAB else x / 2

    x = np.arange(2 * SLAB)
    result = Compose([abs, halve_late]).batch(x)
    np.testing.assert_array_equal(result, np.stack([halve_late(v) for v in x]))


def test_lists_of_samples_are_taken():
    result = apply_batch(BOOK, list(IMAGES))
    np.testing.assert_array_equal(result, BOOK.batch(IMAGES))


def test_function_without_batch_is_applied_to_each():
    seen = []
    apply_batch(lambda x: seen.append(x.shape) or x.sum(), IMAGES)
    assert seen == [(3, 4, 2)] * 5


def test_list_of_pillow_images_goes_through_one_by_one():
    through = Compose([Resize((4, 8)), ToArray(), Normalize(0.0, 255.0)])
    y = through.batch(PICTURES)
    assert y.shape == (5, 3, 8, 4) and y.dtype == np.float32
    np.testing.assert_array_equal(y, np.stack([through(p) for p in PICTURES]))


def test_list_of_pillow_images_stays_one_while_they_are_images():
    sizes = [p.size for p in Compose([Resize(3), lambda p: p]).batch(PICTURES)]
    assert sizes == [(3, 3)] * 5
    many = Compose([Resize(3), lambda p: p]).batch(PICTURES * (SLAB // 5 + 1))
    assert len(many) == 5 * (SLAB // 5 + 1) and many[-1].size == (3, 3)


def test_empty_list():
    assert apply_batch(lambda x: x, []) == []

"""`flow`: arrays in memory, with targets, weights, others beside them, and parts."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator, NumpyArrayIterator

X = np.arange(10 * 12, dtype=np.uint8).reshape(10, 2, 2, 3)
Y = np.arange(10) % 2
PLAIN = ImageDataGenerator()


def test_batches_of_what_was_given():
    x, y = next(PLAIN.flow(X, Y, batch_size=4, shuffle=False))
    assert x.dtype == np.float32 and y.tolist() == [0, 1, 0, 1]
    np.testing.assert_array_equal(x, X[:4])
    assert next(PLAIN.flow(X, batch_size=3)).shape == (3, 2, 2, 3)
    x, y, w = PLAIN.flow(X, Y, sample_weight=np.arange(10.0), shuffle=False, batch_size=4)[2]
    assert len(x) == 2 and w.tolist() == [8, 9]
    (x, others), y = PLAIN.flow((X, Y * 10), Y, shuffle=True, batch_size=10)[0]
    np.testing.assert_array_equal(others, y * 10)
    (x, a, b), y = PLAIN.flow((X, [Y, -Y]), Y)[0]
    np.testing.assert_array_equal(a, -b)
    assert NumpyArrayIterator(X, None, PLAIN).shuffle is False


def test_parts_for_training_and_validation():
    generator = ImageDataGenerator(validation_split=0.4)
    parts = [generator.flow(X, Y, subset=s, shuffle=False) for s in ("validation", "training")]
    assert [part.n for part in parts] == [4, 6]
    np.testing.assert_array_equal(parts[0][0][0], X[:4])
    np.testing.assert_array_equal(parts[1][0][0], X[4:])
    with pytest.raises(ValueError, match="expected the same classes"):
        generator.flow(X, np.sort(Y), subset="training")
    flow = generator.flow(X, np.sort(Y), subset="training", ignore_class_split=True)
    assert flow.n == 6
    for options, message in (({"subset": "test"}, "subset to be one"), ({"subset": None}, "")):
        if message:
            with pytest.raises(ValueError, match=message):
                generator.flow(X, Y, **options)
    with pytest.raises(ValueError, match="expected validation_split for subset"):
        PLAIN.flow(X, Y, subset="training")


def test_two_flows_of_one_seed_go_together():
    generator = ImageDataGenerator(rotation_range=30, width_shift_range=0.3, horizontal_flip=True)
    pictures, masks = (generator.flow(X, seed=3, batch_size=4) for _ in range(2))
    for _ in range(5):
        np.testing.assert_array_equal(next(pictures), next(masks))


def test_pictures_in_memory_stay_and_are_saved_if_asked_for(tmp_path):
    before = X.copy()
    generator = ImageDataGenerator(rotation_range=30, samplewise_center=True, rescale=0.1)
    flow = generator.flow(X, batch_size=4, save_to_dir=str(tmp_path), save_prefix="p")
    next(flow)
    np.testing.assert_array_equal(X, before)
    assert len(list(tmp_path.glob("p_*.png"))) == 4


def test_channels_first_and_other_kinds_of_arrays():
    generator = ImageDataGenerator(data_format="channels_first", dtype="float64")
    x = next(generator.flow(X.transpose(0, 3, 1, 2), batch_size=2))
    assert x.shape == (2, 3, 2, 2) and x.dtype == np.float64
    assert next(PLAIN.flow(X.astype(object), batch_size=2)).dtype == np.float32
    assert next(PLAIN.flow(X.tolist(), batch_size=2)).shape == (2, 2, 2, 3)
    with pytest.warns(UserWarning, match="expected 1, 3 or 4 channels on axis 3"):
        PLAIN.flow(X.transpose(0, 3, 1, 2))


def test_refusals():
    with pytest.raises(ValueError, match="flow: expected x of rank 4"):
        PLAIN.flow(X[0])
    for x in (np.array(["a"]), X.astype(complex), np.array([{}])):
        with pytest.raises(TypeError, match="flow: expected pictures of numbers"):
            PLAIN.flow(x)
    for options in ({"y": Y[:3]}, {"sample_weight": Y[:3]}):
        with pytest.raises(ValueError, match="expected as many labels and weights"):
            PLAIN.flow(X, **options)
    with pytest.raises(ValueError, match="expected as many"):
        PLAIN.flow((X, Y[:3]))

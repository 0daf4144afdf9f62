"""Layers of several inputs, against NumPy; numbers and masks are as real Keras 3 gave them."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.keras.layers import merging
from dezero.keras.layers.core import Input
from dezero.keras.layers.masking import Masking
from dezero.keras.masks import mask_of
from dezero.keras.models import Model

RNG = np.random.default_rng(0)
A, B, C = (RNG.standard_normal((3, 5, 4)).astype("f4") for _ in range(3))
ELEMENTWISE = {
    "Add": lambda *xs: sum(xs),
    "Multiply": lambda *xs: np.prod(xs, axis=0),
    "Average": lambda *xs: np.mean(xs, axis=0),
    "Maximum": lambda *xs: np.max(xs, axis=0),
    "Minimum": lambda *xs: np.min(xs, axis=0),
}


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_elementwise(kind):
    expected = ELEMENTWISE[kind](A, B, C)
    y = getattr(merging, kind)()([A, B, C])
    np.testing.assert_allclose(y.data, expected, rtol=1e-6)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(getattr(merging, kind.lower())([A, B, C]).data, y.data)
    np.testing.assert_array_equal(getattr(merging, kind)()([A]).data, A)


def test_subtract():
    np.testing.assert_array_equal(merging.Subtract()([A, B]).data, A - B)
    np.testing.assert_array_equal(merging.subtract((A, B)).data, A - B)
    with pytest.raises(ValueError, match="Subtract: expected two inputs"):
        merging.Subtract()([A, B, C])


def test_inputs_of_fewer_axes_stand_behind_the_batch():
    row = RNG.standard_normal((3, 4)).astype("f4")
    np.testing.assert_array_equal(merging.add([A, row]).data, A + row[:, None])
    x = merging.add([Input((5, 4)), Input((4,))])
    assert x.shape == (None, 5, 4)
    assert merging.add([Input((5, 1)), Input((None, 4))]).shape == (None, None, 4)
    assert merging.add([Input(batch_shape=(2, 4)), Input((4,))]).shape == (2, 4)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([A, A[:, :, :3]], "inputs that broadcast"),
        ([], "a list of inputs"),
        (A, "a list of inputs"),
    ],
)
def test_what_does_not_go_together_is_refused(inputs, words):
    with pytest.raises(ValueError, match=f"Add: expected {words}"):
        merging.Add()(inputs)


def test_batches_that_differ_are_refused():
    with pytest.raises(ValueError, match="one batch size"):
        merging.Add().compute_output_shape([(2, 3), (4, 3)])


def test_the_first_of_equal_elements_gets_the_gradient():
    for kind in (merging.maximum, merging.minimum):
        x, y = Variable(np.array([[1.0, 2.0]])), Variable(np.array([[1.0, 5.0]]))
        kind([x, y]).sum().backward()
        assert x.grad.data[0, 0] == 1 and y.grad.data[0, 0] == 0
    assert np.isnan(merging.maximum([[[np.nan, 1.0]], [[1.0, np.nan]]]).data).all()


def test_concatenate():
    for axis in (1, -1, 2):
        y = merging.concatenate([A, B], axis=axis)
        np.testing.assert_array_equal(y.data, np.concatenate([A, B], axis))
        found = merging.Concatenate(axis)([Input((5, 4)), Input((5, 4))]).shape
        assert found[1:] == y.shape[1:]
    assert merging.concatenate([Input((None, 4)), Input((5, 4))], axis=1).shape == (None, None, 4)
    with pytest.raises(ValueError, match="differ at axis 1 alone"):
        merging.concatenate([A, A[:, :, :2]], axis=1)
    with pytest.raises(ValueError, match="all have axis 3"):
        merging.concatenate([A, B], axis=3)
    with pytest.raises(TypeError, match="integer as axis"):
        merging.Concatenate(axis="last")
    with pytest.raises(ValueError, match="a list of inputs"):
        merging.Concatenate()(A)


@pytest.mark.parametrize(
    ("axes", "one", "other", "formula"),
    [
        (1, (3, 4), (3, 4), "ni,ni->n"),
        (-1, (3, 4), (3, 4), "ni,ni->n"),
        ((1, 2), (3, 2, 5), (3, 7, 2), "nia,nbi->nab"),
        ((-1, -2), (3, 2, 5), (3, 5, 7), "nai,nib->nab"),
        (1, (3, 4), (3, 4, 6), "ni,nib->nb"),
        ((2, 1), (3, 6, 4), (3, 4), "nai,ni->na"),
        ((1, 2), (3, 4, 2, 3), (3, 5, 4, 2), "niab,ncid->nabcd"),
        (1, (0, 4), (0, 4), "ni,ni->n"),
    ],
)
@pytest.mark.parametrize("normalize", [False, True])
def test_dot(axes, one, other, formula, normalize):
    x, y = RNG.standard_normal(one), RNG.standard_normal(other)
    layer = merging.Dot(axes, normalize)
    result = layer([x, y])
    if normalize:
        first, second = layer._places([one, other])
        x = x / np.linalg.norm(x, axis=first, keepdims=True)
        y = y / np.linalg.norm(y, axis=second, keepdims=True)
    expected = np.einsum(formula, x, y)
    expected = expected[:, None] if expected.ndim == 1 else expected
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.data, expected, rtol=1e-12, atol=1e-12)
    symbolic = merging.dot([Input(one[1:]), Input(other[1:])], axes, normalize)
    assert symbolic.shape[1:] == expected.shape[1:]


def test_dot_refuses():
    for axes in (0, (1, 0), 5):
        with pytest.raises(ValueError, match="beside the batch"):
            merging.dot([A, B], axes)
    for axes in (1.5, (1,), (1, 2, 3), None):
        with pytest.raises(ValueError, match="an integer or two"):
            merging.Dot(axes)
    with pytest.raises(ValueError, match="sizes at axes"):
        merging.dot([A, B], (1, 2))
    with pytest.raises(ValueError, match="two inputs"):
        merging.dot([A, B, C])


def padded(seed, *empty):
    x = np.abs(np.random.default_rng(seed).standard_normal((2, 4, 2)).astype("f4")) + 1
    for n, t in empty:
        x[n, t] = 0
    return x


P, Q = padded(1, (0, 3), (1, 2), (1, 3)), padded(2, (0, 3), (1, 3))


@pytest.mark.parametrize("kind", [*ELEMENTWISE, "Subtract"])
def test_a_place_counts_where_one_of_the_inputs_does(kind):
    layer = getattr(merging, kind)()
    y = layer([Masking()(P), Masking()(Q)])
    np.testing.assert_array_equal(mask_of(y), (P != 0).all(-1) | (Q != 0).all(-1))
    assert mask_of(layer([Masking()(P), Q])) is None


def test_masked_places_have_no_say():
    one = Masking()(P)
    np.testing.assert_array_equal(merging.multiply([one, Q]).data[1, 2], Q[1, 2])
    np.testing.assert_array_equal(merging.multiply([one, Masking()(Q)]).data[1, 3], 0)
    np.testing.assert_array_equal(merging.minimum([one, Q]).data[1, 2], Q[1, 2])
    np.testing.assert_array_equal(merging.minimum([Q, one]).data[1, 2], Q[1, 2])


def test_masks_are_joined():
    one, other = Masking()(P), Masking()(Q)
    alone = np.concatenate([(P != 0).all(-1), np.ones((2, 4), bool)], 1)
    np.testing.assert_array_equal(mask_of(merging.concatenate([one, Q], axis=1)), alone)
    both = np.concatenate([(P != 0).all(-1), (Q != 0).all(-1)], 1)
    np.testing.assert_array_equal(mask_of(merging.concatenate([one, other], axis=1)), both)
    assert mask_of(merging.concatenate([P, Q], axis=1)) is None
    assert mask_of(merging.dot([one, other], -1)) is None


def test_in_a_model():
    x, y = Input((5, 4)), Input((4,))
    model = Model([x, y], merging.Concatenate(1)([merging.Multiply()([x, y]), x]))
    row = A[:, 0]
    expected = np.concatenate([A * row[:, None], A], 1)
    np.testing.assert_allclose(model.predict([A, row], verbose=0), expected, rtol=1e-6)


@pytest.mark.parametrize("layer", [merging.Concatenate(1), merging.Dot((1, 2), True, name="d")])
def test_configuration(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()

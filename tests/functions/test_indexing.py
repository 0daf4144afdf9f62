"""What specs cannot say of `dezero/functions/indexing.py`."""

import numpy as np
import pytest

from dezero import autograd
from dezero.core import Variable
from dezero.functions import indexing as I


def test_the_book_way_to_index():
    x = Variable(np.arange(6.0).reshape(2, 3))
    y = x[np.array([0, 0, 1])]
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [[2, 2, 2], [1, 1, 1]])


def test_gradient_of_get_item_is_its_own_class():
    x = Variable(np.ones((2, 3)))
    y = I.GetItem((slice(None), 1))(x)
    gx = I.GetItemGrad((slice(None), 1), (2, 3))(y)
    np.testing.assert_array_equal(gx.data, [[0, 1, 0], [0, 1, 0]])


def test_basic_index_gives_a_view():
    x = Variable(np.arange(6.0))
    assert np.shares_memory(I.get_item(x, slice(1, 3)).data, x.data)


def test_rows_looked_up_often_get_all_gradients():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 20, (8, 50))
    W = Variable(rng.standard_normal((20, 16)).astype(np.float32))
    gy = rng.standard_normal((8, 50, 16)).astype(np.float32)
    gW = autograd.grad(I.embed_id(ids, W), W, Variable(gy))
    expected = np.zeros((20, 16))
    np.add.at(expected, ids, gy)
    assert gW.dtype == np.float32
    np.testing.assert_allclose(gW.data, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("ids", [np.array([], int), np.array([[2]], np.uint8)])
def test_embed_id_takes_any_integers(ids):
    assert I.embed_id(ids, np.ones((3, 4), np.float32)).shape == (*ids.shape, 4)


def test_set_item_leaves_x_alone():
    x = Variable(np.zeros(3))
    y = I.set_item(x, 1, 7)
    np.testing.assert_array_equal(x.data, 0)
    np.testing.assert_array_equal(y.data, [0, 7, 0])


def test_argmax_gives_the_first_of_equals():
    assert int(I.argmax([1, 3, 3])) == 1 and int(I.argmin([1, 3, 1])) == 0


def test_numpy_calls_these():
    x = Variable(np.array([[3.0, 1.0], [2.0, 4.0]]))
    assert int(np.argmax(x)) == 3
    order = np.argsort(x, axis=0)
    np.testing.assert_array_equal(order.data, [[1, 0], [0, 1]])
    y = np.take_along_axis(x, order, axis=0)
    assert isinstance(y, Variable)
    np.testing.assert_array_equal(y.data, [[2, 1], [3, 4]])
    np.testing.assert_array_equal(np.take(x, [1], axis=0).data, [[2, 4]])


def test_float16_gradients_of_one_row_do_not_stop_at_2048():
    W = Variable(np.ones((3, 2), np.float16))
    I.embed_id(np.zeros(5000, int), W).sum().backward()
    assert W.grad.dtype == np.float16
    np.testing.assert_array_equal(W.grad.data, [[5000, 5000], [0, 0], [0, 0]])


@pytest.mark.parametrize("index", [[2, 0, 0], (slice(None), [1, 1]), ([0, 0], [1, 1])])
def test_a_list_given_to_the_class_itself_counts_repeats(index, rng):
    x = Variable(rng.standard_normal((3, 4)))
    y = I.GetItem(index)(x)
    y.backward()
    expected = np.zeros((3, 4))
    np.add.at(expected, index, 1.0)
    np.testing.assert_array_equal(x.grad.data, expected)

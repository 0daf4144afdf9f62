"""TensorFlow's names and arguments; the wanted values are TensorFlow 2.20's."""

import numpy as np
import pytest

from dezero import tf

M = [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: tf.constant([1, 2]), np.array([1, 2], "i4")),
        (lambda: tf.constant(2.0, shape=(2,)), np.array([2, 2], "f4")),
        (lambda: tf.constant([1, 2, 3, 4], shape=(2, 2)), np.array([[1, 2], [3, 4]], "i4")),
        (lambda: tf.fill((2,), 3), np.array([3, 3], "i4")),
        (lambda: tf.eye(2), np.eye(2, dtype="f4")),
        (lambda: tf.range(1, 4), np.array([1, 2, 3], "i4")),
        (lambda: tf.rank(M), np.int32(2)),
        (lambda: tf.size(M), np.int32(4)),
        (lambda: tf.add(1, 2), np.int32(3)),
        (lambda: tf.divide(4.0, 2.0), np.float32(2)),
        (lambda: tf.argmax(M), np.array([1, 1])),
        (lambda: tf.argmin(M, 1), np.array([0, 0])),
        (lambda: tf.concat([M, M], 0), np.array(M + M, "f4")),
        (lambda: tf.split(tf.constant(M), [1, -1], 1)[1], np.array([[2], [4]], "f4")),
        (lambda: tf.split(tf.range(6), 3)[2], np.array([4, 5], "i4")),
        (lambda: tf.gather([1, 2, 3], [2, 0]), np.array([3, 1], "i4")),
        (lambda: tf.boolean_mask([1, 2], [False, True]), np.array([2], "i4")),
        (lambda: tf.one_hot([1], 2, 5.0, -1.0), np.array([[-1, 5]], "f4")),
        (lambda: tf.pad(tf.constant(M), [[0, 0], [1, 0]]), np.array([[0, 1, 2], [0, 3, 4]], "f4")),
        (lambda: tf.norm(tf.constant([3.0, 4.0])), np.float32(5)),
        (lambda: tf.add_n([1.0, 2.0, tf.constant(3.0)]), np.float32(6)),
        (lambda: tf.reduce_mean(M, axis=[0]), np.array([2, 3], "f4")),
        (lambda: tf.reduce_sum(M, 1, keepdims=True), np.array([[3], [7]], "f4")),
        (lambda: tf.math.reduce_std(tf.constant(M)), np.float32(1.118034)),
        (lambda: tf.math.l2_normalize([3.0, 4.0]), np.array([0.6, 0.8], "f4")),
        (lambda: tf.math.squared_difference(tf.constant(M), 1.0), np.array([[0, 1], [4, 9]], "f4")),
        (lambda: tf.linalg.matrix_transpose(tf.constant(M)), np.array([[1, 3], [2, 4]], "f4")),
        (lambda: tf.nn.l2_loss(tf.constant(M)), np.float32(15)),
        (
            lambda: tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], tf.constant([2.0, 1e3])),
            np.array([0.126928, 1000], "f4"),
        ),
        (
            lambda: tf.nn.softmax_cross_entropy_with_logits(
                [[0.0, 1.0]], tf.constant([[1.0, 3.0]])
            ),
            np.array([0.126928], "f4"),
        ),
        (
            lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([1], tf.constant([[1.0, 3.0]])),
            np.array([0.126928], "f4"),
        ),
        (lambda: tf.image.flip_left_right(np.arange(6).reshape(1, 2, 3)), [[[3, 4, 5], [0, 1, 2]]]),
        (lambda: tf.image.flip_up_down(np.arange(4).reshape(2, 2, 1))[0, :, 0], [2, 3]),
        (lambda: tf.image.convert_image_dtype(np.array([255, 51], "u1"), tf.float32), [1, 0.2]),
        (lambda: tf.image.rgb_to_grayscale(np.full((1, 1, 3), 100)), [[[99.99]]]),
        (lambda: tf.shape(tf.image.resize(np.ones((1, 4, 4, 3)), (2, 6))), [1, 2, 6, 3]),
        (lambda: tf.nn.dropout(tf.ones((2,)), 0.0), np.ones(2, "f4")),
    ],
)
def test_values(call, wanted):
    got, wanted = np.asarray(call()), np.asarray(wanted)
    np.testing.assert_allclose(got, wanted, rtol=1e-5)
    if wanted.dtype in (np.float32, np.int32):
        assert got.dtype == wanted.dtype


def test_what_changes_nothing():
    @tf.function
    def double(x):
        return 2 * x

    @tf.function(jit_compile=True)
    def triple(x):
        return 3 * x

    assert double(2) == 4 and triple(2) == 6 and tf.executing_eagerly()
    assert tf.config.list_physical_devices("GPU") == [] and tf.data.AUTOTUNE == -1
    tf.config.run_functions_eagerly(True)
    assert tf.constant(1.0).dtype == tf.float32 and tf.newaxis is None and tf.__version__[0] == "2"


def test_a_data_set_feeds_a_model():
    x, y = np.random.default_rng(0).normal(size=(20, 3)).astype("f4"), np.ones((20, 1), "f4")
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(20).batch(8).prefetch(-1)
    data = data.map(lambda a, b: (tf.cast(a, tf.float32) / 2.0, b))
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(data, epochs=2, validation_data=data, verbose=0)
    assert history.params["steps"] == 3 and model.predict(data, verbose=0).shape == (20, 1)
    batch, _ = next(iter(data))
    assert batch.numpy().shape == (8, 3)


def test_gradients_are_cut_together():
    cut, total = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 1.0)
    assert float(total) == 5 and [round(float(x[0]), 6) for x in cut] == [0.6, 0.8]
    same, _ = tf.clip_by_global_norm([tf.constant([3.0])], 5.0)
    assert float(same[0][0]) == 3


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: tf.equal([1, 2], [1, 3]), [True, False]),
        (lambda: tf.greater_equal([1.0, 2.0], [1.5, 1.5]), [False, True]),
        (lambda: tf.reduce_mean(tf.cast(tf.equal([1, 2], [1, 3]), tf.float32)), 0.5),
        (lambda: tf.transpose(M, perm=[1, 0]), [[1, 3], [2, 4]]),
        (lambda: tf.matmul(M, M, transpose_b=True), [[5, 11], [11, 25]]),
        (lambda: tf.matmul(M, M, transpose_a=True), [[10, 14], [14, 20]]),
        (lambda: tf.tile([[1, 2]], multiples=[2, 1]), [[1, 2], [1, 2]]),
        (lambda: tf.clip_by_value([1.0, 5.0], clip_value_min=2, clip_value_max=3), [2, 3]),
        (lambda: tf.where([True, False, True]), [[0], [2]]),
        (lambda: tf.where(tf.constant([True, False]), 1.0, 2.0), [1, 2]),
    ],
)
def test_lists_and_tensorflows_own_words(call, wanted):
    np.testing.assert_array_equal(np.asarray(call()), wanted)

"""CategoryEncoding and Discretization; the wanted values are Keras 3.15's."""

import numpy as np
import pytest

from dezero.keras import Input, layers
from dezero.preprocessing import Pipeline


@pytest.mark.parametrize(
    ("count", "mode", "x", "wanted"),
    [
        (4, "multi_hot", [[0, 1], [0, 0], [3, 1]], [[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1]]),
        (4, "one_hot", [3, 0], [[0, 0, 0, 1], [1, 0, 0, 0]]),
        (3, "one_hot", [[0], [2]], [[1, 0, 0], [0, 0, 1]]),
        (4, "count", [[0, 1], [0, 0]], [[1, 1, 0, 0], [2, 0, 0, 0]]),
        (3, "multi_hot", [1, 2], [0, 1, 1]),
    ],
)
def test_classes(count, mode, x, wanted):
    layer = layers.CategoryEncoding(num_tokens=count, output_mode=mode)
    y = layer(np.array(x))
    np.testing.assert_array_equal(y.data, np.array(wanted, "f4"), strict=True)
    assert layer.compute_output_shape(np.shape(x)) == y.shape
    assert layer(Input(np.shape(x)[1:] or (1,), dtype="int32")).shape[-1] == count


def test_weights_of_counts():
    layer = layers.CategoryEncoding(num_tokens=3, output_mode="count")
    y = layer(np.array([[0, 1], [0, 0]]), count_weights=np.array([[0.1, 0.2], [0.3, 0.4]]))
    np.testing.assert_allclose(y.data, [[0.1, 0.2, 0], [0.7, 0, 0]], rtol=1e-6)
    with pytest.raises(ValueError, match="expected classes from 0 to 2, got 3 to 5"):
        layer(np.array([3, 5]))
    with pytest.raises(ValueError, match="expected num_tokens above 0, got 0"):
        layers.CategoryEncoding(0)


def test_bins():
    x = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]])
    layer = layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    wanted = np.array([[0, 2, 3, 1], [1, 3, 2, 1]], "i4")
    np.testing.assert_array_equal(layer(x).data, wanted, strict=True)
    assert layer(Input((4,))).dtype == "int32" and layer(Input((4,))).shape == (None, 4)
    learnt = layers.Discretization(num_bins=4)
    with pytest.raises(RuntimeError, match="expected boundaries, got none. Call adapt"):
        learnt(x)
    learnt.adapt(x)
    np.testing.assert_allclose(learnt.bin_boundaries, [0, 0.5, 1.3])
    assert learnt(x[:1]).data.tolist() == [[0, 2, 3, 2]]
    learnt.adapt(Pipeline.from_tensor_slices((x, x)).batch(1))
    np.testing.assert_allclose(learnt.bin_boundaries, [0, 0.5, 1.3])
    rows = layers.Discretization(bin_boundaries=[0.0, 1.0], output_mode="one_hot")
    np.testing.assert_array_equal(rows(np.array([-1, 0.5, 3])).data, np.eye(3))
    assert rows.compute_output_shape((5, 1)) == (5, 3)
    with pytest.raises(ValueError, match="expected bin_boundaries or num_bins"):
        layers.Discretization()

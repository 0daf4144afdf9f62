"""`LayerNorm`: size, eps."""

import numpy as np
import pytest

from dezero.layers import LayerNorm


def test_size_comes_from_the_first_call():
    layer = LayerNorm()
    y = layer(np.arange(12, dtype="f4").reshape(3, 4)).data
    assert layer.size == 4 and layer.gamma.data.tolist() == [1] * 4
    assert layer.beta.data.tolist() == [0] * 4
    np.testing.assert_allclose(y.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(1), 1, rtol=1e-4)


def test_another_width_later():
    layer = LayerNorm(4)
    with pytest.raises(ValueError, match=r"layer_norm: .* Raised in layer LayerNorm 4\."):
        layer(np.ones((3, 5), "f4"))


def test_eps_and_dtype():
    layer = LayerNorm(2, 1.0, "f8")
    assert layer.gamma.dtype == np.float64
    np.testing.assert_allclose(layer(np.array([[-1.0, 1.0]])).data, [[-(0.5**0.5), 0.5**0.5]])
    for eps in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="LayerNorm: expected eps > 0"):
            LayerNorm(eps=eps)

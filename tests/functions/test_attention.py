"""Attention against torch, in pieces, and where nothing may be seen."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from dezero.functions import attention as module

LEAD, T, S, D, E = (2, 3), 5, 7, 4, 6


def drawn(dtype="f8"):
    rng = np.random.default_rng(0)
    shapes = [(*LEAD, T, D), (*LEAD, S, D), (*LEAD, S, E), (*LEAD, T, E)]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def with_gradients(values, gy, **options):
    variables = [Variable(v) for v in values]
    y = F.scaled_dot_product_attention(*variables, **options)
    F.sum(y * gy).backward()
    return [y.data, *(v.grad.data for v in variables)]


KEEP = np.random.default_rng(1).random((2, 1, T, S)) < 0.6
KEEP[..., 0] = True  # torch gives NaN where nothing may be seen
MASKS = {
    "none": {},
    "keep": {"mask": KEEP},
    "keys": {"mask": KEEP[:, :, :1]},
    "add": {"mask": np.where(KEEP, 0.3, -np.inf)},
    "causal": {"causal": True},
    "both": {"mask": KEEP[0, 0], "causal": True},
    "scale": {"scale": 2.0},
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", MASKS)
def test_values_and_gradients_are_torchs(name):
    torch = pytest.importorskip("torch")
    *values, gy = drawn()
    options = MASKS[name]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    mask = options.get("mask")
    if name == "both":
        mask = mask & np.tri(T, S, dtype=bool)
    y = torch.nn.functional.scaled_dot_product_attention(
        *theirs,
        attn_mask=None if mask is None else torch.tensor(mask),
        is_causal=name == "causal",
        scale=options.get("scale"),
    )
    (y * torch.tensor(gy)).sum().backward()
    wanted = [y.detach().numpy(), *(v.grad.numpy() for v in theirs)]
    for got, expected in zip(with_gradients(values, gy, **options), wanted, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize(("chunk", "kept"), [(1, 2**26), (2 * T * S, 0), (10**9, 0)])
@pytest.mark.parametrize("name", MASKS)
def test_pieces_and_weights_computed_again_change_nothing(name, chunk, kept, monkeypatch):
    *values, gy = drawn()
    whole = with_gradients(values, gy, **MASKS[name])
    monkeypatch.setattr(module, "CHUNK", chunk)
    monkeypatch.setattr(module, "KEPT", kept)
    for got, wanted in zip(with_gradients(values, gy, **MASKS[name]), whole, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("return_weights", [False, True])
@pytest.mark.parametrize("mask", [np.zeros((T, 1), bool), np.full((T, S), -np.inf)])
def test_who_may_see_nothing_gets_zeros(mask, return_weights):
    mask = np.array(mask)
    mask[1] = True if mask.dtype == bool else 0
    *values, gy = drawn()
    variables = [Variable(v) for v in values]
    y = F.scaled_dot_product_attention(*variables, mask, return_weights=return_weights)
    y, weights = y if return_weights else (y, None)
    blind = np.arange(T) != 1
    assert not y.data[..., blind, :].any() and y.data[..., 1, :].all()
    F.sum(y * gy).backward()
    gq, gk, gv = (v.grad.data for v in variables)
    assert not gq[..., blind, :].any() and np.isfinite(gk).all() and np.isfinite(gv).all()
    if return_weights:
        np.testing.assert_allclose(weights.data.sum(-1), np.broadcast_to(~blind, (*LEAD, T)))


def test_a_mask_that_learns():
    *values, gy = drawn()
    bias = Variable(np.zeros((T, S)))
    y = F.scaled_dot_product_attention(*values, bias)
    F.sum(y * gy).backward()
    assert bias.grad.shape == (T, S)
    plain = F.scaled_dot_product_attention(*values, bias.data)
    np.testing.assert_allclose(plain.data, y.data, rtol=1e-12)


def test_large_scores_in_float16():
    q, k, v, _ = drawn("f2")
    y = F.scaled_dot_product_attention(q * 100, k * 100, v)
    assert y.dtype == np.float16 and np.isfinite(y.data).all()


@pytest.mark.parametrize("options", [{"return_weights": True}, {"dropout_ratio": 0.1}])
def test_large_scores_in_float16_with_weights_or_dropout(options, seeded):
    values = [Variable(a) for a in drawn("f2")[:3]]
    for v in values[:2]:
        v.data *= 100
    y = F.scaled_dot_product_attention(*values, **options)
    results = y if isinstance(y, tuple) else [y]
    sum(F.sum(a) for a in results).backward()
    for a in (*results, *(v.grad for v in values)):
        assert a.dtype == np.float16 and np.isfinite(a.data).all()


def test_large_scores_in_float16_to_second_order():
    values = [Variable(a) for a in drawn("f2")[:3]]
    for v in values[:2]:
        v.data *= 100
    F.sum(F.scaled_dot_product_attention(*values)).backward(create_graph=True)
    assert all(np.isfinite(v.grad.data).all() for v in values)


@pytest.mark.parametrize("options", [{}, {"return_weights": True}, {"mask": np.ones((T, S), bool)}])
def test_complex_numbers_are_refused(options):
    q, k, v, _ = drawn()
    with pytest.raises(TypeError, match="expected real numbers, got complex128"):
        F.scaled_dot_product_attention(q + 1j, k, v, **options)
    with pytest.raises(TypeError, match="expected real numbers, got complex128"):
        F.masked_softmax(q + 1j, options.get("mask") is not None)


def test_a_wide_mask_widens_nothing():
    q, k, v, _ = drawn("f4")
    y = F.scaled_dot_product_attention(q, k, v, np.zeros((T, S)))
    assert y.dtype == np.float32


def test_dropout_of_weights(seeded):
    q, k, v, _ = drawn()
    y, weights = F.scaled_dot_product_attention(q, k, v, dropout_ratio=0.9, return_weights=True)
    np.testing.assert_allclose(weights.data.sum(-1), 1)
    assert not np.allclose(y.data, weights.data @ v)


def test_masked_softmax_takes_integers_and_minus_infinity():
    y = F.masked_softmax(np.array([[1, 1, 5]]), np.array([True, True, False]))
    assert y.dtype == np.float32 and y.data.tolist() == [[0.5, 0.5, 0]]
    y = F.masked_softmax(np.array([[0.0, -np.inf], [-np.inf, -np.inf]]))
    assert y.data.tolist() == [[1, 0], [0, 0]]
    assert np.isnan(F.masked_softmax(np.array([0.0, np.nan])).data).all()


def test_positions_may_be_a_number():
    y = F.sinusoidal_positions(3, 4)
    assert y.shape == (3, 4) and y.dtype == np.float32 and y.data[0].tolist() == [0, 1, 0, 1]
    np.testing.assert_allclose(y.data[2], [*_pair(2), *_pair(0.02)], rtol=1e-6)
    assert F.sinusoidal_positions(np.int64(2), 3, dtype="f8").dtype == np.float64
    with pytest.raises(TypeError, match="expected a floating dtype, got int32"):
        F.sinusoidal_positions(2, 3, dtype="i4")  # they would nearly all be 0


def _pair(angle):
    return np.sin(angle), np.cos(angle)

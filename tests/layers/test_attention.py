"""Attention layers against torch's, masks, memories, and what they refuse."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.core import Variable, test_mode

N, T, S, D, HEADS = 2, 4, 5, 6, 2
KEEP = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)


def drawn(*shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


def load(layer, module):
    """Give a MultiHeadAttention the weights of torch's."""
    if module.in_proj_weight is not None:
        weights = np.split(module.in_proj_weight.detach().numpy(), 3)
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        weights = [getattr(module, name).detach().numpy() for name in names]
    biases = np.split(module.in_proj_bias.detach().numpy(), 3)
    subs = (layer.query, layer.key, layer.value)
    for sub, weight, bias in zip(subs, weights, biases, strict=True):
        sub.W.data, sub.b.data = weight.T.copy(), bias.copy()
    load_linear(layer.output, module.out_proj)


def load_linear(layer, module):
    layer.W.data, layer.b.data = (
        module.weight.detach().numpy().T.copy(),
        module.bias.detach().numpy(),
    )


def load_norm(layer, module):
    layer.gamma.data, layer.beta.data = (v.detach().numpy() for v in (module.weight, module.bias))


def perturbed(module, torch):
    """Draw the biases and norms too, which torch begins with 0 and 1."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return module


@pytest.mark.oracle
@pytest.mark.parametrize("other_sizes", [False, True])
@pytest.mark.parametrize("masks", ["none", "keys", "causal", "add"])
def test_multi_head_attention_is_torchs(masks, other_sizes):
    torch = pytest.importorskip("torch")
    sizes = {"kdim": 3, "vdim": 5} if other_sizes else {}
    module = torch.nn.MultiheadAttention(D, HEADS, batch_first=True, dtype=torch.float64, **sizes)
    perturbed(module, torch)
    layer = L.MultiHeadAttention(D, HEADS, dtype="f8", causal=masks == "causal")
    load(layer, module)
    length = S if masks in ("none", "add") else T
    values = drawn((N, T, D), (N, length, sizes.get("kdim", D)), (N, length, sizes.get("vdim", D)))
    add = np.where(np.arange(length) < 3, 0.5, -np.inf) + np.zeros((T, 1))
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    their_masks = {
        "none": {},
        "keys": {"key_padding_mask": torch.tensor(~KEEP)},  # True means "do not look" there
        "causal": {"attn_mask": torch.tensor(~np.tri(T, dtype=bool))},
        "add": {"attn_mask": torch.tensor(add)},
    }[masks]
    out, weights = module(*theirs, average_attn_weights=False, **their_masks)
    (out**2).sum().backward()
    our_masks = {"keys": {"key_mask": KEEP}, "add": {"mask": add}}.get(masks, {})
    ours = [Variable(v) for v in values]
    y, p = layer(*ours, return_weights=True, **our_masks)
    F.sum(y**2).backward()
    np.testing.assert_allclose(y.data, out.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(p.data, weights.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(layer(*values, **our_masks).data, y.data, atol=1e-12)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.data, b.grad.numpy(), atol=1e-11)
    np.testing.assert_allclose(
        layer.output.W.grad.data, module.out_proj.weight.grad.numpy().T, atol=1e-11
    )


def load_block(block, module):
    load(block.attention, module.self_attn)
    load_linear(block.linear1, module.linear1)
    load_linear(block.linear2, module.linear2)
    load_norm(block.norm1, module.norm1)
    if block.cross:
        load(block.cross_attention, module.multihead_attn)
        load_norm(block.norm_cross, module.norm2)
    load_norm(block.norm2, module.norm3 if block.cross else module.norm2)


@pytest.mark.oracle
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("pre_norm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_transformer_block_is_torchs(activation, pre_norm, cross):
    torch = pytest.importorskip("torch")
    name = "TransformerDecoderLayer" if cross else "TransformerEncoderLayer"
    module = getattr(torch.nn, name)(
        D, HEADS, 8, 0.0, activation, batch_first=True, norm_first=pre_norm, dtype=torch.float64
    )
    perturbed(module, torch)
    options = {"activation": activation, "pre_norm": pre_norm, "cross": cross, "dtype": "f8"}
    block = L.TransformerBlock(D, HEADS, 8, causal=True, **options)
    load_block(block, module)
    x, memory = drawn((N, T, D), (N, S, D))
    x_theirs = torch.tensor(x, requires_grad=True)
    hidden = torch.tensor(~np.tri(T, dtype=bool))
    if cross:
        out = module(x_theirs, torch.tensor(memory), tgt_mask=hidden)
    else:
        out = module(x_theirs, src_mask=hidden, src_key_padding_mask=torch.tensor(~KEEP))
    (out**2).sum().backward()
    x_ours = Variable(x)
    y = block(x_ours, memory) if cross else block(x_ours, key_mask=KEEP)
    F.sum(y**2).backward()
    np.testing.assert_allclose(y.data, out.detach().numpy(), atol=1e-11)
    np.testing.assert_allclose(x_ours.grad.data, x_theirs.grad.numpy(), rtol=1e-8, atol=1e-10)
    ours, theirs = block.linear1.W.grad.data, module.linear1.weight.grad.numpy().T
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def test_causal_means_that_the_future_changes_nothing():
    block = L.TransformerBlock(D, HEADS, causal=True)
    (x,) = drawn((N, T, D))
    y = block(x).data
    x[:, 2:] += 1
    np.testing.assert_allclose(block(x).data[:, :2], y[:, :2], rtol=1e-12)
    assert not np.allclose(block(x).data[:, 2:], y[:, 2:])


@pytest.mark.parametrize("shape", [(T, T), (N, T, T), (N, 1, T, T), (N, HEADS, T, T), (T, 1)])
def test_masks_of_any_fitting_shape(shape):
    layer, (x,) = L.MultiHeadAttention(D, HEADS, dtype="f8"), drawn((N, T, D))
    rng = np.random.default_rng(2)
    mask = rng.random(shape) < 0.6
    keys = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], bool)
    whole = mask if mask.ndim != 3 else mask[:, None]
    whole = np.broadcast_to(whole, (N, HEADS, T, T)) & keys[:, None, None]
    y, p = layer(x, mask=mask, key_mask=keys, return_weights=True)
    assert not p.data[~whole].any() and (p.data[whole] > 0).all()
    np.testing.assert_array_equal(
        layer(x, mask=mask.astype(int), key_mask=keys).data.shape, y.shape
    )
    added = np.where(mask, 0.0, -np.inf)
    np.testing.assert_allclose(layer(x, mask=added, key_mask=keys).data, y.data, rtol=1e-12)


def test_leading_axes_are_free():
    layer = L.MultiHeadAttention(D, HEADS, dtype="f8")
    x, memory = drawn((3, N, T, D), (3, N, S, D))
    y = layer(x, memory, key_mask=np.ones((3, N, S), bool))
    assert y.shape == (3, N, T, D)
    np.testing.assert_allclose(y.data[1, 0], layer(x[1, 0], memory[1, 0]).data, rtol=1e-12)


def test_dropout_in_training_alone(seeded):
    (x,) = drawn((N, T, D))
    for layer in (
        L.MultiHeadAttention(D, HEADS, dropout_ratio=0.5),
        L.TransformerBlock(D, HEADS, dropout_ratio=0.5),
        L.PositionalEncoding(0.5),
    ):
        assert not np.allclose(layer(x).data, layer(x).data)
        with test_mode():
            np.testing.assert_array_equal(layer(x).data, layer(x).data)


def test_positions_of_integers_and_halves():
    layer = L.PositionalEncoding()
    assert layer(np.zeros((3, 4), int)).dtype == np.float32
    assert layer(np.zeros((3, 4), "f2")).dtype == np.float16
    np.testing.assert_array_equal(layer(np.zeros((1, 3, 4))).data[0], layer(np.zeros((3, 4))).data)


def test_one_sequence_may_look_at_many_memories_with_a_mask_for_each():
    layer, rng = L.MultiHeadAttention(6, 2), np.random.default_rng(0)
    x, memory = rng.standard_normal((2, 6)), rng.standard_normal((5, 4, 6))
    mask = rng.random((5, 2, 4)) < 0.6
    y = layer(x, memory, mask=mask)
    for i in range(5):
        alone = layer(x, memory[i], mask=mask[i])
        np.testing.assert_allclose(y.data[i], alone.data, rtol=1e-12, atol=1e-15)


def test_what_they_refuse():
    with pytest.raises(ValueError, match="expected a size that 4 heads divide, got 6"):
        L.MultiHeadAttention(6, 4)
    with pytest.raises(ValueError, match="MultiHeadAttention: expected num_heads >= 1, got 0"):
        L.MultiHeadAttention(6, 0)
    with pytest.raises(ValueError, match=r"expected x and memory \(..., T, features\), got \(6,\)"):
        L.MultiHeadAttention(6, 2)(np.zeros(6))
    with pytest.raises(ValueError, match="scaled_dot_product_attention: expected q"):
        L.MultiHeadAttention(6, 2)(np.zeros((2, 4, 6)), mask=np.ones((3, 3), bool))
    with pytest.raises(ValueError, match=r"expected key_mask \(..., S\), got \(\) float64"):
        L.MultiHeadAttention(6, 2)(np.zeros((2, 4, 6)), key_mask=1.0)
    block = L.TransformerBlock(6, 2)
    with pytest.raises(ValueError, match=r"TransformerBlock: expected no memory with cross=False"):
        block(np.zeros((2, 4, 6)), np.zeros((2, 4, 6)))
    with pytest.raises(ValueError, match="expected a memory with cross=True, got none"):
        L.TransformerBlock(6, 2, cross=True)(np.zeros((2, 4, 6)))
    with pytest.raises(ValueError, match="TransformerBlock: expected 0 <= dropout_ratio < 1"):
        L.TransformerBlock(6, 2, dropout_ratio=1)
    with pytest.raises(TypeError, match="expected a number as dropout_ratio, got str"):
        L.PositionalEncoding("a")
    with pytest.raises(ValueError, match=r"PositionalEncoding: expected x \(..., T, features\)"):
        L.PositionalEncoding()(np.zeros(6))


def test_how_they_show():
    assert repr(L.MultiHeadAttention(6, 2)) == "MultiHeadAttention(? -> 6, 2 heads of 3)"
    assert L.MultiHeadAttention(6, 2, causal=True).details().endswith(", causal")
    block = L.TransformerBlock(6, 2, pre_norm=False, causal=True, cross=True)
    assert block.details() == "6, 2 heads, 24, causal, cross, norm behind"
    assert L.PositionalEncoding(0.1, True).details() == "dropout 0.1, scaled"

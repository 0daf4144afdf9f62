"""What specs cannot say of `group_norm` and `instance_norm`: torch, memory, precision."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.core import Parameter, Variable, test_mode

test_mode.__test__ = False
SHAPES = [(3, 6), (2, 6, 5), (2, 6, 3, 2), (2, 6, 2, 3, 2)]


def drawn(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


def channels_last_memory(x):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


CALLS = [(shape, groups) for shape in SHAPES for groups in (1, 3)] + [
    (shape, None) for shape in SHAPES[1:]
]


@pytest.mark.oracle
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize(("shape", "groups"), CALLS)
def test_agreement_with_torch_to_second_order(rng, shape, groups, layout, affine):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    arrays = drawn(rng, shape, *[(6,), (6,)] * affine, shape)
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    *args, their_gy = theirs
    if groups is None:
        their_y = functional.instance_norm(args[0], None, None, *args[1:])
    else:
        their_y = functional.group_norm(args[0], groups, *args[1:])
    their_first = torch.autograd.grad(their_y, args, their_gy, create_graph=True)
    # Nothing depends on beta any more.
    again = [i for i in range(len(theirs)) if not (affine and i == 2)]
    by = [theirs[i] for i in again]
    their_second = torch.autograd.grad(sum((g * g).sum() for g in their_first), by)

    def placed(a):
        return np.ascontiguousarray(np.moveaxis(a, 1, -1)) if layout == "NHWC" and a.ndim > 1 else a

    ours = [Variable(placed(a)) for a in arrays]
    *args, gy = ours
    if groups is None:
        y = F.instance_norm(*args, layout=layout)
    else:
        y = F.group_norm(args[0], groups, *args[1:], layout=layout)
    first = grad(y, args, gy, create_graph=True)
    second = grad(sum((g * g).sum() for g in first), [ours[i] for i in again])
    for a, b in zip((y, *first, *second), (their_y, *their_first, *their_second), strict=True):
        np.testing.assert_allclose(a.data, placed(b.detach().numpy()), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("memory", [np.ascontiguousarray, channels_last_memory])
def test_results_lie_as_their_inputs_do(rng, memory):
    x = memory(rng.standard_normal((2, 6, 5, 4)))
    v, seen = Variable(x), []
    v.register_hook(lambda gx: seen.append(gx.data.strides))
    y = F.group_norm(v, 3)
    assert y.data.strides == x.strides
    (y * Variable.constant(memory(rng.standard_normal(x.shape)))).sum().backward()
    assert seen == [x.strides]


def test_samples_and_modes_are_independent(rng):
    x = rng.standard_normal((4, 6, 5))
    whole = F.group_norm(x, 2).data
    with test_mode():
        np.testing.assert_allclose(F.group_norm(x[1:2], 2).data, whole[1:2], rtol=1e-12)


def test_one_group_is_layer_norm_and_one_channel_each_instance_norm(rng):
    x = rng.standard_normal((4, 6, 5, 3))
    np.testing.assert_allclose(
        F.group_norm(x, 1).data, F.layer_norm(x, axis=(1, 2, 3)).data, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_array_equal(F.group_norm(x, 6).data, F.instance_norm(x).data)


def test_groups_may_be_a_numpy_integer(rng):
    x = rng.standard_normal((4, 6))
    np.testing.assert_array_equal(F.group_norm(x, np.int64(2)).data, F.group_norm(x, 2).data)


def test_a_raw_array_gets_no_gradient(rng):
    gamma, beta = Parameter(np.ones(6)), Parameter(np.zeros(6))
    F.group_norm(rng.standard_normal((4, 6)), 2, gamma, beta).sum().backward()
    assert gamma.grad.shape == (6,) and beta.grad.data.tolist() == [4] * 6


def test_float16_is_summed_in_float32(rng):
    x = (1000 + 100 * rng.standard_normal((2, 4, 2048))).astype(np.float16)
    v = Variable(x)
    y, wide = F.instance_norm(v), x.astype(float)
    expected = (wide - wide.mean(2, keepdims=True)) / wide.std(2, keepdims=True)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.data, expected, atol=3e-3)
    (y * y).sum().backward()
    assert v.grad.dtype == np.float16 and np.isfinite(v.grad.data).all()


def test_a_mean_far_from_zero(rng):
    x = (rng.standard_normal((2, 4, 20, 20)) + 1e4).astype(np.float32)
    x[:, 1] += 50  # another mean within the group
    rows = x.astype(float).reshape(2, 2, -1)
    expected = (rows - rows.mean(2, keepdims=True)) / rows.std(2, keepdims=True)
    np.testing.assert_allclose(
        F.group_norm(x, 2, eps=1e-12).data.reshape(rows.shape), expected, atol=5e-6
    )


@pytest.mark.oracle
@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_local_response_norm_of_torch(rng, size):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((2, 6, 3, 4))
    expected = torch.nn.functional.local_response_norm(torch.tensor(x), size, 0.5, 0.6, 1.5)
    ours = F.local_response_norm(x, size, 0.5, 0.6, 1.5)
    np.testing.assert_allclose(ours.data, expected.numpy(), rtol=1e-10)


def test_local_response_norm_of_float16():
    y = F.local_response_norm(np.full((1, 2), 1000, np.float16), 1, alpha=1.0, beta=0.5)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y.data, 1, rtol=1e-3)

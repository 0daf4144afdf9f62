"""One picture function of ours beside torch's, to second order."""

import numpy as np

from dezero.autograd import grad
from dezero.core import Variable


def agree(ours, theirs, x, rng):
    """Compare value, gradient by x, and the gradients of that by x and gy, in float64.

    The loss is of second degree in the result, so that the second gradient is no zero.
    """
    import torch

    torch.set_num_threads(1)  # more cost more than they save on pictures this small
    X, T = Variable(x), torch.tensor(x, requires_grad=True)
    y, t = ours(X), theirs(T)
    gy, ggx = rng.standard_normal(tuple(t.shape)), rng.standard_normal(x.shape)
    GY, TGY = Variable(gy), torch.tensor(gy, requires_grad=True)
    (gx,) = grad((y**2 * GY).sum(), [X], create_graph=True)
    (tx,) = torch.autograd.grad((t**2 * TGY).sum(), T, create_graph=True)
    second = grad((gx * ggx).sum(), [X, GY])
    expected = torch.autograd.grad((tx * torch.tensor(ggx)).sum(), [T, TGY])
    (fast,) = grad((ours(X) ** 2 * gy).sum(), [X])
    pairs = zip((y, gx, fast, *second), (t, tx, tx, *expected), strict=True)
    for own, other in pairs:
        assert own.shape == tuple(other.shape)
        np.testing.assert_allclose(own.data, other.detach().numpy(), rtol=1e-9, atol=1e-9)


def everywhere(function, theirs, x, rng):
    """The same for (N, C, H, W), for its transpose with the layout that says so, and for memory
    that runs along the channels."""
    import dezero.functions as F

    agree(lambda v: function(v, layout="NCHW"), theirs, x, rng)
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    agree(lambda v: function(v, layout="NCHW"), theirs, last.transpose(0, 3, 1, 2), rng)
    agree(
        lambda v: F.transpose(function(v, layout="NHWC"), (0, 3, 1, 2)),
        lambda t: theirs(t.permute(0, 3, 1, 2)),
        last,
        rng,
    )

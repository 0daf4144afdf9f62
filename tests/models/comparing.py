"""Ours beside a twin in torch: the same weights, the same pictures, both modes."""

import numpy as np

from dezero.core import no_grad, test_mode

PICTURES = np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype(np.float32)


def difference(got, expected):
    """Return the largest difference, relative to the largest of the expected numbers."""
    expected = expected.detach().numpy()
    assert got.shape == expected.shape and got.dtype == expected.dtype
    return np.abs(got - expected).max() / max(1.0, np.abs(expected).max())


def compare(torch, ours, theirs, pictures=PICTURES, train=True):
    """Expect the same outputs in both modes, and the same running statistics after training."""
    x = torch.tensor(pictures)
    theirs.eval()
    with torch.no_grad(), no_grad():
        with test_mode():
            got = ours(pictures).data
        assert difference(got, theirs(x)) < 1e-4
        assert np.abs(got - got.mean()).max() > 1e-2  # else it would be no comparison
        if train:
            theirs.train()
            assert difference(ours(pictures).data, theirs(x)) < 1e-4
            theirs.eval()
            with test_mode():
                assert difference(ours(pictures).data, theirs(x)) < 1e-4

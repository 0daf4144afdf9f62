"""What happens between the matrix products of one step of an LSTM or a GRU, in plain NumPy.

Arrays are (N, H), N samples of H units; those of several gates are (gates, N, H). What a kernel
writes to has no gaps within a gate.
"""

import numpy as np

__all__ = ["gru_backward", "gru_forward", "lstm_backward", "lstm_forward"]

# By bytes per number: the largest x whose exponential is finite, rounded down.
_EXP_LIMIT = {4: 88.0, 8: 709.0, 12: 11356.0, 16: 11356.0}


def _sigmoid(x: np.ndarray) -> None:
    """Replace `x` by 1 / (1 + exp(-x)), which keeps the digits of small values, tanh does not."""
    np.negative(x, x)
    np.minimum(x, _EXP_LIMIT[x.itemsize], out=x)
    np.exp(x, x)
    np.add(x, 1, x)
    np.reciprocal(x, x)


def lstm_forward(
    z: np.ndarray, c: np.ndarray, *, c_new: np.ndarray, t: np.ndarray, h: np.ndarray
) -> None:
    """Run the gates of an LSTM.

    Args:
        z: (4, N, H), before the gates; becomes forget, input and output gate, candidate.
        c: memory before.
        c_new, t, h: where memory after, its tanh, and output go.
    """
    _sigmoid(z[:3])
    f, i, o, u = z
    np.tanh(u, u)
    np.multiply(f, c, c_new)
    np.multiply(i, u, t)
    np.add(c_new, t, c_new)
    np.tanh(c_new, t)
    np.multiply(o, t, h)


def lstm_backward(
    gates: np.ndarray,
    c: np.ndarray,
    t: np.ndarray,
    gh: np.ndarray,
    gc: np.ndarray,
    *,
    gz: np.ndarray,
    gc_old: np.ndarray,
) -> None:
    """Run back through what `lstm_forward` did.

    Args:
        gates, c, t: as it left them.
        gh, gc: gradients of output and memory after.
        gz: (4, N, H), where the gradient of z goes.
        gc_old: where the gradient of the memory before goes; may be gc.
    """
    f, i, o, u = gates
    gf, gi, go, gu = gz
    np.multiply(gh, t, go)
    np.multiply(t, t, gi)
    np.subtract(1, gi, gi)
    np.multiply(gi, o, gi)
    np.multiply(gi, gh, gi)
    np.add(gi, gc, gi)  # the whole gradient of the memory after
    np.multiply(u, u, gu)
    np.subtract(1, gu, gu)
    np.multiply(gu, i, gu)
    np.multiply(gu, gi, gu)
    np.multiply(gi, c, gf)
    np.multiply(gi, f, gc_old)
    np.multiply(gi, u, gi)
    _through_sigmoid(gz[:3], gates[:3])


def _through_sigmoid(g: np.ndarray, y: np.ndarray) -> None:
    """Replace the gradient `g` of y = sigmoid(x) by that of x."""
    np.multiply(g, y, g)
    np.multiply(g, 1 - y, g)


def gru_forward(z: np.ndarray, zh: np.ndarray, h: np.ndarray, h_new: np.ndarray) -> None:
    """Run the gates of a GRU whose reset gate comes after the product.

    Args:
        z: (3, N, H), what comes from the input; becomes reset and update gate, candidate.
        zh: (3, N, H), what comes from the state.
        h: state before.
        h_new: where the state after goes.
    """
    r, update, u = z
    np.add(z[:2], zh[:2], z[:2])
    _sigmoid(z[:2])
    np.multiply(r, zh[2], h_new)
    np.add(u, h_new, u)
    np.tanh(u, u)
    np.subtract(h, u, h_new)
    np.multiply(h_new, update, h_new)
    np.add(h_new, u, h_new)


def gru_backward(
    gates: np.ndarray,
    product: np.ndarray,
    h: np.ndarray,
    gh: np.ndarray,
    *,
    gz: np.ndarray,
    gzh: np.ndarray,
    gh_old: np.ndarray,
) -> None:
    """Run back through what `gru_forward` did.

    Args:
        gates: as it left them.
        product: zh[2].
        h: state before.
        gh: gradient of the state after.
        gz, gzh: (3, N, H), where the gradients of z and zh go.
        gh_old: where the gradient of the state before goes, zh left out; may be gh.
    """
    r, update, u = gates
    gr, gupdate, gu = gz
    np.subtract(h, u, gupdate)
    np.multiply(gupdate, gh, gupdate)
    np.multiply(u, u, gu)
    np.subtract(1, gu, gu)
    np.multiply(gu, gh, gu)
    np.subtract(1, update, gr)
    np.multiply(gu, gr, gu)
    np.multiply(gu, product, gr)
    np.multiply(gh, update, gh_old)
    _through_sigmoid(gz[:2], gates[:2])
    gzh[:2] = gz[:2]
    np.multiply(gu, r, gzh[2])

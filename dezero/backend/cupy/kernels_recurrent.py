"""What happens between the matrix products of one step of an LSTM or a GRU, on the GPU.

Arrays are (N, H), N samples of H units; those of several gates are (gates, N, H).
"""

from typing import Any

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.recurrent import SPECS

__all__ = ["gru_backward", "gru_forward", "lstm_backward", "lstm_forward"]

_SPECS = {spec.name: spec for spec in SPECS}


def lstm_forward(z: Any, c: Any, *, c_new: Any, t: Any, h: Any) -> None:
    """Run the gates of an LSTM.

    Args:
        z: (4, N, H), before the gates; becomes forget, input and output gate, candidate.
        c: memory before.
        c_new, t, h: where memory after, its tanh, and output go.
    """
    kernel(_SPECS["lstm_forward"])(c, z[0], z[1], z[2], z[3], c_new, t, h)


def lstm_backward(gates: Any, c: Any, t: Any, gh: Any, gc: Any, *, gz: Any, gc_old: Any) -> None:
    """Run back through what `lstm_forward` did.

    Args:
        gates, c, t: as it left them.
        gh, gc: gradients of output and memory after.
        gz: (4, N, H), where the gradient of z goes.
        gc_old: where the gradient of the memory before goes; may be gc.
    """
    outs = gz[0], gz[1], gz[2], gz[3], gc_old
    kernel(_SPECS["lstm_backward"])(*(gates[k] for k in range(4)), c, t, gh, gc, *outs)


def gru_forward(z: Any, zh: Any, h: Any, h_new: Any) -> None:
    """Run the gates of a GRU whose reset gate comes after the product.

    Args:
        z: (3, N, H), what comes from the input; becomes reset and update gate, candidate.
        zh: (3, N, H), what comes from the state.
        h: state before.
        h_new: where the state after goes.
    """
    kernel(_SPECS["gru_forward"])(zh[0], zh[1], zh[2], h, z[0], z[1], z[2], h_new)


def gru_backward(
    gates: Any, product: Any, h: Any, gh: Any, *, gz: Any, gzh: Any, gh_old: Any
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
    outs = gz[0], gz[1], gz[2], gzh[0], gzh[1], gzh[2], gh_old
    kernel(_SPECS["gru_backward"])(gates[0], gates[1], gates[2], product, h, gh, *outs)

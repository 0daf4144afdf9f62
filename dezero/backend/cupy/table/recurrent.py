"""What happens between the matrix products of one step of an LSTM or a GRU: one launch each.

Gates are arguments of their own; inputs are read before anything is written, for an output may be
the array of an input.
"""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

# Keeps the digits of small values, and never divides infinity by infinity.
_SIGMOID = """
__device__ inline T sigmoid_of(T x) { return T(1) / (T(1) + exp(-x)); }
"""

SPECS = (
    KernelSpec(
        "elementwise",
        "lstm_forward",
        "T c",
        "T f, T ig, T o, T u, T c_new, T t, T h",
        """
        T before = c;
        f = sigmoid_of(f); ig = sigmoid_of(ig); o = sigmoid_of(o); u = tanh(u);
        T after = f * before + ig * u;
        T squashed = tanh(after);
        c_new = after; t = squashed; h = o * squashed;
        """,
        preamble=_SIGMOID,
    ),
    KernelSpec(
        "elementwise",
        "lstm_backward",
        "T f, T ig, T o, T u, T c, T t, T gh, T gc",
        "T gf, T gi, T go, T gu, T gc_old",
        """
        T whole = (T(1) - t * t) * o * gh + gc;
        T by_o = gh * t * o * (T(1) - o), by_u = (T(1) - u * u) * ig * whole;
        T by_f = whole * c * f * (T(1) - f), by_i = whole * u * ig * (T(1) - ig);
        T old = whole * f;
        gf = by_f; gi = by_i; go = by_o; gu = by_u; gc_old = old;
        """,
    ),
    KernelSpec(
        "elementwise",
        "gru_forward",
        "T hr, T hz, T hu, T h",
        "T r, T z, T u, T h_new",
        """
        T before = h;
        r = sigmoid_of(r + hr); z = sigmoid_of(z + hz); u = tanh(u + r * hu);
        h_new = (before - u) * z + u;
        """,
        preamble=_SIGMOID,
    ),
    KernelSpec(
        "elementwise",
        "gru_backward",
        "T r, T z, T u, T product, T h, T gh",
        "T gr, T gz, T gu, T hr, T hz, T hu, T gh_old",
        """
        T by_u = (T(1) - u * u) * gh * (T(1) - z), by_z = (h - u) * gh * z * (T(1) - z);
        T by_r = by_u * product * r * (T(1) - r), old = gh * z;
        T back = by_u * r;
        gr = by_r; gz = by_z; gu = by_u; hr = by_r; hz = by_z; hu = back; gh_old = old;
        """,
    ),
)

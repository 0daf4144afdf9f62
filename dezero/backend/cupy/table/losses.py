"""Softmax cross entropy, and the gradients and sums between a loss and an update."""

from dezero.backend.cupy.specs import WIDE, KernelSpec

__all__ = ["SPECS"]

# One thread for each row: for the few classes of a small network, whose step is all launches.
# Rows whose label is no class become NaN: to report it, the host would have to wait.
_ROWS = """
extern "C" __global__ void softmax_cross_entropy_rows(
        const T* x, const I* t, T* values, T* gx, long long rows, long long classes) {
    CUPY_FOR(row, rows) {
        const long long start = row * classes;
        const long long label = (long long)t[row];
        T top = x[start];
        for (long long j = 1; j < classes; ++j) {
            const T v = x[start + j];
            top = v > top || isnan(v) ? v : top;
        }
        T total = T(0);
        for (long long j = 0; j < classes; ++j) {
            const T e = exp(x[start + j] - top);
            gx[start + j] = e;
            total += e;
        }
        const bool is_class = label >= 0 && label < classes;
        const T zero = T(0);
        const T factor = is_class ? total : zero / zero;
        for (long long j = 0; j < classes; ++j) gx[start + j] /= factor;
        if (is_class) {
            values[row] = log(total) - (x[start + label] - top);
            gx[start + label] -= T(1);
        } else {
            values[row] = factor;
        }
    }
}
"""
# The same where classes are many, from the largest of each row and the sum of exponentials.
_WIDE = """
    const long long label = t;
    const long long column = i % classes;
    const bool is_class = label >= 0 && label < classes;
    const T zero = T(0);
    const T z = x - top;
    gx = is_class ? exp(z) / total - T(column == label ? 1 : 0) : zero / zero;
    if (column == (is_class ? label : 0)) {
        values[i / classes] = is_class ? log(total) - z : zero / zero;
    }
"""

SPECS = (
    KernelSpec("raw", "softmax_cross_entropy_rows", source=_ROWS, others=(("I", "lB"),)),
    KernelSpec("reduction", "sum_exp", "T x, T top", "T y", "exp(x - top)", post="y = a"),
    KernelSpec(
        "elementwise",
        "softmax_cross_entropy_wide",
        "T x, int64 t, T top, T total, int64 classes",
        "T gx, raw T values",
        _WIDE,
    ),
    KernelSpec(
        "elementwise",
        "relu_gradient",
        "T gy, T y",
        "T gx",
        "gx = T((float)(y > T(0) ? 1 : 0)) * gy",
        dtypes="efd",
        reference="dezero.backend.numpy_kernels:relu_gradient",
    ),
    KernelSpec(
        "elementwise",
        "unscale",
        "float64 factor",
        "T g, raw float32 found",
        "g *= T(factor); if (!isfinite(g)) found[0] = 1;",
    ),
    KernelSpec(
        "reduction",
        "norm_squared",
        "T x",
        "float64 y",
        "(double)x * (double)x",
        post="y = a",
        reduce_type="double",
    ),
    KernelSpec(
        "elementwise",
        "flush_subnormals",
        "float64 limit",
        "T state",
        "state = state > T(-limit) && state < T(limit) ? T(0) : state",
    ),
    KernelSpec(
        "elementwise",
        "error_function",
        "T x",
        "T y",
        "y = T(erf(A(x)))",
        preamble=WIDE,
        dtypes="efd",
        reference="dezero.backend.numpy_kernels:erf",
    ),
)

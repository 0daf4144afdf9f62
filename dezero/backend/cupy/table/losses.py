"""Softmax cross entropy, and the gradients and sums between a loss and an update."""

from dezero.backend.cupy.specs import PHASES, WIDE, KernelSpec

__all__ = ["SPECS"]

# One thread for each row: for the few classes of a small network, whose step is all launches.
# Rows whose label is no class become NaN: to report it, the host would have to wait.
_ROW = """
template<typename X, typename L, typename G> __device__ inline T of_row(
        const X& x, const L& t, const G& gx, long long row, long long classes, T count) {
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
    for (long long j = 0; j < classes; ++j) {
        gx[start + j] = (gx[start + j] / factor - T(j == label ? 1 : 0)) / count;
    }
    return is_class ? log(total) - (x[start + label] - top) : factor;
}
"""
_ROWS = """
extern "C" __global__ void softmax_cross_entropy_rows(
        const T* x, const I* t, T* values, T* gx, long long rows, long long classes) {
    CUPY_FOR(row, rows) values[row] = of_row(x, t, gx, row, classes, T(1));
}
"""
# Few rows: one block has all of them, and adds up.
_MEAN = """
extern "C" __global__ void softmax_cross_entropy_mean(
        const T* x, const I* t, T* mean, T* gx, long long rows, long long classes) {
    __shared__ double sums[256];
    EACH_THREAD {
        double sum = 0;
        for (long long row = threadIdx.x; row < rows; row += blockDim.x) {
            sum += double(of_row(x, t, gx, row, classes, T(rows)));
        }
        sums[threadIdx.x] = sum;
    }
    ADD_UP(sums)
    EACH_THREAD if (threadIdx.x == 0) mean[0] = T(sums[0] / double(rows));
}
"""
# The same where classes are many: a block for each row.
_WIDE = """
extern "C" __global__ void softmax_cross_entropy_wide(
        const T* x, const I* t, T* values, T* gx, long long rows, long long width) {
    __shared__ double sums[256];
    __shared__ T tops[256];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const long long start = row * width;
        EACH_THREAD {
            T top = x[start];
            EACH_COLUMN {
                const T v = x[start + j];
                top = v > top || isnan(v) ? v : top;
            }
            tops[threadIdx.x] = top;
        }
        LARGEST(tops)
        const T top = tops[0];
        EACH_THREAD {
            double sum = 0;
            EACH_COLUMN sum += double(exp(x[start + j] - top));
            sums[threadIdx.x] = sum;
        }
        ADD_UP(sums)
        const T total = T(sums[0]);
        TOGETHER
        const long long label = (long long)t[row];
        const bool is_class = label >= 0 && label < width;
        const T zero = T(0);
        EACH_THREAD {
            EACH_COLUMN {
                const T z = x[start + j] - top;
                gx[start + j] = is_class ? exp(z) / total - T(j == label ? 1 : 0) : zero / zero;
            }
            if (threadIdx.x == 0) {
                values[row] = is_class ? log(total) - (x[start + label] - top) : zero / zero;
            }
        }
    }
}
"""

SPECS = (
    KernelSpec(
        "raw", "softmax_cross_entropy_rows", source=_ROWS, preamble=_ROW, others=(("I", "lB"),)
    ),
    KernelSpec(
        "raw",
        "softmax_cross_entropy_mean",
        source=_MEAN,
        preamble=PHASES + _ROW,
        others=(("I", "lB"),),
        phased=True,
    ),
    KernelSpec(
        "elementwise",
        "sigmoid_cross_entropy",
        "T x, T t",
        "T y",
        "const A z = A(x); y = T((z <= 0 ? A(0) : z) - z * A(t) + log1p(exp(-fabs(z))))",
        preamble=WIDE,
        dtypes="efd",
        reference="dezero.backend.numpy_losses:sigmoid_cross_entropy",
    ),
    KernelSpec(
        "elementwise",
        "sigmoid_cross_entropy_gradient",
        "T gy, T x, T t",
        "T gx",
        """
        const A z = A(x), small = exp(-fabs(z));
        gx = T(A(gy) * ((z < 0 ? small : A(1)) / (A(1) + small) - A(t)));
        """,
        preamble=WIDE,
        dtypes="efd",
        reference="dezero.backend.numpy_losses:sigmoid_cross_entropy_gradient",
    ),
    KernelSpec(
        "raw",
        "softmax_cross_entropy_wide",
        source=_WIDE,
        preamble=PHASES,
        others=(("I", "lB"),),
        phased=True,
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
        "reduction",
        "norm_squared",
        "T x",
        "float64 y",
        "double(x) * double(x)",
        post="y = a",
        reduce_type="double",
        dtypes="efd",
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

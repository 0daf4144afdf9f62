"""Normalisation: sums over channels in float64, in one reading, and one pass that uses them."""

from dezero.backend.cupy.specs import PHASES, WIDE, KernelSpec

__all__ = ["SPECS"]

# A count, a number close to all of them, the sums of what they are beyond it and of its squares:
# one reading, no division, and no difference of large sums where the mean is far from 0.
_MOMENTS = """
struct Moments {
    double n, near, sum, squares;
    __device__ Moments() {}
    __device__ explicit Moments(int) : n(0), near(0), sum(0), squares(0) {}
    __device__ explicit Moments(double x) : n(1), near(x), sum(0), squares(0) {}
};
__device__ inline Moments joined(Moments a, const Moments& b) {
    if (a.n == 0) return b;
    if (b.n == 0) return a;
    const double d = b.near - a.near;
    a.squares += b.squares + d * (2 * b.sum + b.n * d);
    a.sum += b.sum + b.n * d;
    a.n += b.n;
    return a;
}
__device__ inline double spread(const Moments& a) {
    const double mean = a.sum / a.n, variance = a.squares / a.n - mean * mean;
    return variance < 0 ? 0 : variance;
}
"""
_PAIR = """
struct Pair {
    double one, two;
    __device__ Pair() {}
    __device__ explicit Pair(int) : one(0), two(0) {}
    __device__ Pair(double one, double two) : one(one), two(two) {}
};
__device__ inline Pair added(const Pair& p, const Pair& q) {
    return Pair(p.one + q.one, p.two + q.two);
}
"""


def _pair(name: str, in_params: str, first: str, second: str, **fields: object) -> KernelSpec:
    """Return the two sums of `first` and of `second`."""
    given = {"dtypes": "efd", **fields}
    return KernelSpec(
        "reduction", name, in_params, "Y total, Y product", f"Pair({first}, {second})",
        "added(a, b)", "total = Y(a.one), product = Y(a.two)", reduce_type="Pair", preamble=_PAIR,
        **given,  # type: ignore[arg-type]
    )  # fmt: skip


# Of an array: a reduction takes no numbers.
_CENTER, _SUMS = ("D", "d"), ("Y", "d")
# One block for each row: a second reading finds it in the cache.
_ROW_NORM = """
extern "C" __global__ void row_norm(
        const T* x, const T* gamma, const T* beta, T* y, T* mean, T* inverse, long long rows,
        long long width, double eps, bool centred) {
    __shared__ double sums[256];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const long long start = row * width;
        double center = 0;
        if (centred) {
            EACH_THREAD {
                double sum = 0;
                EACH_COLUMN sum += double(x[start + j]);
                sums[threadIdx.x] = sum;
            }
            ADD_UP(sums)
            center = double(T(sums[0] / double(width)));
            TOGETHER
        }
        EACH_THREAD {
            double sum = 0;
            EACH_COLUMN {
                const double d = double(x[start + j]) - center;
                sum += d * d;
            }
            sums[threadIdx.x] = sum;
        }
        ADD_UP(sums)
        const T near = T(center), scale = T(1 / sqrt(sums[0] / double(width) + eps));
        TOGETHER
        EACH_THREAD {
            EACH_COLUMN {
                const T normed = (x[start + j] - near) * scale * gamma[j];
                y[start + j] = centred ? normed + beta[j] : normed;
            }
            if (threadIdx.x == 0) {
                if (centred) mean[row] = near;
                inverse[row] = scale;
            }
        }
    }
}
"""
_ROW_NORM_GRADIENT = """
extern "C" __global__ void row_norm_gradient(
        const T* gy, const T* x, const T* gamma, const T* mean, const T* inverse, T* gx,
        long long rows, long long width, bool centred) {
    __shared__ double shares[256];
    __shared__ double products[256];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const long long start = row * width;
        const T near = centred ? mean[row] : T(0), scale = inverse[row];
        EACH_THREAD {
            double share = 0, product = 0;
            EACH_COLUMN {
                const T g = gy[start + j] * gamma[j];
                share += double(g);
                product += double(g * ((x[start + j] - near) * scale));
            }
            shares[threadIdx.x] = centred ? share : 0;
            products[threadIdx.x] = product;
        }
        ADD_UP(shares)
        ADD_UP(products)
        const T share = T(shares[0] / double(width)), product = T(products[0] / double(width));
        TOGETHER
        EACH_THREAD {
            EACH_COLUMN {
                const T normed = (x[start + j] - near) * scale;
                gx[start + j] = (gy[start + j] * gamma[j] - share - normed * product) * scale;
            }
        }
    }
}
"""
_SOFTMAX = """
extern "C" __global__ void softmax_rows(
        const T* x, T* y, long long rows, long long width, long long kind) {
    // 0: softmax, 1: its logarithm, 2: softmax, and 0 in rows of nothing but -inf
    __shared__ double sums[256];
    __shared__ A tops[256];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const long long start = row * width;
        EACH_THREAD {
            A top = A(x[start]);
            EACH_COLUMN {
                const A v = A(x[start + j]);
                top = v > top || v != v ? v : top;
            }
            tops[threadIdx.x] = top;
        }
        LARGEST(tops)
        const A top = kind == 2 && isinf(tops[0]) && tops[0] < 0 ? A(0) : tops[0];
        EACH_THREAD {
            double sum = 0;
            EACH_COLUMN sum += double(exp(A(x[start + j]) - top));
            sums[threadIdx.x] = sum;
        }
        ADD_UP(sums)
        const A total = kind == 2 && sums[0] == 0 ? A(1) : A(sums[0]);
        TOGETHER
        EACH_THREAD {
            EACH_COLUMN {
                const A z = A(x[start + j]) - top;
                y[start + j] = T(kind == 1 ? z - log(total) : exp(z) / total);
            }
        }
    }
}
"""
_SOFTMAX_GRADIENT = """
extern "C" __global__ void softmax_rows_gradient(
        const T* gy, const T* y, T* gx, long long rows, long long width, bool is_log) {
    __shared__ double sums[256];
    for (long long row = blockIdx.x; row < rows; row += gridDim.x) {
        const long long start = row * width;
        EACH_THREAD {
            double sum = 0;
            EACH_COLUMN {
                const A g = A(gy[start + j]);
                sum += double(is_log ? g : g * A(y[start + j]));
            }
            sums[threadIdx.x] = sum;
        }
        ADD_UP(sums)
        const A total = A(sums[0]);
        TOGETHER
        EACH_THREAD {
            EACH_COLUMN {
                const A g = A(gy[start + j]), v = A(y[start + j]);
                gx[start + j] = T(is_log ? g - exp(v) * total : g * v - v * total);
            }
        }
    }
}
"""


def _rows(name: str, source: str, dtypes: str, preamble: str = "") -> KernelSpec:
    return KernelSpec(
        "raw", name, source=source, preamble=preamble + PHASES, dtypes=dtypes, phased=True
    )


SPECS = (
    # Arrays of channels are (S, A, C, B), what belongs to a channel (S, 1, C, 1).
    KernelSpec(
        "reduction",
        "moments",
        "T x",
        "float64 mean, float64 variance",
        "Moments(double(x))",
        "joined(a, b)",
        "mean = a.near + a.sum / a.n, variance = spread(a)",
        reduce_type="Moments",
        preamble=_MOMENTS,
        dtypes="efd",
    ),
    # Of parts of one size, whose variances are a Moments of their own.
    KernelSpec(
        "reduction",
        "joined_moments",
        "T means, T variances",
        "float64 mean, float64 variance",
        "Both(double(means), double(variances))",
        "Both(a, b)",
        "mean = a.of.near + a.of.sum / a.of.n, variance = spread(a.of) + a.inside / a.of.n",
        reduce_type="Both",
        preamble=_MOMENTS
        + """
struct Both {
    Moments of;
    double inside;
    __device__ Both() {}
    __device__ explicit Both(int) : of(0), inside(0) {}
    __device__ Both(double mean, double variance) : of(mean), inside(variance) {}
    __device__ Both(const Both& a, const Both& b)
        : of(joined(a.of, b.of)), inside(a.inside + b.inside) {}
};
""",
        dtypes="d",
    ),
    _pair(
        "sums_around",
        "T g, T x, D center",
        "double(g)",
        "double(g) * (double(x) - center)",
        others=(_CENTER, _SUMS),
    ),
    _pair(
        "row_sums",
        "T gy, T x, T mean, T inverse",
        "double(gy)",
        "double(gy) * double((x - mean) * inverse)",
        dtypes="fd",
        others=(("Y", "fd"),),
    ),
    _pair(
        "group_sums",
        "T p, T q, T w",
        "double(p)",
        "double(q) * double(w)",
        dtypes="d",
        others=(("Y", "fd"),),
    ),
    _pair("pair_sums", "T p, T q", "double(p)", "double(q)", dtypes="d", others=(("Y", "fd"),)),
    KernelSpec(
        "elementwise",
        "channel_scale",
        "float64 variance, T gamma, T beta, float64 eps",
        "float64 inverse, float64 scale, float64 shift",
        """
        inverse = 1 / sqrt(variance + eps);
        scale = double(gamma) * inverse;
        shift = double(beta);
        """,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "channel_frozen",
        "M mean, M variance, T gamma, T beta, float64 eps",
        "float64 center, float64 inverse, float64 scale, float64 shift",
        """
        center = double(mean);
        inverse = 1 / sqrt(double(variance) + eps);
        scale = double(gamma) * inverse;
        shift = double(beta);
        """,
        dtypes="efd",
        others=(("M", "efd"),),
    ),
    # One thread for a channel of a sample adds up its group.
    KernelSpec(
        "elementwise",
        "group_back",
        "float64 mean, float64 inverse, raw float64 total, raw float64 product, raw T gamma, "
        "int64 size, int64 channels, float64 count",
        "float64 by_gy, float64 by_x, float64 shift",
        """
        const long long first = i - i % size;
        double share = 0, part = 0;
        for (long long j = first; j < first + size; ++j) {
            const double weight = double(gamma[j % channels]);
            share += weight * total[j];
            part += weight * product[j] * inverse;
        }
        by_gy = double(gamma[i % channels]) * inverse;
        by_x = inverse * inverse * (part / double(size)) / -count;
        shift = inverse * (share / double(size)) / -count - by_x * mean;
        """,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "moving_moments",
        "float64 batch_mean, float64 batch_variance, float64 factor, float64 decay",
        "T mean, T variance",
        """
        if (isfinite(batch_mean) && isfinite(batch_variance)) {
            mean = T(double(mean) * decay + batch_mean * (1 - decay));
            variance = T(double(variance) * decay + batch_variance * factor * (1 - decay));
        }
        """,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "channel_back",
        "float64 total, float64 product, float64 mean, float64 inverse, T gamma, float64 count",
        "float64 by_gy, float64 by_x, float64 shift, T ggamma, T gbeta",
        """
        const double normed = product * inverse;
        by_gy = double(gamma) * inverse;
        by_x = by_gy * inverse * normed / -count;
        shift = by_gy * total / -count - by_x * mean;
        ggamma = T(normed);
        gbeta = T(total);
        """,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "channel_affine",
        "T x, float64 scale, float64 shift, float64 center",
        "T y",
        "y = T((double(x) - center) * scale + shift);",
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "channel_gradient",
        "T gy, T x, float64 by_gy, float64 by_x, float64 shift",
        "T gx",
        "gx = T(double(gy) * by_gy + double(x) * by_x + shift);",
        dtypes="efd",
    ),
    # Rows of (M, D): what belongs to a row is (M,), to a column (D,).
    _rows("row_norm", _ROW_NORM, "fd"),
    _rows("row_norm_gradient", _ROW_NORM_GRADIENT, "fd"),
    _rows("softmax_rows", _SOFTMAX, "efd", WIDE),
    _rows("softmax_rows_gradient", _SOFTMAX_GRADIENT, "efd", WIDE),
)

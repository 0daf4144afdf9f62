"""Rows by number: added up, and read from a data set. Numbers count from the end, as in NumPy."""

from dezero.backend.cupy.specs import WIDE, KernelSpec

__all__ = ["SPECS"]

_ROW = """
__device__ inline long long row_of(long long i, long long rows) {
    i %= rows;
    return i < 0 ? i + rows : i;
}
"""
# The order in which a row gets its parts is chance: float sums differ in rounding.
_ADD = """
extern "C" __global__ void add_rows(
        T* y, const long long* index, const T* values, long long count, long long rows,
        long long width) {
    CUPY_FOR(k, count * width) {
        const long long part = k / width;
        atomicAdd(&y[row_of(index[part], rows) * width + k % width], values[k]);
    }
}
"""
# The parts of a row stand side by side in `order`, and one thread adds them in this order.
_ADD_SORTED = """
extern "C" __global__ void add_sorted_rows(
        T* y, const long long* sorted, const long long* order, const T* values, long long count,
        long long width) {
    CUPY_FOR(k, count * width) {
        const long long first = k / width, column = k % width;
        const long long row = sorted[first];
        if (first > 0 && sorted[first - 1] == row) continue;
        A total = A(y[row * width + column]);
        for (long long part = first; part < count && sorted[part] == row; ++part) {
            total += A(values[order[part] * width + column]);
        }
        y[row * width + column] = T(total);
    }
}
"""
_WIDE_OR_WHOLE = """
template<typename U> struct Wide { typedef float type; };
template<> struct Wide<double> { typedef double type; };
template<> struct Wide<long long> { typedef long long type; };
typedef typename Wide<T>::type A;
"""

SPECS = (
    KernelSpec("raw", "add_rows", source=_ADD, preamble=_ROW, dtypes="efdl"),
    KernelSpec(
        "raw", "add_sorted_rows", source=_ADD_SORTED, preamble=_WIDE_OR_WHOLE, dtypes="efdl"
    ),
    KernelSpec(
        "elementwise",
        "batch_rows",
        # Rows are copied and not computed with: unsigned integers stand for all of their size.
        "raw T data, raw int64 order, float64 start, int64 width",
        "T y",
        "y = data[order[(long long)start + i / width] * width + i % width]",
        dtypes="BHIL",
    ),
    KernelSpec(
        "elementwise",
        "gather_normalise",
        # A division, and not times 1 / std: the host's numbers to the last bit.
        "raw D data, raw int64 index, int64 rows, int64 width, float64 mean, float64 std",
        "T y",
        "y = (T(data[row_of(index[i / width], rows) * width + i % width]) - T(mean)) / T(std)",
        preamble=_ROW,
        others=(("D", "Bf"),),
    ),
    KernelSpec(
        "elementwise",
        "add_bias",
        "raw T b, int64 width, bool relu",
        "T y",
        "const A v = A(y) + A(b[i % width]); y = T(relu && v < A(0) ? A(0) : v);",
        preamble=WIDE,
        dtypes="efd",
    ),
)

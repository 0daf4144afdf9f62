"""Pictures shown through an affine map: one thread for each pixel of the result."""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

# In the steps of `numpy_resample`: places in float64, folded into the picture; values between
# pixels in float32 unless an array is wider. Modes: 0 nearest, 1 constant, 2 reflect, 3 wrap.
_WARP = """
template<bool is_wide> struct Working { typedef float type; };
template<> struct Working<true> { typedef double type; };
typedef typename Working<(sizeof(T) > 4 || sizeof(Y) > 4)>::type W;

__device__ inline double modulo(double x, double size) {
    double rest = fmod(x, size);
    return rest < 0 ? rest + size : rest;
}

__device__ inline double folded(double place, double size, int mode) {
    if (mode == 1) { return fmin(fmax(place, -1.0), size); }
    if (mode == 3) { return modulo(place, size); }
    if (mode == 2) {
        place = modulo(place + 0.5, 2 * size);
        place = fmin(place, 2 * size - place) - 0.5;
    }
    return fmin(fmax(place, 0.0), size - 1);
}

// Pixel `at` of an axis, where -1 and `size` and beyond are outside; -1 stands for the filling.
__device__ inline long long inside(long long at, long long size, int mode) {
    if (at >= 0 && at < size) { return at; }
    if (mode == 1) { return -1; }
    if (at < 0) { return 0; }
    return mode == 3 ? 0 : size - 1;
}

template<typename X> __device__ T pixel(const X& x, long long plane, long long row, long long col,
                                        long long height, long long width, int mode, T fill) {
    row = inside(row, height, mode);
    col = inside(col, width, mode);
    return row < 0 || col < 0 ? fill : x[(plane * height + row) * width + col];
}

__device__ inline void store(Y& y, W value, bool is_integer, bool is_bool) {
    if (is_bool) { y = Y(value >= W(0.5)); return; }
    y = Y(is_integer ? W(rint(value)) : value);
}
"""

SPECS = (
    KernelSpec(
        "elementwise",
        "warp",
        "raw T x, raw float64 matrices, raw T fill, int64 channels, int64 height, int64 width, "
        "int64 rows, int64 columns, int64 order, int64 mode, bool one_fill, bool is_integer, "
        "bool is_bool",
        "Y y",
        """
        long long col = i % columns, rest = i / columns, row = rest % rows, plane = rest / rows;
        long long n = plane / channels, m = n * 6;
        double r = matrices[m] * row + matrices[m + 2] + matrices[m + 1] * col;
        double c = matrices[m + 3] * row + matrices[m + 5] + matrices[m + 4] * col;
        r = folded(r, (double)height, (int)mode);
        c = folded(c, (double)width, (int)mode);
        T beyond = fill[one_fill ? 0 : plane % channels];
        if (order == 0) {
            long long down = (long long)floor(r + 0.5), right = (long long)floor(c + 0.5);
            y = Y(pixel(x, plane, down, right, height, width, (int)mode, beyond));
        } else {
            long long top = (long long)floor(r), left = (long long)floor(c);
            W down = W(r - top), right = W(c - left), values[2];
            for (int k = 0; k < 2; ++k) {
                W first = W(pixel(x, plane, top + k, left, height, width, (int)mode, beyond));
                W second = W(pixel(x, plane, top + k, left + 1, height, width, (int)mode, beyond));
                values[k] = (second - first) * right + first;
            }
            store(y, (values[1] - values[0]) * down + values[0], is_integer, is_bool);
        }
        """,
        preamble=_WARP,
        dtypes="fdB",
        others=(("Y", "fdB"),),
    ),
)

"""Normalisation: sums over channels and rows in float64, and one pass that uses them."""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

_DOUBLE = "double"
# Of an array: a reduction takes no numbers.
_CENTER = (("D", "d"),)

SPECS = (
    # Arrays of channels are (S, A, C, B), what belongs to a channel (S, 1, C, 1).
    KernelSpec(
        "reduction",
        "sum_of",
        "T x",
        "float64 y",
        "double(x)",
        post="y = a",
        reduce_type=_DOUBLE,
        dtypes="efd",
    ),
    KernelSpec(
        "reduction",
        "squares_around",
        "T x, D center",
        "float64 y",
        "(double(x) - center) * (double(x) - center)",
        post="y = a",
        reduce_type=_DOUBLE,
        dtypes="efd",
        others=_CENTER,
    ),
    KernelSpec(
        "reduction",
        "products_around",
        "T g, T x, D center",
        "float64 y",
        "double(g) * (double(x) - center)",
        post="y = a",
        reduce_type=_DOUBLE,
        dtypes="efd",
        others=_CENTER,
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
    # Rows of (M, D): what belongs to a row is (M, 1), to a column (D,).
    KernelSpec(
        "reduction",
        "row_squares",
        "T x, T mean",
        "T squares",
        "(x - mean) * (x - mean)",
        post="squares = a",
    ),
    KernelSpec(
        "elementwise",
        "row_inverse",
        "T squares, float64 eps, int64 size",
        "T inverse",
        "inverse = T(1) / sqrt(squares / T(size) + T(eps));",
    ),
    KernelSpec(
        "elementwise",
        "row_apply",
        "T x, T mean, T inverse, T gamma, T beta",
        "T y",
        "y = (x - mean) * inverse * gamma + beta;",
    ),
    KernelSpec(
        "reduction",
        "row_share",
        "T gy, T gamma",
        "T y",
        "gy * gamma",
        post="y = a",
    ),
    KernelSpec(
        "reduction",
        "row_product",
        "T gy, T gamma, T x, T mean, T inverse",
        "T y",
        "gy * gamma * ((x - mean) * inverse)",
        post="y = a",
    ),
    KernelSpec(
        "reduction",
        "column_product",
        "T gy, T x, T mean, T inverse",
        "float64 y",
        "double(gy) * double((x - mean) * inverse)",
        post="y = a",
        reduce_type=_DOUBLE,
    ),
    KernelSpec(
        "elementwise",
        "row_back",
        "T gy, T x, T gamma, T mean, T inverse, T share, T product, int64 size",
        "T gx",
        """
        T normed = (x - mean) * inverse;
        gx = (gy * gamma - (share + normed * product) / T(size)) * inverse;
        """,
    ),
)

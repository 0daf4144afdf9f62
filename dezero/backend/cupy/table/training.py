"""What a training step does between its losses and its update."""

from dezero.backend.cupy.specs import PHASES, WIDE, KernelSpec

__all__ = ["FEW", "MANY", "SPECS"]

# How many arrays a launch puts end to end: their addresses are its arguments, as a graph needs.
FEW, MANY = 8, 64


def _gather(most: int) -> str:
    # Each block works on one array, so that all of its threads take the same way.
    arrays = ", ".join(f"const T* p{i}" for i in range(most))
    ends = ", ".join(f"long long end{i}" for i in range(most))
    starts = ["0", *(f"end{i}" for i in range(most))]
    choices = "\n".join(
        f"        case {i}: from = p{i}; start = {starts[i]}; end = end{i}; break;"
        for i in range(most)
    )
    return f"""
extern "C" __global__ void gather_{most}({arrays}, {ends}, T* out) {{
    auto from = p0;
    long long start = 0, end = 0;
    switch (blockIdx.y) {{
{choices}
    }}
    CUPY_FOR(k, end - start) out[start + k] = from[k];
}}
"""


_SQUARES = """
extern "C" __global__ void squares_in_parts(const T* x, double* parts, long long size) {
    __shared__ double sums[256];
    EACH_THREAD {
        double sum = 0;
        CUPY_FOR(k, size) sum += double(x[k]) * double(x[k]);
        sums[threadIdx.x] = sum;
    }
    ADD_UP(sums)
    EACH_THREAD if (threadIdx.x == 0) parts[blockIdx.x] = sums[0];
}
"""

SPECS = (
    KernelSpec(
        "raw",
        "squares_in_parts",
        source=_SQUARES,
        preamble=PHASES,
        dtypes="efd",
        phased=True,
    ),
    KernelSpec("raw", f"gather_{FEW}", source=_gather(FEW), dtypes="efd"),
    KernelSpec("raw", f"gather_{MANY}", source=_gather(MANY), dtypes="efd"),
    KernelSpec(
        "elementwise",
        "scaled",
        "T x, T factor, int64 n",
        "T y",
        "y = T(A(x) * (A(factor) / A(n)))",
        preamble=WIDE,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "add_scaled",
        "T x, float64 rate",
        "T g",
        "g = T(A(g) + A(rate) * A(x))",
        preamble=WIDE,
        dtypes="efd",
        reference="dezero.backend.numpy_training:add_scaled",
    ),
    KernelSpec(
        "elementwise",
        "limit_norm",
        "float64 square, float64 max_norm",
        "T g",
        """
        const double norm = sqrt(square);
        g = T(A(g) * A(norm > max_norm ? max_norm / norm : 1.0));
        """,
        preamble=WIDE,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "checked_index",
        "int64 ids, int64 count",
        "int64 safe, T factor",
        """
        const bool is_row = ids >= 0 && ids < count;
        safe = is_row ? ids : 0;
        factor = T(is_row ? 1.0f : nanf(""));
        """,
        dtypes="efd",
    ),
)

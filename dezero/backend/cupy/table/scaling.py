"""The scale of a loss: gradients taken back, the scale adjusted, numbers of an update picked.

The state is that of `numpy_scaling`: scale, 1 / scale, finite updates, skipped ones, found, skip.
"""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

SPECS = (
    KernelSpec(
        "elementwise",
        "unscale",
        "T g, float64 factor",
        "T y, raw float64 found",
        "y = g * T(factor); if (!isfinite(y)) found[0] = 1;",
    ),
    KernelSpec(
        "elementwise",
        "adjust_scale",
        "float64 growth, float64 backoff, float64 every, float64 lowest, float64 highest",
        "raw T state",
        """
        const double found = state[4];
        double scale = state[0];
        if (found != 0) {
            state[2] = 0;
            state[3] += 1;
            scale *= backoff;
            scale = scale < lowest ? lowest : scale;
        } else if (state[2] + 1 >= every) {
            state[2] = 0;
            scale *= growth;
            scale = scale > highest ? highest : scale;
        } else {
            state[2] += 1;
        }
        state[0] = scale;
        state[1] = 1 / scale;
        state[4] = 0;
        state[5] = found;
        """,
        dtypes="d",
    ),
    KernelSpec(
        "elementwise",
        "pick_row",
        "raw T rows, raw T state, int64 width",
        "T y",
        "y = rows[(ptrdiff_t)state[3] * width + i]",
        dtypes="d",
    ),
)

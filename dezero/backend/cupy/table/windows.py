"""What slides a window over pictures: columns and pooling, one thread for each element written.

Nothing is added to memory that another thread writes to: gradients gather what belongs to a pixel,
so that results do not depend on the order of threads. Indices have 32 bits where `is_small`.
"""

from dezero.backend.cupy.specs import WIDE, KernelSpec

__all__ = ["SPECS"]

WINDOW = (
    "int64 kernel_h, int64 kernel_w, int64 stride_h, int64 stride_w, int64 top, int64 left, "
    "int64 step_h, int64 step_w, bool is_small"
)
NAMES = "kernel_h, kernel_w, stride_h, stride_w, top, left, step_h, step_w"
TYPED = ", ".join(f"I {name}" for name in NAMES.split(", "))
SHAPES = "int64 height, int64 width, int64 depth, int64 out_h, int64 out_w"


def call(name: str, target: str, arrays: str, sizes: str) -> str:
    """Return the statement that calls a template by 32 or 64 bits."""
    arguments = f"{arrays}, i, {sizes}, {NAMES}"
    return (
        f"if (is_small) {{ {target}{name}<int>({arguments}); }} "
        f"else {{ {target}{name}<long long>({arguments}); }}"
    )


# Where the window meets a pixel: `place` times the stride is `at`, if it is inside.
PLACE = """
template<typename I> __device__ inline bool meets(I at, I stride, I count, I& place) {
    if (at < 0) { return false; }
    place = at / stride;
    return place < count && place * stride == at;
}
"""

_IM2COL = f"""
template<typename I, typename X> __device__ T take_column(const X& x, I i, I height, I width,
    I depth, I out_h, I out_w, I first, I by_n, I by_h, I by_w, I by_c, {TYPED}) {{
    I c = i % depth, rest = i / depth;
    I kw = rest % kernel_w; rest /= kernel_w;
    I kh = rest % kernel_h; rest /= kernel_h;
    I ow = rest % out_w; rest /= out_w;
    I oh = rest % out_h, n = rest / out_h;
    I h = oh * stride_h - top + kh * step_h, w = ow * stride_w - left + kw * step_w;
    if (h < 0 || h >= height || w < 0 || w >= width) {{ return T(0); }}
    return x[n * by_n + h * by_h + w * by_w + (first + c) * by_c];
}}
"""

_COL2IM = f"""
{WIDE}{PLACE}
template<typename I, typename X> __device__ T add_columns(const X& columns, I i, I height, I width,
    I depth, I out_h, I out_w, {TYPED}) {{
    I c = i % depth, rest = i / depth;
    I w = rest % width + left; rest /= width;
    I h = rest % height + top, n = rest / height;
    A total = A(0);
    for (I kh = 0; kh < kernel_h; ++kh) {{
        I oh;
        if (!meets<I>(h - kh * step_h, stride_h, out_h, oh)) {{ continue; }}
        for (I kw = 0; kw < kernel_w; ++kw) {{
            I ow;
            if (!meets<I>(w - kw * step_w, stride_w, out_w, ow)) {{ continue; }}
            I row = (n * out_h + oh) * out_w + ow;
            total += A(columns[((row * kernel_h + kh) * kernel_w + kw) * depth + c]);
        }}
    }}
    return T(total);
}}
"""

# The walk of a result's element over the pixels under its window: `at` is each one's index.
_WALK = """
    I d = i % depth, rest = i / depth;
    I w0 = rest % out_w * stride_w - left; rest /= out_w;
    I h0 = rest % out_h * stride_h - top, b = rest / out_h;
    for (I kh = 0; kh < kernel_h; ++kh) {
        I h = h0 + kh * step_h;
        if (h < 0 || h >= height) { continue; }
        for (I kw = 0; kw < kernel_w; ++kw) {
            I w = w0 + kw * step_w;
            if (w < 0 || w >= width) { continue; }
            I at = ((b * height + h) * width + w) * depth + d;
"""
_SIZES = "I height, I width, I depth, I out_h, I out_w"

# A later NaN takes the place of an earlier one, as on the host.
_MAX = f"""
template<typename I, typename X> __device__ T largest(const X& x, long long& entry, I i,
    {_SIZES}, {TYPED}) {{
    bool found = false;
    T best = T(0);
    {_WALK}
            T value = x[at];
            if (!found || value > best || value != value) {{
                best = value;
                entry = kh * kernel_w + kw;
                found = true;
            }}
        }}
    }}
    return best;
}}
"""

_SUM = f"""
{WIDE}
template<typename I, typename X> __device__ T total_under(const X& x, I i, {_SIZES}, {TYPED}) {{
    A total = A(0);
    {_WALK}
            total += A(x[at]);
        }}
    }}
    return T(total);
}}
"""

_GATHER = f"""
template<typename I, typename X, typename Q> __device__ T named_by(const X& x, Q entry, I i,
    {_SIZES}, {TYPED}) {{
    I d = i % depth, rest = i / depth;
    I w = rest % out_w * stride_w - left + I(entry) % kernel_w * step_w; rest /= out_w;
    I h = rest % out_h * stride_h - top + I(entry) / kernel_w * step_h, b = rest / out_h;
    if (h < 0 || h >= height || w < 0 || w >= width) {{ return T(0); }}
    return x[((b * height + h) * width + w) * depth + d];
}}
"""

# The walk of a pixel over the windows that meet it: `from` is the index of each one's result.
_BACK = """
    I d = i % depth, rest = i / depth;
    I w = rest % width + left; rest /= width;
    I h = rest % height + top, b = rest / height;
    A total = A(0);
    for (I kh = 0; kh < kernel_h; ++kh) {
        I oh;
        if (!meets<I>(h - kh * step_h, stride_h, out_h, oh)) { continue; }
        for (I kw = 0; kw < kernel_w; ++kw) {
            I ow;
            if (!meets<I>(w - kw * step_w, stride_w, out_w, ow)) { continue; }
            I from = ((b * out_h + oh) * out_w + ow) * depth + d;
"""

_SUM_BACK = f"""
{WIDE}{PLACE}
template<typename I, typename X> __device__ T spread(const X& gy, I i, {_SIZES}, {TYPED}) {{
    {_BACK}
            total += A(gy[from]);
        }}
    }}
    return T(total);
}}
"""

_SCATTER = f"""
{WIDE}{PLACE}
template<typename I, typename X, typename Q> __device__ T won(const X& gy, const Q& index, I i,
    {_SIZES}, {TYPED}) {{
    {_BACK}
            if (I(index[from]) == kh * kernel_w + kw) {{ total += A(gy[from]); }}
        }}
    }}
    return T(total);
}}
"""

_PLAIN = "height, width, depth, out_h, out_w"
_STRIDES = "first, by_n, by_h, by_w, by_c"
_STRIDE_PARAMS = ", ".join(f"int64 {name}" for name in _STRIDES.split(", "))
_INDEX = (("P", "BHI"),)
_ALL = "efdlL"

SPECS = (
    KernelSpec(
        "elementwise",
        "im2col",
        f"raw T x, {SHAPES}, {_STRIDE_PARAMS}, {WINDOW}",
        "T columns",
        call("take_column", "columns = ", "x", f"{_PLAIN}, {_STRIDES}"),
        preamble=_IM2COL,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "col2im",
        f"raw T columns, {SHAPES}, {WINDOW}",
        "T x",
        call("add_columns", "x = ", "columns", _PLAIN),
        preamble=_COL2IM,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "max_pool",
        f"raw T x, {SHAPES}, {WINDOW}",
        "T y",
        "long long entry = 0; " + call("largest", "y = ", "x, entry", _PLAIN),
        preamble=_MAX,
        dtypes=_ALL,
    ),
    KernelSpec(
        "elementwise",
        "max_pool_index",
        f"raw T x, {SHAPES}, {WINDOW}",
        "T y, P index",
        "long long entry = 0; "
        + call("largest", "y = ", "x, entry", _PLAIN)
        + " index = P(entry);",
        preamble=_MAX,
        dtypes=_ALL,
        others=_INDEX,
    ),
    KernelSpec(
        "elementwise",
        "pool_scatter",
        f"raw T gy, raw P index, {SHAPES}, {WINDOW}",
        "T gx",
        call("won", "gx = ", "gy, index", _PLAIN),
        preamble=_SCATTER,
        dtypes="efd",
        others=_INDEX,
    ),
    KernelSpec(
        "elementwise",
        "pool_gather",
        f"raw T x, P index, {SHAPES}, {WINDOW}",
        "T y",
        call("named_by", "y = ", "x, index", _PLAIN),
        preamble=_GATHER,
        dtypes="efd",
        others=_INDEX,
    ),
    KernelSpec(
        "elementwise",
        "sum_pool",
        f"raw T x, {SHAPES}, {WINDOW}",
        "T y",
        call("total_under", "y = ", "x", _PLAIN),
        preamble=_SUM,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "sum_pool_gradient",
        f"raw T gy, {SHAPES}, {WINDOW}",
        "T gx",
        call("spread", "gx = ", "gy", _PLAIN),
        preamble=_SUM_BACK,
        dtypes="efd",
    ),
)

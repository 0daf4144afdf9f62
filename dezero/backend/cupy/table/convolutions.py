"""Depthwise convolution: every channel by its own kernel, without columns.

The kernel k of channel c is that of output c * times + k. Gradients gather, nothing is added to
memory that another thread writes to.
"""

from dezero.backend.cupy.specs import WIDE, KernelSpec
from dezero.backend.cupy.table.windows import PLACE, SHAPES, TYPED, WINDOW, call

__all__ = ["SPECS"]

_SIZES = "I height, I width, I depth, I out_h, I out_w, I times"
_PLAIN = "height, width, depth, out_h, out_w, times"

_FORWARD = f"""
{WIDE}
template<typename I, typename X> __device__ T by_own_kernel(const X& x, const X& W, I i, {_SIZES},
    {TYPED}) {{
    I outs = depth * times, o = i % outs, rest = i / outs;
    I w0 = rest % out_w * stride_w - left; rest /= out_w;
    I h0 = rest % out_h * stride_h - top, n = rest / out_h;
    A total = A(0);
    for (I kh = 0; kh < kernel_h; ++kh) {{
        I h = h0 + kh * step_h;
        if (h < 0 || h >= height) {{ continue; }}
        for (I kw = 0; kw < kernel_w; ++kw) {{
            I w = w0 + kw * step_w;
            if (w < 0 || w >= width) {{ continue; }}
            A value = A(x[((n * height + h) * width + w) * depth + o / times]);
            total += value * A(W[(kh * kernel_w + kw) * outs + o]);
        }}
    }}
    return T(total);
}}
"""

_BACK = f"""
{WIDE}{PLACE}
template<typename I, typename X> __device__ T back_by_own(const X& gy, const X& W, I i, {_SIZES},
    {TYPED}) {{
    I c = i % depth, rest = i / depth, outs = depth * times;
    I w = rest % width + left; rest /= width;
    I h = rest % height + top, n = rest / height;
    A total = A(0);
    for (I kh = 0; kh < kernel_h; ++kh) {{
        I oh;
        if (!meets<I>(h - kh * step_h, stride_h, out_h, oh)) {{ continue; }}
        for (I kw = 0; kw < kernel_w; ++kw) {{
            I ow;
            if (!meets<I>(w - kw * step_w, stride_w, out_w, ow)) {{ continue; }}
            I row = ((n * out_h + oh) * out_w + ow) * outs + c * times;
            I at = (kh * kernel_w + kw) * outs + c * times;
            for (I k = 0; k < times; ++k) {{ total += A(gy[row + k]) * A(W[at + k]); }}
        }}
    }}
    return T(total);
}}
"""

SPECS = (
    KernelSpec(
        "elementwise",
        "depthwise",
        f"raw T x, raw T W, {SHAPES}, int64 times, {WINDOW}",
        "T y",
        call("by_own_kernel", "y = ", "x, W", _PLAIN),
        preamble=_FORWARD,
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "depthwise_gradient_x",
        f"raw T gy, raw T W, {SHAPES}, int64 times, {WINDOW}",
        "T gx",
        call("back_by_own", "gx = ", "gy, W", _PLAIN),
        preamble=_BACK,
        dtypes="efd",
    ),
    # One entry of the kernel at a time: the pixels it meets, and the gradients there.
    KernelSpec(
        "reduction",
        "depthwise_entry",
        "T x, T gy",
        "T gW",
        "A(x) * A(gy)",
        post="gW = T(a)",
        reduce_type="A",
        preamble=WIDE,
        dtypes="efd",
    ),
)

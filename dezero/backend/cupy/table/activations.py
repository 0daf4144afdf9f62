"""Activations and their derivatives: one row of text each, all in one kernel that takes a number.

A branch that all threads take alike costs nothing beside memory, and one kernel is compiled once.
"""

from dezero.backend.cupy.specs import WIDE, KernelSpec

__all__ = ["KINDS", "SPECS"]

# name: (y of x and a, gx of g, z and a) in A; z is x, of those in _BY_RESULT y. NaN stays NaN.
ROWS = {
    "elu": ("x > 0 ? x : a * expm1(x)", "g * (z > 0 ? A(1) : a * exp(z))"),
    "gelu": ("x * cdf(x)", "g * (exp(A(-0.5) * squared(z, 40)) * (z * A(ROOT_PI)) + cdf(z))"),
    "gelu_tanh": (
        "x * (A(0.5) + A(0.5) * gelu_tanh(within(x, 20)))",
        "g * gelu_tanh_slope(gelu_tanh(within(z, 20)), within(z, 20))",
    ),
    "hard_sigmoid": ("hard(x)", "g * (A(1) / A(6)) * (z > -3 && z < 3 ? A(1) : A(0))"),
    "hard_swish": (
        "x * hard(x)",
        "g * (hard(z) + z * (A(1) / A(6)) * (z > -3 && z < 3 ? A(1) : A(0)))",
    ),
    "hard_tanh": ("within(x, 1)", "g * (z >= -1 && z <= 1 ? A(1) : A(0))"),
    "leaky_relu": ("x > 0 ? x : x * a", "g * (z > 0 ? A(1) : a)"),
    "mish": (
        "x * tanh(soft(x))",
        "g * (tanh(soft(z)) + within(z, 1000) * (A(1) - tanh(soft(z)) * tanh(soft(z))) * sig(z))",
    ),
    "relu": ("x <= 0 ? A(0) : x", "g * (z > 0 ? A(1) : A(0))"),
    "relu6": ("x <= 0 ? A(0) : x >= 6 ? A(6) : x", "g * (z > 0 && z < 6 ? A(1) : A(0))"),
    "selu": (
        "A(SCALE) * (x > 0 ? x : A(ALPHA) * expm1(x))",
        "A(SCALE) * (g * (z > 0 ? A(1) : A(ALPHA) * exp(z)))",
    ),
    "sigmoid": ("sig(x)", "g * ((A(1) - z) * z)"),
    "silu": ("x * sig(x)", "g * (((A(1) - sig(z)) * z + A(1)) * sig(z))"),
    "softplus": ("soft(x)", "g * sig(z)"),
    "softsign": ("x / (A(1) + fabs(x))", "g / (A(1) + fabs(z)) / (A(1) + fabs(z))"),
    "tanh": ("tanh(x)", "g - z * z * g"),
}
# The number that stands for a name.
KINDS = {name: number for number, name in enumerate(ROWS)}

_PARTS = f"""{WIDE}
#define ROOT_PI 0.3989422804014327
#define SCALE 1.0507009873554805
#define ALPHA 1.6732632423543772
__device__ inline A within(A x, A limit) {{
    return x > limit ? limit : x < -limit ? -limit : x;
}}
__device__ inline A squared(A x, A limit) {{ x = within(x, limit); return x * x; }}
__device__ inline A sig(A x) {{
    const A limit = sizeof(A) == 8 ? A(709) : A(88);
    return A(1) / (exp(-x > limit ? limit : -x) + A(1));
}}
__device__ inline A soft(A x) {{ return log1p(exp(-fabs(x))) + (x <= 0 ? A(0) : x); }}
__device__ inline A cdf(A x) {{
    return (A(erf(x * A(0.7071067811865476))) + A(1)) * A(0.5);
}}
__device__ inline A hard(A x) {{
    const A y = x * (A(1) / A(6)) + A(0.5);
    return y > 1 ? A(1) : y < 0 ? A(0) : y;
}}
__device__ inline A gelu_tanh(A u) {{
    return tanh(A(0.7978845608028654) * (u + A(0.044715) * (u * u * u)));
}}
__device__ inline A gelu_tanh_slope(A t, A u) {{
    const A slope = (A(1) - t * t) * (A(0.7978845608028654) * (A(1) + A(0.134145) * (u * u)));
    return A(0.5) + A(0.5) * t + A(0.5) * u * slope;
}}
"""


def _switch(head: str, column: int) -> str:
    """Return a function that does what the row of number `kind` says."""
    cases = "\n".join(
        f"    case {KINDS[name]}: return {texts[column]};" for name, texts in ROWS.items()
    )
    return (
        f"__device__ inline A {head} {{\n    switch (kind) {{\n{cases}\n    }}\n    return a;\n}}\n"
    )


SPECS = (
    KernelSpec(
        "elementwise",
        "activation",
        "T x, int64 kind, float64 alpha",
        "T y",
        "y = T(activated(kind, A(x), A(alpha)))",
        preamble=_PARTS + _switch("activated(long long kind, A x, A a)", 0),
        dtypes="efd",
    ),
    KernelSpec(
        "elementwise",
        "activation_gradient",
        "T gy, T z, int64 kind, float64 alpha",
        "T gx",
        "gx = T(slope_of(kind, A(gy), A(z), A(alpha)))",
        preamble=_PARTS + _switch("slope_of(long long kind, A g, A z, A a)", 1),
        dtypes="efd",
    ),
)

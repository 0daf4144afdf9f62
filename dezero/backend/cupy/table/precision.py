"""From one precision to another."""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]

# NumPy has no bfloat16: its bits are kept as uint16, which is all that a product needs.
TO_BFLOAT16 = KernelSpec(
    "elementwise",
    "to_bfloat16",
    "T x",
    "uint16 y",
    """
    union { float number; unsigned int bits; } u;
    u.number = x;
    // To even; NaN stays NaN.
    y = x == x ? (u.bits + 0x7FFFu + ((u.bits >> 16) & 1u)) >> 16 : 0x7FC0u;
    """,
    dtypes="f",
)

SPECS = (TO_BFLOAT16,)

"""The kernels of the GPU: one file for each kind, pure data."""

from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table import steps

__all__ = ["TABLES"]

# Every spec belongs to one of these; tests compile and run them all.
TABLES: dict[str, tuple[KernelSpec, ...]] = {"steps": steps.SPECS}

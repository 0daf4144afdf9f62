"""The kernels of the GPU: one file for each kind, pure data."""

from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table import (
    activations,
    convolutions,
    indexing,
    losses,
    noise,
    norms,
    pictures,
    precision,
    recurrent,
    scaling,
    steps,
    training,
    windows,
)

__all__ = ["TABLES"]

# Every spec belongs to one of these; tests compile and run them all.
TABLES: dict[str, tuple[KernelSpec, ...]] = {
    "activations": activations.SPECS,
    "convolutions": convolutions.SPECS,
    "indexing": indexing.SPECS,
    "losses": losses.SPECS,
    "noise": noise.SPECS,
    "norms": norms.SPECS,
    "pictures": pictures.SPECS,
    "precision": precision.SPECS,
    "recurrent": recurrent.SPECS,
    "scaling": scaling.SPECS,
    "steps": steps.SPECS,
    "training": training.SPECS,
    "windows": windows.SPECS,
}

"""What the data sets of grey images have in common: classes by name, and a look at the pictures."""

from typing import Any, ClassVar

import numpy as np

from dezero.datasets.base import Dataset
from dezero.transforms import Compose, Flatten, Normalize, ToFloat

__all__ = ["FASHION_CLASSES", "ImageDataset", "flat_unit"]

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

flat_unit = Compose([Flatten(), ToFloat(), Normalize(0.0, 255.0)])


class ImageDataset(Dataset):
    """Grey images (N, 1, 28, 28) in uint8 with one label each; a parent, not a data set.

    `title` is what a headline calls them.
    """

    classes: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""

    @classmethod
    def labels(cls) -> dict[int, str]:
        """Return class number -> name."""
        return dict(enumerate(cls.classes))

    def grid(self, row: int = 10, col: int = 10, seed: int | None = None) -> np.ndarray:
        """Return row x col random images side by side, uint8 (row*28, col*28)."""
        index = np.random.default_rng(seed).integers(0, len(self), row * col)
        tiles = self.data[index].reshape(row, col, *self.data.shape[-2:])
        return tiles.transpose(0, 2, 1, 3).reshape(row * tiles.shape[2], -1)  # (row*H, col*W)

    def show(self, row: int = 10, col: int = 10, seed: int | None = None) -> Any:
        """Draw `grid(row, col)` with matplotlib and return the axes."""
        import matplotlib
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(col * 0.6, row * 0.6))
        axes.imshow(self.grid(row, col, seed), cmap="gray", interpolation="nearest")
        axes.axis("off")
        figure.tight_layout()
        if matplotlib.get_backend().lower() != "agg":
            plt.show()
        return axes

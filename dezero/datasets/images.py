"""What the data sets of pictures have in common: classes by name, and a look at them."""

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
    """Pictures (N, C, H, W) in uint8, grey or colour, with one label each; a parent.

    `title` is what a headline calls them.
    """

    classes: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""

    @classmethod
    def labels(cls) -> dict[int, str]:
        """Return class number -> name."""
        return dict(enumerate(cls.classes))

    def _facts(self) -> list[str]:
        part = "training" if self.train else "test"
        return [*super()._facts(), f"{len(self.classes)} classes", f"{part} part"]

    def grid(self, row: int = 10, col: int = 10, seed: int | None = None) -> np.ndarray:
        """Return row x col random pictures side by side, uint8.

        The shape is (row*H, col*W), with an axis of 3 behind it in colour.
        """
        index = np.random.default_rng(seed).integers(0, len(self), row * col)
        tiles = self.tiles(index)  # (row*col, C, H, W)
        _, channels, height, width = tiles.shape
        tiles = tiles.reshape(row, col, channels, height, width).transpose(0, 3, 1, 4, 2)
        tiles = tiles.reshape(row * height, col * width, channels)
        return tiles[:, :, 0] if channels == 1 else tiles

    def tiles(self, index: np.ndarray) -> np.ndarray:
        """Return the pictures at `index`, all of one size, as `grid` shows them."""
        return self.data[index]

    def show(self, row: int = 10, col: int = 10, seed: int | None = None) -> Any:
        """Draw `grid(row, col)` with matplotlib and return the axes."""
        import matplotlib
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(col * 0.6, row * 0.6))
        axes.imshow(
            self.grid(row, col, seed), cmap="gray", vmin=0, vmax=255, interpolation="nearest"
        )
        axes.axis("off")
        figure.tight_layout()
        if matplotlib.get_backend().lower() != "agg":
            plt.show()
        return axes

"""Where ImageDataGenerator takes its pictures from: memory, folders, tables."""

from collections.abc import Sequence
from typing import Any

from dezero.preprocessing.arrays import NumpyArrayIterator
from dezero.preprocessing.dataframe import DataFrameIterator
from dezero.preprocessing.directory import DirectoryIterator
from dezero.preprocessing.pictures import check_choice

__all__ = ["Flows"]

BESIDE = {"self", "kwargs"}
FORGOTTEN = {"has_ext", "sort", "drop_duplicates"}


class Flows:
    """The `flow...` methods; a parent of ImageDataGenerator, which has the attributes."""

    data_format: str
    dtype: Any
    validation_split: float

    def flow(  # noqa: PLR0917
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Return endless batches of pictures in memory, (N, H, W, C); see NumpyArrayIterator."""
        options = {
            name: value for name, value in locals().items() if name not in {"self", "x", "y"}
        }
        return NumpyArrayIterator(x, y, self, **self._formats, **options)

    def flow_from_directory(  # noqa: PLR0917
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Return endless batches of the pictures below a folder; see DirectoryIterator."""
        options = {name: value for name, value in locals().items() if name != "self"}
        return DirectoryIterator(image_data_generator=self, **self._formats, **options)

    def flow_from_dataframe(  # noqa: PLR0917
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **kwargs: Any,
    ) -> DataFrameIterator:
        """Return endless batches of the pictures that a table names; see DataFrameIterator.

        Of others, has_ext, sort and drop_duplicates of the first Keras 2 are passed over.
        """
        options = {name: value for name, value in locals().items() if name not in BESIDE}
        unknown = set(kwargs) - FORGOTTEN
        if unknown:
            raise TypeError(
                f"flow_from_dataframe: expected Keras's parameters, got {sorted(unknown)}. "
                "Leave them out."
            )
        options["class_mode"] = "raw" if class_mode == "other" else class_mode  # its old name
        return DataFrameIterator(image_data_generator=self, **self._formats, **options)

    @property
    def _formats(self) -> dict[str, Any]:
        return {"data_format": self.data_format, "dtype": self.dtype}

    def validation_share(self, subset: str) -> float:
        """Return validation_split, if there is one to take this subset by."""
        check_choice("ImageDataGenerator", "subset", subset, ("training", "validation"))
        if not self.validation_split:
            raise ValueError(
                f"ImageDataGenerator: expected validation_split for subset={subset!r}, got none. "
                "Pass validation_split=0.2, say, when you make it."
            )
        return self.validation_split

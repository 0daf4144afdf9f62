"""ImageDataGenerator: endless batches of pictures, each changed by chance, as Keras 2 has it."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dezero.preprocessing.affine import FILL_MODES
from dezero.preprocessing.augment import changed
from dezero.preprocessing.draws import (
    NUMBERS,
    check_pair,
    check_range,
    check_shift,
    check_zoom,
    draw,
    generator_of,
    is_number,
)
from dezero.preprocessing.flows import Flows
from dezero.preprocessing.pictures import check_choice, check_data_format
from dezero.preprocessing.splines import ORDERS
from dezero.preprocessing.statistics import EPS, standardized, whitening

__all__ = ["ImageDataGenerator"]

CHANGES = {
    "theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal", "flip_vertical",
    "channel_shift_intensity", "brightness",
}  # fmt: skip


class ImageDataGenerator(Flows):
    """Change pictures by chance and standardize them, batch after batch.

    Args:
        featurewise_center, featurewise_std_normalization: subtract the mean of each channel over
            the data that `fit` saw, divide by its standard deviation.
        samplewise_center, samplewise_std_normalization: the same with each picture's own.
        zca_whitening, zca_epsilon: remove the correlations that `fit` saw.
        rotation_range, shear_range: degrees r, drawn from -r to r.
        width_shift_range, height_shift_range: moves columns, rows; a float is drawn from -s to s,
            as part of the side below 1, else in pixels; an integer k draws whole pixels below k
            either way; a list one of its elements either way.
        zoom_range: z draws from 1 - z to 1 + z, for width and height each; or a pair.
        brightness_range: a pair of factors. channel_shift_range: r adds -r to r.
        fill_mode, cval: outside lies "nearest" (aaa|abc|ccc), "reflect" (cba|abc|cba), "wrap"
            (abc|abc|abc) or "constant" (cval).
        horizontal_flip, vertical_flip: in every other picture.
        rescale, preprocessing_function: factor, and function of one picture that comes before it.
        data_format: "channels_last" (None) or "channels_first".
        validation_split: part kept for subset="validation".
        interpolation_order: 0 (nearest pixel), 1 (bilinear), 2 to 5 (splines).
        dtype: None is float32.
    """

    def __init__(  # noqa: PLR0917
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = EPS,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: Any = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.rotation_range = check_range("rotation_range", rotation_range)
        self.width_shift_range = check_shift("width_shift_range", width_shift_range)
        self.height_shift_range = check_shift("height_shift_range", height_shift_range)
        self.brightness_range = check_pair("brightness_range", brightness_range)
        self.shear_range = check_range("shear_range", shear_range)
        self.zoom_range = check_zoom(zoom_range)
        self.channel_shift_range = check_range("channel_shift_range", channel_shift_range)
        check_choice("ImageDataGenerator", "fill_mode", fill_mode, FILL_MODES)
        check_choice("ImageDataGenerator", "interpolation_order", interpolation_order, ORDERS)
        self.fill_mode, self.cval = fill_mode, cval
        self.interpolation_order = interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format = check_data_format("ImageDataGenerator", data_format)
        self.channel_axis, self.row_axis, self.col_axis = (
            (3, 1, 2) if self.data_format == "channels_last" else (1, 2, 3)
        )
        self.validation_split = _check_split(validation_split)
        self.dtype = _check_dtype(dtype)
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None
        featurewise = _pair_of("featurewise", featurewise_center, featurewise_std_normalization)
        samplewise = _pair_of("samplewise", samplewise_center, samplewise_std_normalization)
        if zca_whitening:
            featurewise = _whitened(*featurewise)
        self.featurewise_center, self.featurewise_std_normalization = featurewise
        self.samplewise_center, self.samplewise_std_normalization = samplewise

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Take the statistics of pictures (N, H, W, C) for what is featurewise, and for ZCA.

        Args:
            x: the training pictures; rescale is applied first, preprocessing_function is not.
            augment: take those of pictures changed by chance, `rounds` times each.
            rounds: how often.
            seed: for the changes.
        """
        x = np.array(x, self.dtype)
        if x.ndim != 4 or not len(x):
            raise ValueError(
                f"fit: expected x of rank 4, (N, H, W, C), got shape {x.shape}. "
                "Add an axis: x[None] for one picture, x[..., None] for grey ones."
            )
        if self.rescale:
            x *= self.rescale
        if augment:
            rng = generator_of(seed)
            x = np.concatenate([self._changed(x, rng) for _ in range(rounds)])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            mean = self.mean = x.mean(axis=axes, keepdims=True, dtype=np.float64)[0]
            x -= mean
        if self.featurewise_std_normalization:
            std = self.std = x.std(axis=axes, keepdims=True, dtype=np.float64)[0]
            x /= std + EPS
        if self.zca_whitening:
            self.zca_whitening_matrix = whitening(x, self.zca_epsilon)

    def standardize(self, x: Any) -> np.ndarray:
        """Return one picture, or a batch, preprocessed, rescaled and normalized; x stays."""
        xs = np.array(x, self.dtype)
        if xs.ndim not in (3, 4):
            raise ValueError(
                f"standardize: expected a picture (H, W, C) or a batch, got shape {xs.shape}. "
                "Add the axis of channels."
            )
        return standardized(xs, self) if xs.ndim == 4 else standardized(xs[None], self)[0]

    def get_random_transform(
        self, img_shape: tuple[int, ...], seed: int | None = None
    ) -> dict[str, Any]:
        """Return the changes drawn for a picture of this shape, as `apply_transform` takes them.

        They are theta, tx, ty, shear, zx, zy (as in apply_affine_transform; tx comes from
        width_shift_range), flip_horizontal, flip_vertical, channel_shift_intensity, brightness.
        """
        u = generator_of(seed).random((1, NUMBERS))
        change = draw(self, self._sides(img_shape), u)
        return {key: None if value is None else value[0].item() for key, value in change.items()}

    def apply_transform(self, x: np.ndarray, transform_parameters: Mapping[str, Any]) -> np.ndarray:
        """Return one picture changed as `get_random_transform` says; what is absent is not done."""
        unknown = sorted(set(transform_parameters) - CHANGES)
        if unknown:
            raise ValueError(
                f"apply_transform: expected changes of {sorted(CHANGES)}, got {unknown}. "
                "Take those names."
            )
        given = transform_parameters.items()
        change = {key: np.atleast_1d(value) for key, value in given if value is not None}
        dtype = x.dtype if self._one("apply_transform", x).dtype.kind == "f" else self.dtype
        y = changed(x[None], change, self, dtype)[0]
        return y if dtype == x.dtype else np.rint(y).astype(x.dtype)

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Return one picture changed by chance."""
        params = self.get_random_transform(self._one("random_transform", x).shape, seed)
        return self.apply_transform(x, params)

    def augmented(self, xs: np.ndarray, rng: "np.random.Generator") -> np.ndarray:
        """Return pictures (N, ...), each changed by chance, standardized, in the dtype."""
        return self._standardized(self._changed(xs, rng))

    def _changed(self, xs: np.ndarray, rng: "np.random.Generator") -> np.ndarray:
        own = ImageDataGenerator
        kind = type(self)
        if (kind.get_random_transform, kind.apply_transform, kind.random_transform) != (
            own.get_random_transform, own.apply_transform, own.random_transform,
        ):  # fmt: skip
            return self._changed_singly(xs, rng)
        shape = self._sides(xs.shape[1:])
        return changed(xs, draw(self, shape, rng.random((len(xs), NUMBERS))), self, self.dtype)

    def _changed_singly(self, xs: np.ndarray, rng: "np.random.Generator") -> np.ndarray:
        """A subclass has its own idea of a single picture's changes."""
        seeds = rng.integers(2**31, size=len(xs)).tolist()
        singles = xs.astype(self.dtype)
        ys = [self.random_transform(x, seed) for x, seed in zip(singles, seeds, strict=True)]
        return np.stack(ys).astype(self.dtype)

    def _standardized(self, xs: np.ndarray) -> np.ndarray:
        if type(self).standardize is ImageDataGenerator.standardize:
            return standardized(xs, self)
        return np.stack([self.standardize(x) for x in xs]).astype(self.dtype)

    def _sides(self, shape: tuple[int, ...]) -> tuple[int, int]:
        return shape[self.row_axis - 1], shape[self.col_axis - 1]

    def _one(self, name: str, x: Any) -> np.ndarray:
        if not isinstance(x, np.ndarray) or x.ndim != 3:
            raise ValueError(
                f"{name}: expected one picture of rank 3, got {type(x).__name__} of shape "
                f"{np.shape(x)}. Take one of the batch, as an array."
            )
        return x


def _check_split(share: Any) -> float:
    if not is_number(share) or not 0 <= share < 1:
        raise ValueError(
            f"ImageDataGenerator: expected validation_split from 0 to below 1, got {share!r}. "
            "0.2 is usual."
        )
    return float(share)


def _check_dtype(dtype: Any) -> np.dtype:
    kind = np.dtype(dtype or np.float32)
    if kind.kind != "f":
        raise TypeError(f"ImageDataGenerator: expected a floating dtype, got {kind}. Take float32.")
    return kind


def _pair_of(what: str, center: bool, normalize: bool) -> tuple[bool, bool]:
    """Return both options; without the mean there is no standard deviation."""
    if normalize and not center:
        warnings.warn(
            f"ImageDataGenerator: {what}_std_normalization sets {what}_center too.", stacklevel=4
        )
        center = True
    return center, normalize


def _whitened(center: bool, normalize: bool) -> tuple[bool, bool]:
    if not center or normalize:
        warnings.warn(
            "ImageDataGenerator: zca_whitening sets featurewise_center and leaves out "
            "featurewise_std_normalization.",
            stacklevel=4,
        )
    return True, False

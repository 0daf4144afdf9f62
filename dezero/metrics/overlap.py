"""How well regions of classes lie on each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core.errors import describe
from dezero.metrics.base import Metric
from dezero.metrics.tally import beside, joined, read, spread, tally

__all__ = ["IoU"]


class IoU(Metric):
    """Intersection over union, TP / (TP + FP + FN), the mean of it over classes.

    Args:
        num_classes: C.
        class_ids: which classes the mean is over; None for all. Those that are neither true nor
            predicted anywhere are left out.
        ignore_class: elements of this true class do not count.
    Raises:
        ValueError: a class is out of range.
    Note: y and t are class numbers of one shape. Numbers outside 0 to C - 1 do not count, as in
        Keras: 255 may mark a border.
    """

    default_name = "iou"
    settings = ("num_classes", "class_ids", "ignore_class")

    def __init__(
        self,
        num_classes: int = 2,
        class_ids: Sequence[int] | None = None,
        ignore_class: int | None = None,
        name: str | None = None,
    ) -> None:
        self.num_classes, self.ignore_class = int(num_classes), ignore_class
        self.class_ids = list(range(self.num_classes) if class_ids is None else class_ids)
        if not self.class_ids or not 0 <= min(self.class_ids) <= max(self.class_ids) < num_classes:
            raise ValueError(
                f"IoU: expected classes from 0 to {num_classes - 1}, got {class_ids}. "
                "Correct them, or num_classes."
            )
        super().__init__(name)

    def reset(self) -> None:
        self.matrix = np.zeros((self.num_classes, self.num_classes))

    def update(self, y: Any, t: Any, weight: Any = None) -> None:
        y, t, weight = beside(self.name, y, t, weight)
        if y.size != t.size:
            raise ValueError(
                f"{self.name}: expected class numbers of one shape, got y {describe(y)} and "
                f"t {describe(t)}. Take argmax(-1) of scores."
            )
        if weight is not None:
            weight = spread(self.name, weight, t.shape).reshape(-1)
        classes, module = self.num_classes, xp(y)
        y, t = (v.reshape(-1).astype(np.float64) for v in (y, t))
        # What is cut to 0 lies above -1; no comparison lets NaN through.
        counted = (t > -1) & (t < classes) & (y > -1) & (y < classes)
        y, t = (module.where(counted, v, 0).astype(np.int64) for v in (y, t))
        if self.ignore_class is not None:
            counted &= t != self.ignore_class
        weight = counted.astype(np.float64) if weight is None else module.where(counted, weight, 0)
        found = tally(t * classes + y, weight, classes**2)
        self.matrix = joined(self.matrix, found.reshape(classes, classes))

    def result(self) -> float:
        self.matrix = read(self.matrix)
        both = self.matrix.diagonal()
        union = self.matrix.sum(0) + self.matrix.sum(1) - both
        both, union = both[self.class_ids], union[self.class_ids]
        there = union > 0
        return float((both[there] / union[there]).mean()) if there.any() else 0.0

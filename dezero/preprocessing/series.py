"""Windows over a long series: TimeseriesGenerator, timeseries_dataset_from_array."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from dezero.preprocessing.batches import Batches
from dezero.preprocessing.draws import start_of

__all__ = ["TimeseriesGenerator", "timeseries_dataset_from_array"]


class TimeseriesGenerator:
    """Batches of windows of a series, and of the target that follows each; `fit` takes it.

    Args:
        data: array, the first axis is time.
        targets: one for each time of data.
        length: of the windows, in times.
        sampling_rate: every so many times of a window are taken.
        stride: between the beginnings of windows.
        start_index, end_index: the part of the series that is used; end_index counts.
        shuffle: draw the windows of each batch by chance.
        reverse: give the times of each window in the other order.
        batch_size: windows in a batch.
        seed: of the draws.
    Raises:
        ValueError: data and targets differ in length, or there is no window.
    """

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        seed: int | None = None,
    ) -> None:
        if len(data) != len(targets):
            raise ValueError(
                f"TimeseriesGenerator: expected a target for each time, got {len(data)} times and "
                f"{len(targets)} targets. Cut one of them."
            )
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        self._rng = np.random.default_rng(start_of(seed))
        if self.start_index > self.end_index:
            raise ValueError(
                f"TimeseriesGenerator: expected length {length} below the {len(data)} times from "
                f"start_index to end_index, got {self.start_index} to {self.end_index}. Take less."
            )

    def __len__(self) -> int:
        windows = self.end_index - self.start_index + 1
        return math.ceil(windows / (self.batch_size * self.stride))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return batch `index`: windows (N, length / sampling_rate, ...) and targets (N, ...).

        Raises:
            IndexError: there are fewer batches.
        """
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"TimeseriesGenerator: expected a batch below {count}, got {index}.")
        if self.shuffle:
            span = (self.start_index, self.end_index + 1)
            rows = self._rng.integers(*span, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * (index % count)
            last = min(first + self.batch_size * self.stride, self.end_index + 1)
            rows = np.arange(first, last, self.stride)
        steps = np.arange(-self.length, 0, self.sampling_rate)
        x = self.data[rows[:, None] + steps]
        return (x[:, ::-1] if self.reverse else x), self.targets[rows]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def on_epoch_end(self) -> None:
        """Do nothing; `fit` calls it."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, data and targets as JSON."""
        names = ("length", "sampling_rate", "stride", "end_index", "shuffle", "reverse")
        config = {name: getattr(self, name) for name in (*names, "batch_size")}
        series = {"data": self.data, "targets": self.targets}
        return (
            {name: json.dumps(values.tolist()) for name, values in series.items()}
            | config
            | {"start_index": self.start_index - self.length}
        )


def timeseries_dataset_from_array(  # noqa: PLR0917 - the order of Keras
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> Batches:
    """Return windows of a series as a data set of batches (x, y), of x alone without targets.

    Args:
        data: array, the first axis is time.
        targets: targets[i] goes with the window that begins at time i; None for none.
        sequence_length: times in a window.
        sequence_stride: between the beginnings of windows.
        sampling_rate: between the times of a window.
        batch_size: windows in a batch; None gives single ones.
        shuffle, seed: mix the windows, anew in each epoch.
        start_index, end_index: the part of the series that is used, without end_index.
    Raises:
        ValueError: a size is below 1, or the part is empty.
    """
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
        ("batch_size", batch_size or 1),
    ):
        check_count(name, value)
    series = np.asarray(data)
    first, last = start_index or 0, len(series) if end_index is None else end_index
    if not 0 <= first < last <= len(series):
        raise ValueError(
            f"timeseries_dataset_from_array: expected 0 <= start_index < end_index <= "
            f"{len(series)}, got {start_index} and {end_index}. They are times of data."
        )
    part = series[first:last]
    goals = None if targets is None else np.asarray(targets)[first:last]
    room = len(part) - (sequence_length - 1) * sampling_rate
    starts = np.arange(0, max(0, room), sequence_stride)
    if goals is not None:
        starts = starts[starts < len(goals)]
    steps = np.arange(sequence_length) * sampling_rate
    rng, size = np.random.default_rng(start_of(seed)), batch_size or 1

    def make() -> Iterator[Any]:
        order = rng.permutation(starts) if shuffle else starts
        for at in range(0, len(order), size):
            rows = order[at : at + size]
            x = part[rows[:, None] + steps]
            batch = x if goals is None else (x, goals[rows])
            if batch_size is None:
                batch = x[0] if goals is None else (x[0], goals[rows][0])
            yield batch

    return Batches(make, math.ceil(len(starts) / size))


def check_count(name: str, value: Any) -> None:
    """Raise ValueError unless value is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(
            f"timeseries_dataset_from_array: expected {name} to be a whole number above 0, got "
            f"{value!r}. Count in times of data."
        )

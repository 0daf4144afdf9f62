"""Batches from objects that give a whole batch by its number, as Keras's `Sequence` does."""

from collections.abc import Callable, Iterator
from typing import Any

from dezero.backend.random import default_rng


def is_sequence(source: Any) -> bool:
    """Return whether `source[i]` is a batch: it has a length, an index and `on_epoch_end`.

    A Dataset has the first two as well, but gives single samples.
    """
    return all(hasattr(source, name) for name in ("__len__", "__getitem__", "on_epoch_end"))


class SequenceBatches:
    """Batches `source[0]`, `source[1]` ... with `source.on_epoch_end()` after the last.

    Args:
        source: the sequence; its length is asked for again whenever it begins anew.
        steps: batches per epoch, taken from where the last epoch ended; None for all there are.
        ready: makes (x, t, weight) of what the source gives.
        shuffle: take them in an order drawn anew each time.
        from_start: with `steps`, take the first ones every time, as a validation must.
    """

    def __init__(
        self,
        source: Any,
        steps: int | None,
        ready: Callable[[Any], tuple],
        *,
        shuffle: bool,
        from_start: bool,
    ) -> None:
        self.source, self.steps, self.ready = source, steps, ready
        self.shuffle, self.from_start = shuffle, from_start
        self._left: list[int] = []

    def __len__(self) -> int:
        return len(self.source) if self.steps is None else self.steps

    def __iter__(self) -> Iterator[tuple]:
        if self.from_start or self.steps is None:
            self._left = []
        for _ in range(len(self)):
            if not self._left:
                n = len(self.source)
                order = default_rng().permutation(n) if self.shuffle else range(n)
                self._left = [int(i) for i in order][::-1]
            if not self._left:  # nothing in it
                return
            batch = self.ready(self.source[self._left.pop()])
            if not self._left:
                self.source.on_epoch_end()
            yield batch

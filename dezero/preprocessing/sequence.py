"""Sequences of different lengths made one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.pictures import check_choice

__all__ = ["pad_sequences"]

SIDES = ("pre", "post")


def pad_sequences(  # noqa: PLR0917
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Return sequences of one length, (N, maxlen, ...): short ones padded, long ones cut.

    Args:
        sequences: lists or arrays; each may have the same further axes.
        maxlen: None is the longest.
        dtype: of the result; "object" for strings.
        padding, truncating: where to add and to cut, "pre" or "post".
        value: what is added.
    """
    check_choice("pad_sequences", "padding", padding, SIDES)
    check_choice("pad_sequences", "truncating", truncating, SIDES)
    rows = [_row(number, sequence) for number, sequence in enumerate(sequences)]
    if maxlen is None:
        maxlen = max(map(len, rows), default=0)
    if isinstance(maxlen, bool) or not isinstance(maxlen, int | np.integer) or maxlen < 0:
        raise ValueError(
            f"pad_sequences: expected maxlen to be an integer >= 0, got {maxlen!r}. "
            "Leave it out for the longest."
        )
    further = next((row.shape[1:] for row in rows if len(row)), ())
    kind = np.dtype(dtype)
    if isinstance(value, str) and kind.kind not in "OUS":
        raise ValueError(
            f"pad_sequences: expected a number to pad {kind} with, got {value!r}. "
            'Pass dtype="object" for strings.'
        )
    result = np.full((len(rows), maxlen, *further), value, kind)
    for number, row in enumerate(rows):
        if len(row) and row.shape[1:] != further:
            raise ValueError(
                f"pad_sequences: expected items of shape {further}, got {row.shape[1:]} in "
                f"sequence {number}. Bring them to one shape."
            )
        kept = row[max(0, len(row) - maxlen) :] if truncating == "pre" else row[:maxlen]
        if len(kept):
            place = slice(maxlen - len(kept), None) if padding == "pre" else slice(len(kept))
            result[number, place] = kept
    return result


def _row(number: int, sequence: Any) -> np.ndarray:
    if isinstance(sequence, str) or not hasattr(sequence, "__len__"):
        raise ValueError(
            f"pad_sequences: expected lists of items, got {sequence!r} as sequence {number}. "
            "Put it into a list."
        )
    return np.asarray(sequence)

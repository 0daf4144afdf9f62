"""Which tensor has which mask: what is padding in it, for the layers that come later."""

from math import prod
from typing import Any
from weakref import ref

from dezero.backend import xp
from dezero.core import as_array

__all__ = ["flat_mask", "folded_mask", "mask_of", "masks_of", "merged_mask", "set_mask"]

# {id of a tensor: (weak reference to it, its mask)}; empty where no layer makes masks.
_masks: dict[int, tuple[Any, Any]] = {}


def set_mask(tensor: Any, mask: Any) -> None:
    """Keep `mask`, booleans, for as long as `tensor` lives."""
    key = id(tensor)

    def forget(_: Any) -> None:
        _masks.pop(key, None)

    _masks[key] = (ref(tensor, forget), mask)


def mask_of(tensor: Any) -> Any:
    """Return the mask of a tensor, or None."""
    if not _masks:
        return None
    found = _masks.get(id(tensor))
    return found[1] if found is not None and found[0]() is tensor else None


def masks_of(part: Any) -> Any:
    """Return the mask of a tensor, or the list of those of a list; None if there is none at all."""
    if not _masks:
        return None
    if isinstance(part, list | tuple):
        found = [masks_of(value) for value in part]
        return found if any(mask is not None for mask in found) else None
    return None if isinstance(part, dict) else mask_of(part)


def merged_mask(query: Any, value: Any, key: Any, attention: Any) -> Any:
    """Return one mask (N, T, S) or with heads out of all that are not None, or None."""
    keep = None
    row, column = (..., None), (..., None, slice(None))
    for mask, place in ((query, row), (value, column), (key, column)):
        if mask is not None:
            part = (as_array(mask) != 0)[place]
            keep = part if keep is None else keep & part
    if attention is None:
        return keep
    given = as_array(attention) != 0
    if keep is None:
        return given
    # Heads, or axes beside T, come after the batch.
    given, keep = (m[:, None] if m.ndim == 3 != other else m
                   for m, other in ((given, keep.ndim), (keep, given.ndim)))  # fmt: skip
    return given & keep


def flat_mask(mask: Any, count: int, times: int = 1) -> Any:
    """Return a mask whose last `count` axes, or `times` as often, are one axis each; or None."""
    if mask is None or count == 1 or as_array(mask).ndim <= count * times:
        return mask
    mask = as_array(mask)
    parts = [mask.shape[mask.ndim - count * k :][:count] for k in range(times, 0, -1)]
    return mask.reshape((*mask.shape[: -count * times], *map(prod, parts)))


def folded_mask(keep: Any, batch: tuple[int, ...]) -> Any:
    """Return a mask (N, T, S) or (N, ..., T, S), as (N', T, S): N' is all of `batch`."""
    *lead, rows, columns = keep.shape
    keep = keep.reshape((*lead, *(1,) * (len(batch) - len(lead)), rows, columns))
    keep = xp(keep).broadcast_to(keep, (*batch, rows, columns))
    return keep.reshape((-1, rows, columns))

"""Which tensor has which mask: what is padding in it, for the layers that come later."""

from typing import Any
from weakref import ref

__all__ = ["mask_of", "masks_of", "set_mask"]

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

"""Windows that slide over images: kernel sizes, strides and padding, parsed in one place."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.core.errors import describe

Pads = tuple[tuple[int, int], ...]


def pair(x: Any) -> tuple:
    """Return (x, x) for a number, and a tuple of the two for a sequence of two.

    Args:
        x: int, or sequence of two ints; NumPy's integers too.
    Returns:
        tuple of two ints.
    Raises:
        TypeError: x holds what is no integer.
        ValueError: x has another length than two.
    """
    return sizes("pair", "x", x, 2, None)


def get_conv_outsize(input_size: int, kernel_size: int, stride: int, pad: int) -> int:
    """Return the output size of a convolution: (input + 2 pad - kernel) // stride + 1.

    Args:
        input_size, kernel_size, stride, pad: numbers of pixels; pad on each side.
    Returns:
        int, 0 or less where the kernel is larger than the padded input.
    """
    return (input_size + pad * 2 - kernel_size) // stride + 1


def get_deconv_outsize(size: int, k: int, s: int, p: int) -> int:
    """Return the output size of a transposed convolution: stride (size - 1) + kernel - 2 pad.

    Args:
        size, k, s, p: input size, kernel size, stride and padding along one axis.
    Returns:
        int.
    """
    return s * (size - 1) + k - 2 * p


def sizes(caller: str, name: str, value: Any, n: int, least: int | None) -> tuple[int, ...]:
    """Return `value` as a tuple of n ints; one number stands for n equal ones.

    Raises:
        TypeError: an entry is no integer.
        ValueError: there are not n entries, or one is below `least`.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        value = (value,) * n
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise TypeError(
            f"{caller}: expected {name} as a number or {n} numbers, got {describe(value)}. "
            "Give whole numbers."
        )
    entries = tuple(value)
    if any(isinstance(v, bool) or not isinstance(v, int | np.integer) for v in entries):
        raise TypeError(f"{caller}: expected integers as {name}, got {value!r}. Round them.")
    if len(entries) != n:
        raise ValueError(
            f"{caller}: expected {name} as a number or {n} numbers, got {value!r}. "
            "Give one for each axis of the picture."
        )
    if least is not None and any(v < least for v in entries):
        raise ValueError(f"{caller}: expected {name} >= {least}, got {value!r}. Give more.")
    return tuple(int(v) for v in entries)


def paddings(
    caller: str, pad: Any, shape: Sequence[int], kernel: Sequence[int], **steps: Sequence[int]
) -> Pads:
    """Return the pixels to add before and after each axis of a picture.

    Args:
        caller: first word of an error.
        pad: a number; one for each axis; a pair (before, after) for each axis; "valid" for none;
            "same" for as many as make the output ceil(size / stride) long, the odd one after.
        shape: of the picture, without batch and channels.
        kernel: its size along each axis.
        steps: `stride` and `dilation`, one for each axis; "same" needs both.
    Raises:
        TypeError, ValueError: pad is none of these.
    """
    n = len(shape)
    pad = pad.tolist() if isinstance(pad, np.ndarray) else pad
    if isinstance(pad, str):
        if pad.lower() == "valid":
            return ((0, 0),) * n
        if pad.lower() != "same":
            raise ValueError(
                f"{caller}: expected pad as numbers, 'same' or 'valid', got {pad!r}. "
                "Give the number of pixels."
            )
        stride, dilation = steps["stride"], steps["dilation"]
        parts = zip(shape, kernel, stride, dilation, strict=True)
        return tuple(_same(size, (k - 1) * d + 1, s) for size, k, s, d in parts)
    if isinstance(pad, Sequence) and len(pad) == n and all(isinstance(p, Sequence) for p in pad):
        before_after = [sizes(caller, "pad", p, 2, 0) for p in pad]
        return tuple((before, after) for before, after in before_after)
    return tuple((p, p) for p in sizes(caller, "pad", pad, n, 0))


def plain_padding(caller: str, pad: Any, axes: int) -> Any:
    """Return padding along one or two axes, checked, as a string, an int or lists, fit for JSON.

    Args:
        caller: first word of an error.
        pad: as for `paddings`; along one axis also (before, after).
        axes: how many a window has.
    """
    ones = (1,) * axes
    if axes == 2 or isinstance(pad, str):
        paddings(caller, pad, ones, ones, stride=ones, dilation=ones)
    else:
        sizes(caller, "pad", pad, 2, 0)
    return pad if isinstance(pad, str) else np.asarray(pad).tolist()


def _same(size: int, reach: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def output_shape(
    caller: str,
    shape: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    *,
    pads: Pads,
    dilation: Sequence[int],
) -> tuple[int, ...]:
    """Return how often the window fits along each axis of a picture.

    Raises:
        ValueError: the window is larger than the padded picture.
    """
    parts = zip(shape, kernel, stride, pads, dilation, strict=True)
    out = tuple(
        (size + sum(pad) - (k - 1) * d - 1) // s + 1 if size + sum(pad) > (k - 1) * d else 0
        for size, k, s, pad, d in parts
    )
    if min(out) < 1:
        raise ValueError(
            f"{caller}: expected windows no larger than the padded picture, got kernel "
            f"{tuple(kernel)} with dilation {tuple(dilation)} on {tuple(shape)} padded by {pads}. "
            "Pad more, or take a smaller kernel."
        )
    return out

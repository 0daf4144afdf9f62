"""Pickles of byte arrays, lists and numbers, as Python 2 wrote data sets; nothing in them is run.

The interpreter is that of `opcodes.py`. Three names are known: NumPy's array, its type, and the
function that makes an empty array; they stand for arrays of uint8 and for nothing else.
"""

import math
from typing import Any, NoReturn

import numpy as np

from dezero.io.opcodes import Interpreter, Name, kind_of

__all__ = ["load_array_pickle"]

ARRAY, DTYPE = Name("numpy", "ndarray"), Name("numpy", "dtype")
EMPTY = {
    Name("numpy.core.multiarray", "_reconstruct"),
    Name("numpy._core.multiarray", "_reconstruct"),
}
# Python 2 had one type for text and bytes: what is longer can only be an array's content.
MAX_TEXT = 1024


class _Draft:
    """An array that the pickle has begun; `array` is there when its content was."""

    array: np.ndarray | None = None


def load_array_pickle(caller: str, data: bytes) -> dict[str, Any]:
    """Return the dict in a pickle of text, numbers, lists, tuples and arrays of uint8.

    Args:
        caller: who asks, and for what file; begins each message.
        data: the pickle, of protocol 1 or higher.
    Returns:
        dict with arrays uint8 as its values where the pickle has arrays; read-only views of data.
    Raises:
        ValueError: it holds something else, is damaged, or goes on behind its end. Nothing in it
            is run, and no size in it is believed.
    """

    def refuse(reason: str) -> NoReturn:
        raise ValueError(f"{caller}: {reason}. Fetch the file again, or another form of it.")

    reader = _Reader(
        data,
        names=EMPTY | {ARRAY, DTYPE},
        call=lambda name, arguments: _made(name, arguments, refuse),
        persistent=lambda _: refuse("expected no references to other files"),
        refuse=refuse,
    )
    table = reader.load()
    if not isinstance(table, dict) or reader.place != len(data):
        refuse(f"expected one dict and nothing behind it, got {kind_of(table)}")
    return {
        key: value.array if isinstance(value, _Draft) else value for key, value in table.items()
    }


def _made(name: Name, arguments: tuple, refuse: Any) -> Any:
    if name in EMPTY and arguments[:1] == (ARRAY,):
        return _Draft()
    if name == DTYPE and arguments[:1] == ("u1",):
        return np.dtype(np.uint8)
    refuse(f"expected arrays of uint8, got {name} of {[kind_of(value) for value in arguments][:3]}")


class _Reader(Interpreter):
    """The interpreter, with raw bytes as strings and with the attributes that make an array."""

    def _decoded(self, piece: bytes) -> Any:
        return piece if len(piece) > MAX_TEXT else piece.decode("latin-1")

    def _build(self) -> None:
        state, value = self._pop(), self._pop()
        if isinstance(value, _Draft):
            value.array = self._array(state)
        elif not isinstance(value, np.dtype):
            self.refuse(f"expected the content of an array, got some of {kind_of(value)}")
        self.stack.append(value)

    def _array(self, state: Any) -> np.ndarray:
        fields = state if isinstance(state, tuple) and len(state) == 5 else (None,) * 5
        _, shape, dtype, fortran, content = fields
        if isinstance(content, str):
            content = content.encode("latin-1")
        if (
            not isinstance(shape, tuple)
            or not all(type(size) is int and 0 <= size < 1 << 40 for size in shape)
            or not 0 < len(shape) <= 8
            or not isinstance(dtype, np.dtype)
            or not isinstance(fortran, bool)
            or not isinstance(content, bytes)
            or math.prod(shape) != len(content)
        ):
            self.refuse("expected an array's shape, type and content of that size, got others")
        array = np.frombuffer(content, np.uint8)
        return array.reshape(shape, order="F" if fortran else "C")

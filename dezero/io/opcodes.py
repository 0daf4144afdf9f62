"""Pickles of plain data, read by an interpreter of our own that can neither import nor call.

A pickle is a program for a small stack machine. This one knows the instructions that build dicts,
lists, tuples, strings and numbers. A name such as ``torch FloatStorage`` becomes a `Name`, which
is text and nothing more, and must be on the caller's list; "calling" one hands it to the caller's
own function. Every other instruction, and every other name, is an error.
"""

import struct
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, NoReturn

__all__ = ["Interpreter", "Name", "kind_of"]

# An honest file makes a dict, list or tuple, or notes an object, once in four to eight bytes.
FREE_OBJECTS = 1000
OBJECTS_PER_BYTE = 1 / 3
MAX_MARKS = 1000
MAX_LINE = 256
# A key that is an integer must be its own hash, so that no file can make them collide.
MAX_KEY = 1 << 60


class Name(NamedTuple):
    """A class or function that the pickle names."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Interpreter:
    """Reads one pickle after the other from `data`.

    Args:
        data: the pickles, and perhaps what follows them.
        names: the `Name`s that may occur.
        call: given a Name and a tuple of arguments, returns what stands for the result.
        persistent: given an id that the pickle calls persistent, returns what it stands for.
        refuse: raises the caller's error from a reason.
    """

    def __init__(
        self,
        data: bytes,
        *,
        names: Collection[Name],
        call: Callable[[Name, tuple], Any],
        persistent: Callable[[Any], Any],
        refuse: Callable[[str], NoReturn],
    ) -> None:
        self.data, self.place = data, 0
        self.names, self.call, self.persistent, self.refuse = names, call, persistent, refuse
        self.objects = 0

    def load(self) -> Any:
        """Return what the pickle that begins at `place` holds; `place` is then behind it."""
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        while True:
            code = self._take(1)[0]
            if code == _STOP:
                value = self._pop()
                if self.stack or self.marks:
                    self.refuse("expected one object, got a pickle that leaves more")
                return value
            work = _WORK.get(code)
            if work is None:
                self.refuse(
                    f"expected dicts of tensors, got the pickle instruction {bytes([code])!r} at "
                    f"byte {self.place - 1}, which they do not need. Nothing was run"
                )
            work(self)

    def _take(self, count: int) -> bytes:
        end = self.place + count
        if end > len(self.data):
            self.refuse("the pickle in it is damaged or cut off")
        piece = self.data[self.place : end]
        self.place = end
        return piece

    def _number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little")

    def _line(self) -> str:
        end = self.data.find(b"\n", self.place, self.place + MAX_LINE)
        if end < 0:
            self.refuse("the pickle in it is damaged or cut off")
        piece = self._take(end - self.place + 1)
        return self._decoded(piece[:-1])

    def _decoded(self, piece: bytes) -> str:
        try:
            return piece.decode()
        except UnicodeDecodeError:
            self.refuse("expected names in UTF-8, got others")

    def _pop(self) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            self.refuse("the pickle in it is damaged: it takes what is not there")
        return self.stack.pop()

    def _top(self, kind: type, wanted: str) -> Any:
        value = self._pop()
        self.stack.append(value)
        if not isinstance(value, kind):
            self.refuse(f"expected {wanted}, got {kind_of(value)}")
        return value

    def _mark(self) -> None:
        if len(self.marks) == MAX_MARKS:
            self.refuse(f"expected at most {MAX_MARKS} levels of nesting, got more")
        self.marks.append(len(self.stack))

    def _since_mark(self) -> list[Any]:
        if not self.marks:
            self.refuse("the pickle in it is damaged: it takes what is not there")
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def count_made(self, number: int = 1) -> None:
        """Refuse more objects than a file of this length needs: each takes more than its bytes."""
        self.objects += number
        if self.objects > FREE_OBJECTS + self.place * OBJECTS_PER_BYTE:
            self.refuse("expected dicts of tensors, got hardly anything but empty objects")

    def _push_made(self, value: Any) -> None:
        self.count_made()
        self.stack.append(value)

    def _note(self, index: int) -> None:
        self.count_made()
        value = self._pop()
        self.stack.append(value)
        self.memo[index] = value

    def _recall(self, index: int) -> None:
        if index not in self.memo:
            self.refuse("the pickle in it is damaged: it recalls what was never noted")
        self.stack.append(self.memo[index])

    def _bytes_as_text(self, width: int) -> None:
        self.stack.append(self._decoded(self._take(self._number(width))))

    def _long(self, width: int) -> None:
        count = self._number(width)
        if count > 16:
            self.refuse(f"expected integers of at most 16 bytes, got one of {count}")
        self.stack.append(int.from_bytes(self._take(count), "little", signed=True))

    def _tuple(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self._push_made(tuple(reversed(values)))

    def _append(self, values: list[Any]) -> None:
        self._top(list, "a list to append to").extend(values)

    def _set_items(self, values: list[Any]) -> None:
        target = self._top(dict, "a dict to fill")
        if len(values) % 2:
            self.refuse("the pickle in it is damaged: a key without a value")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, str) and not (isinstance(key, int) and abs(key) < MAX_KEY):
                self.refuse(f"expected strings or integers as keys, got {kind_of(key)}")
            target[key] = value

    def _name(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            self.refuse("the pickle in it is damaged: a name that is no string")
        found = Name(module, name)
        if found not in self.names:
            self.refuse(
                f"expected dicts of tensors and numbers, got {str(found)[:120]!r} in it, which "
                "only the program that wrote the file can make. Nothing was run. Where you trust "
                "it, load it there and save the state_dict() alone"
            )
        self.stack.append(found)

    def _reduce(self) -> None:
        arguments, function = self._pop(), self._pop()
        if not isinstance(function, Name) or type(arguments) is not tuple:
            self.refuse(f"expected a name to stand for an object, got {kind_of(function)}")
        self._push_made(self.call(function, arguments))

    def _build(self) -> None:
        """Leave the attributes out that an object gets: none of ours has any."""
        self._pop()
        value = self._pop()
        if isinstance(value, Name) or not isinstance(value, dict | tuple):
            self.refuse(f"expected attributes of a dict or a tensor, got some of {kind_of(value)}")
        self.stack.append(value)

    def _stack_name(self) -> None:
        name, module = self._pop(), self._pop()
        self._name(module, name)

    def _dict(self) -> None:
        values = self._since_mark()
        self._push_made({})
        self._set_items(values)

    def _item(self) -> None:
        value, key = self._pop(), self._pop()
        self._set_items([key, value])


def kind_of(value: Any) -> str:
    """Return what an error calls a value from a file; never its contents, which may be endless."""
    if value is None or isinstance(value, bool | int | float):
        return str(value)[:40]
    if isinstance(value, Name):
        return str(value)[:120]
    return f"a {type(value).__name__.lower()}"


_STOP = ord(".")
# Instruction -> what it does, in the order of the protocols that brought them (PEP 307, PEP 3154).
_WORK: dict[int, Callable[[Interpreter], Any]] = {
    ord("("): lambda m: m._mark(),
    ord("0"): lambda m: m._pop(),
    ord("1"): lambda m: m._since_mark(),
    ord("2"): lambda m: m.stack.append(m._top(object, "")),
    ord("N"): lambda m: m.stack.append(None),
    ord("J"): lambda m: m.stack.append(int.from_bytes(m._take(4), "little", signed=True)),
    ord("K"): lambda m: m.stack.append(m._number(1)),
    ord("M"): lambda m: m.stack.append(m._number(2)),
    ord("G"): lambda m: m.stack.append(struct.unpack(">d", m._take(8))[0]),
    ord("T"): lambda m: m._bytes_as_text(4),
    ord("U"): lambda m: m._bytes_as_text(1),
    ord("X"): lambda m: m._bytes_as_text(4),
    ord("}"): lambda m: m._push_made({}),
    ord("]"): lambda m: m._push_made([]),
    ord(")"): lambda m: m.stack.append(()),
    ord("t"): lambda m: m._push_made(tuple(m._since_mark())),
    ord("l"): lambda m: m._push_made(m._since_mark()),
    ord("d"): lambda m: m._dict(),
    ord("a"): lambda m: m._append([m._pop()]),
    ord("e"): lambda m: m._append(m._since_mark()),
    ord("s"): lambda m: m._item(),
    ord("u"): lambda m: m._set_items(m._since_mark()),
    ord("c"): lambda m: m._name(m._line(), m._line()),
    ord("R"): lambda m: m._reduce(),
    ord("b"): lambda m: m._build(),
    ord("q"): lambda m: m._note(m._number(1)),
    ord("r"): lambda m: m._note(m._number(4)),
    ord("h"): lambda m: m._recall(m._number(1)),
    ord("j"): lambda m: m._recall(m._number(4)),
    ord("Q"): lambda m: m.stack.append(m.persistent(m._pop())),
    0x80: lambda m: m._take(1),  # protocol
    0x85: lambda m: m._tuple(1),
    0x86: lambda m: m._tuple(2),
    0x87: lambda m: m._tuple(3),
    0x88: lambda m: m.stack.append(True),
    0x89: lambda m: m.stack.append(False),
    0x8A: lambda m: m._long(1),
    0x8B: lambda m: m._long(4),
    0x8C: lambda m: m._bytes_as_text(1),
    0x8D: lambda m: m._bytes_as_text(8),
    0x93: lambda m: m._stack_name(),
    0x94: lambda m: m._note(len(m.memo)),
    0x95: lambda m: m._take(8),  # frame
}

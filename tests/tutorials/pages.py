"""Tutorial pages as they are on the web, read as programs: prose falls away, code remains."""

import ast
import os
import re
from pathlib import Path

from tests.architecture import ROOT
from tests.tutorials.mends import MENDS, PROSE

LONGEST = 45
# How a statement may begin: a keyword, a call, or names (or a bracket of them) that are assigned.
START = re.compile(
    r"(?:import |from |class |def |for |while |if |with |print\(|[A-Za-z_][\w.]*\("
    r"|[A-Za-z_][\w.]*(?:, *[A-Za-z_]\w*)* *[-+*/]?=[^=]|\([a-z_]+, )"
)
CODE = (
    ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.For, ast.While, ast.If, ast.With,
    ast.Assign, ast.AugAssign,
)  # fmt: skip
IMPORTS = (
    (re.compile(r"^from tensorflow import (keras)$"), r"from dezero import \1"),
    (re.compile(r"^import tensorflow as tf$"), "from dezero import tf"),
    (re.compile(r"^import keras$"), "from dezero import keras"),
    (
        re.compile(r"^from (?:tensorflow\.)?keras(\S*) import (.*)$"),
        r"from dezero.keras\1 import \2",
    ),
)
HEADING = re.compile(r"^ *(\d+(?:\.\d+)+) ")


def folder() -> Path | None:
    """Where the pages are: DEZERO_SEEDS, or shared/seeds beside the repository; None if neither."""
    place = Path(os.environ.get("DEZERO_SEEDS") or ROOT.parent / "shared" / "seeds")
    return place if place.is_dir() else None


def mended(text: str) -> str:
    """The page without the typing faults of the table and with plain spaces."""
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    for wrong, right in MENDS:
        text = text.replace(wrong, right)
    return text


def is_code(source: str) -> bool:
    """Whether this is one whole statement of a kind that does something."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    if len(body) != 1:
        return False
    statement = body[0]
    called = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return called or isinstance(statement, CODE)


def end_of(lines: list[str], begin: int) -> int:
    """The line behind the statement that begins here; `begin` where none does."""
    if not START.match(lines[begin]):
        return begin
    for end in range(begin + 1, min(begin + LONGEST, len(lines)) + 1):
        if is_code("\n".join(lines[begin:end])):
            while end < len(lines) and re.match(r"\s+\S", lines[end]) and lines[begin][-1] == ":":
                end += 1
            return end
    return begin


def statements(text: str) -> list[tuple[int, str]]:
    """The statements of a mended page, each with the number of its first line from 0."""
    lines, found, at = text.splitlines(), [], 0
    while at < len(lines):
        end = end_of(lines, at)
        if end > at:
            found.append((at, "\n".join(lines[at:end])))
        at = max(end, at + 1)
    return found


def with_imports_changed(statement: str) -> str:
    """An import of TensorFlow or Keras as one of dezero; any other statement as it is."""
    for pattern, ours in IMPORTS:
        if pattern.match(statement):
            return pattern.sub(ours, statement)
    return statement


def in_reading_order(text: str) -> list[str]:
    """The statements of a page, those of numbered sections in the order of their numbers.

    A blog shows its newest entry first; a book is read the other way round.
    """
    lines, section = text.splitlines(), ()
    sections: list[tuple[int, ...]] = []
    for line in lines:
        heading = HEADING.match(line)
        section = tuple(map(int, heading[1].split("."))) if heading else section
        sections.append(section)
    found = sorted(statements(text), key=lambda item: sections[item[0]])
    return [with_imports_changed(statement) for _, statement in found]


def is_prose(line: str) -> bool:
    """Whether Korean stands outside of quotation marks, or this is the table's prose."""
    return line in PROSE or bool(re.search("[가-힣]", re.sub(r"'[^']*'|\"[^\"]*\"", "", line)))


def left_over(text: str) -> list[str]:
    """Lines outside all statements that have the look of code."""
    lines = text.splitlines()
    taken = set()
    for begin, statement in statements(text):
        taken |= set(range(begin, begin + statement.count("\n") + 1))
    look = re.compile(r"[A-Za-z_][\w.]*(\(.*\)?$| *= *\S)|.*->.*\[|.*\)[;:,]?$")
    rest = [line for number, line in enumerate(lines) if number not in taken]
    return [
        line
        for line in rest
        if look.match(line.strip()) and not line.startswith(("#", "- ")) and not is_prose(line)
    ]

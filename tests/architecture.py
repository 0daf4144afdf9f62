"""The rules of the house that no linter has, each a function from one source file to complaints.

A complaint is "line: what is wrong. What to do."; the tests put the path in front.
"""

import ast
import dataclasses
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dezero"
ACCELERATORS = re.compile(r"(cupy|cupyx|numba)(\..*)?")
FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (*FUNCTION_NODES, ast.ClassDef, ast.Module)
LIMITS = {"file": 400, "class": 200, "function": 40, "docstring": 25, "core": 900}
# Statements of a protocol: Python itself reads them, nobody reads a message.
SILENT = {"StopIteration", "StopAsyncIteration"}


@dataclasses.dataclass(frozen=True)
class Source:
    """One file: its path relative to the repository, its text, its syntax tree."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))


@functools.cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file below the folders, in order; parsed once for all who ask."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in found
    )


def code_lines(text: str) -> set[int]:
    """The numbers of the lines that hold code: no blank line, comment or docstring."""
    skip = {
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENDMARKER,
    }  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skip:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        docstring = docstring_node(node)
        if docstring is not None:
            lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return lines


def docstring_node(node: ast.AST) -> ast.Expr | None:
    if isinstance(node, DOCUMENTED) and (body := node.body):
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return first if isinstance(first.value.value, str) else None
    return None


def is_class_name(name: str) -> bool:
    """CamelCase; a lone capital such as `W` is an array, and ALL_CAPS a constant."""
    return bool(re.fullmatch(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*", name))


def class_expression(node: ast.expr) -> str | None:
    """How `node` spells a class: `Layer`, `room.Layer`, `type(x)`, `x.__class__`; else None."""
    if isinstance(node, ast.Name) and is_class_name(node.id):
        return node.id
    if isinstance(node, ast.Attribute) and (node.attr == "__class__" or is_class_name(node.attr)):
        return ast.unparse(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
        return ast.unparse(node)
    return None


def patched_classes(source: Source) -> Iterator[str]:
    """A class is complete where it is written."""
    advice = "Write the attribute in the class body."
    for node in source.nodes:
        targets: list[ast.expr] = []
        if isinstance(node, (ast.Assign, ast.Delete)):
            targets = node.targets
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            targets = [node.target]
        for target in targets:
            for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if isinstance(part, ast.Attribute) and class_expression(part.value):
                    yield f"{node.lineno}: {ast.unparse(part)} is set from outside. {advice}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id in ("setattr", "delattr") and class_expression(node.args[0]):
                yield f"{node.lineno}: {ast.unparse(node)} patches a class. {advice}"


def accelerators(source: Source) -> Iterator[str]:
    """`cupy` and `numba` are named in the backend room alone."""
    if source.path.startswith("dezero/backend/"):
        return
    for node in source.nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Name):
            names = [node.id]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value]
        for name in names:
            if ACCELERATORS.fullmatch(name):
                yield f"{node.lineno}: names {name}. Ask dezero.backend instead."


def roof_imports(source: Source) -> Iterator[str]:
    """No file of the package imports the package: `from dezero.room import name` is right."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "dezero":
                    yield f"{node.lineno}: import {alias.name}. Write from dezero.room import name."
        if isinstance(node, ast.ImportFrom) and node.module == "dezero" and not node.level:
            for alias in node.names:
                if not any((PACKAGE / name).exists() for name in (alias.name, f"{alias.name}.py")):
                    yield f"{node.lineno}: takes {alias.name} from the roof. Name its room."


def asserts(source: Source) -> Iterator[str]:
    """`assert` disappears under `python -O`."""
    for node in source.nodes:
        if isinstance(node, ast.Assert):
            yield f"{node.lineno}: assert. Raise an error with a message."


def silent_raises(source: Source) -> Iterator[str]:
    """An error says what was expected, what came, what to do."""
    for node in source.nodes:
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        call = node.exc
        if isinstance(call, ast.Call):
            silent, name = not call.args and not call.keywords, ast.unparse(call.func)
        else:
            silent, name = class_expression(call) is not None, ast.unparse(call)
        if silent and is_class_name(name.split(".")[-1]) and name not in SILENT:
            yield f"{node.lineno}: raise {name} without a message. Say what was expected and got."


def sizes(source: Source) -> Iterator[str]:
    """Files, classes, function bodies and docstrings that fit on a page or two.

    Docstrings do not count in a function or a class: nobody shall save on them.
    """
    count = len(source.text.splitlines())
    if count > LIMITS["file"]:
        yield f"1: file of {count} lines, at most {LIMITS['file']}. Split it."
    for node in source.nodes:
        if not isinstance(node, DOCUMENTED):
            continue
        height = docstring_lines(node)
        if height > LIMITS["docstring"]:
            line = getattr(node, "lineno", 1)
            yield f"{line}: docstring of {height} lines, at most {LIMITS['docstring']}."
        if isinstance(node, ast.ClassDef):
            inside = sum(map(docstring_lines, ast.walk(node)))
            count = (node.end_lineno or 0) - node.lineno + 1 - inside
            if count > LIMITS["class"]:
                yield f"{node.lineno}: class {node.name} of {count} lines, at most 200. Split it."
        if isinstance(node, FUNCTION_NODES) and body_lines(node) > LIMITS["function"]:
            count = body_lines(node)
            yield f"{node.lineno}: {node.name} of {count} lines, at most 40. Split it."


def docstring_lines(node: ast.AST) -> int:
    """Height of the docstring of `node`, 0 where it has none."""
    docstring = docstring_node(node)
    return (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, the docstring left out."""
    return (node.end_lineno or 0) - node.body[0].lineno + 1 - docstring_lines(node)


def remarks(source: Source) -> Iterator[str]:
    """Comments say why: no banners, no notes to self."""
    if not re.search(r"#.*(TODO|FIXME|XXX|HACK|([-=#*~])\2{3,})", source.text):
        return  # most files, and quicker than their tokens
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string):
                yield f"{token.start[0]}: a note to self. Do it, or file it as an issue."
            if re.search(r"([-=#*~])\1{3,}", token.string):
                yield f"{token.start[0]}: a banner. Start a new file or function instead."


def documentation(files: list[Source]) -> Iterator[str]:
    """Public classes and functions have a docstring, and annotations on all they take and give.

    An override inherits the docstring of the method it replaces, as help() does; the classes of
    ops are documented by their function; special methods are documented by the language. Of two
    classes of one name, as Keras's and our own, a base is the one in the file, else our own.
    """
    in_file = {f.path: {n.name: n for n in f.nodes if isinstance(n, ast.ClassDef)} for f in files}
    house: dict[str, ast.ClassDef] = {}
    for path in sorted(in_file, key=lambda path: not path.startswith("dezero/keras/")):
        house |= in_file[path]
    for source in files:
        classes = house | in_file[source.path]
        for node in source.tree.body:
            if isinstance(node, FUNCTION_NODES) and not node.name.startswith("_"):
                yield from (f"{source.path}:{text}" for text in undocumented(node, node.name, None))
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from (f"{source.path}:{text}" for text in undocumented_class(node, classes))


def undocumented_class(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[str]:
    bases = ancestors(node, classes)
    if any(base.name == "Function" for base in bases):
        return
    if not ast.get_docstring(node):
        yield f"{node.lineno}: class {node.name} has no docstring. Say in a sentence what it is."
    inherited = {
        method.name
        for base in bases
        for method in base.body
        if isinstance(method, FUNCTION_NODES) and ast.get_docstring(method)
    }
    for method in node.body:
        if isinstance(method, FUNCTION_NODES) and method.name not in inherited:
            if not method.name.startswith("_") or method.name == "__init__":
                yield from undocumented(method, f"{node.name}.{method.name}", node)


def undocumented(
    node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, owner: ast.ClassDef | None
) -> Iterator[str]:
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    exempt = node.name == "__init__" or any(d.endswith((".setter", "overload")) for d in decorators)
    if not exempt and not ast.get_docstring(node):
        yield f"{node.lineno}: {name} has no docstring. Begin with one sentence."
    listed = [*node.args.posonlyargs, *node.args.args]
    if owner and "staticmethod" not in decorators:
        listed = listed[1:]
    listed += [*node.args.kwonlyargs, *filter(None, (node.args.vararg, node.args.kwarg))]
    missing = [argument.arg for argument in listed if argument.annotation is None]
    if node.returns is None and node.name != "__init__":
        missing.append("the result")
    if missing:
        yield f"{node.lineno}: {name} does not annotate {', '.join(missing)}."


def ancestors(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """The classes of the package that `node` inherits from, by name, nearest first."""
    found: list[ast.ClassDef] = []
    queue = [node]
    while queue:
        for base in queue.pop(0).bases:
            parent = classes.get(ast.unparse(base).split(".")[-1].split("[")[0])
            if parent is not None and parent is not node and parent not in found:
                found.append(parent)
                queue.append(parent)
    return found


def mirror(modules: set[str], tests: set[str]) -> Iterator[str]:
    """`dezero/room/file.py` is tested by `tests/room/test_file.py` or `tests/specs/room/file.py`.

    Front doors need no test of their own; tests directly in `tests/`, and those of a GPU, may be
    about the whole house.
    """
    wanted = {path.removeprefix("dezero/") for path in modules}
    for path in sorted(wanted):
        folder, _, name = path.rpartition("/")
        test = f"{folder}/test_{name}".removeprefix("/")
        if name != "__init__.py" and not {f"tests/{test}", f"tests/specs/{path}"} & tests:
            yield f"dezero/{path}: no test. Write tests/{test} or tests/specs/{path}."
    for path in sorted(tests):
        folder, _, name = path.removeprefix("tests/").rpartition("/")
        if folder.split("/")[0] == "specs" and name != "__init__.py":
            tested = f"{folder.removeprefix('specs').removeprefix('/')}/{name}".removeprefix("/")
        elif folder not in ("", "gpu") and name.startswith("test_"):
            tested = f"{folder}/{name.removeprefix('test_')}"
        else:
            continue
        if tested not in wanted:
            yield f"{path}: tests dezero/{tested}, which does not exist. Rename or remove it."

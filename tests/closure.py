"""What must be covered, and by what: the rules behind `test_closed.py`, as functions of tables."""

import ast
import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dezero.core import Function
from dezero.core.registry import FUNCTION_CLASSES
from tests.spec_draw import call, draw, gradients, is_differentiable, locked, seeds_for
from tests.specs import Spec

ROOT = Path(__file__).parent.parent
COVERED_ROOMS = ("core", "functions", "layers", "optimizers")


def in_no_table(names: Iterable[str], module: Any, tables: Iterable[Mapping]) -> list[str]:
    """Return a line for each public function that is not in exactly one of `tables`."""
    lines = []
    for name in names:
        value = getattr(module, name)
        if isinstance(value, type) or not callable(value):
            continue
        holders = [table for table in tables if value in table.values()]
        if len(holders) != 1:
            lines.append(
                f"{value.__module__}.{name}: in {len(holders)} tables. "
                "Decorate it with @differentiable or @nondifferentiable."
            )
    return lines


def without_spec(table: Mapping[str, Callable], specs: Iterable[Spec]) -> list[str]:
    """Return, for each function without a spec and an oracle, the line to write."""
    covered = {spec.func for spec in specs if spec.oracle is not None}
    return [
        f"tests/specs/functions/{func.__module__.rpartition('.')[2]}.py needs the line\n"
        f"    spec(F.{name}, (3, 4), oracle=lambda x: ...),"
        for name, func in table.items()
        if func not in covered and func.__module__.startswith("dezero.")
    ]


def opt_outs(specs: Iterable[Spec]) -> dict[str, str | None]:
    """Return the specs that ask for less than the whole suite, and why."""
    return {
        spec.id: spec.because
        for spec in specs
        if spec.because or not spec.integers or len(spec.dtypes) < 3
    }


@functools.cache
def reached(spec: Spec) -> tuple[frozenset, frozenset]:
    """Return the classes in the graphs of value and gradient, and those of its gradient besides."""
    xs = locked(draw(spec))
    ys = [y for y in call(spec, xs) if y.requires_grad]
    gys = seeds_for(ys)
    gxs = [gx for gx in gradients(ys, xs, gys, create_graph=True) if gx is not None]
    second = gradients(gxs, [*xs, *gys], seeds_for(gxs), create_graph=True)
    first = _classes_behind([*ys, *gxs])
    return first, first | _classes_behind([g for g in second if g is not None])


def _classes_behind(variables: list) -> frozenset:
    """Return the classes of all functions in the graphs of `variables`."""
    waiting, functions = list(variables), set()
    while waiting:
        creator = waiting.pop().creator
        if creator is not None and creator not in functions:
            functions.add(creator)
            waiting += creator.inputs
    return frozenset(type(function) for function in functions)


def library_classes() -> list[type[Function]]:
    """Return the Function classes that dezero itself defines."""
    return [c for c in FUNCTION_CLASSES if c.__module__.startswith("dezero.")]


def unreached(classes: Iterable[type[Function]], specs: Iterable[Spec]) -> list[str]:
    """Return a line for each class that occurs in no spec's value, gradient or second gradient."""
    found = frozenset().union(*(reached(s)[1] for s in specs if is_differentiable(s)))
    return [
        f"{c.__module__}.{c.__name__}: in no spec's graph to second order. "
        f"Add a spec of the function that uses it to {_table_of(c)}."
        for c in classes
        if c not in found
    ]


def uncompared(classes: Iterable[type[Function]], specs: Iterable[Spec]) -> list[str]:
    """Return a line for each `fast_backward` that the suite never compares with `backward`."""
    found = frozenset().union(*(reached(s)[0] for s in specs if is_differentiable(s)))
    return [
        f"{c.__module__}.{c.__name__}.fast_backward: compared with backward by no spec. "
        f"Add a spec whose value or gradient uses it to {_table_of(c)}."
        for c in classes
        if c.fast_backward is not None and c not in found
    ]


def _table_of(c: type[Function]) -> str:
    return f"tests/specs/functions/{c.__module__.rpartition('.')[2]}.py"


# Every (file, line) at which an exception of a `pytest.raises` block was on its way.
SEEN: set[tuple[str, int]] = set()


def note_traceback(error: BaseException | None) -> None:
    """Remember every line that `error`, its causes and contexts came through."""
    waiting, done = [error], set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in done:
            continue
        done.add(id(current))
        tb = current.__traceback__
        while tb is not None:
            SEEN.add((tb.tb_frame.f_code.co_filename, tb.tb_lineno))
            tb = tb.tb_next
        waiting += [current.__cause__, current.__context__]


def unexecuted_raises(seen: Iterable[tuple[str, int]], root: Path = ROOT / "dezero") -> list[str]:
    """Return `file:line` of each `raise` in the covered rooms that no line in `seen` falls into."""
    lines: dict[str, set[int]] = {}
    for file, line in seen:
        lines.setdefault(str(Path(file).resolve()), set()).add(line)
    missing = []
    for path in sorted(p for room in COVERED_ROOMS for p in (root / room).rglob("*.py")):
        hits = lines.get(str(path.resolve()), set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and node.exc is not None:
                if hits.isdisjoint(range(node.lineno, (node.end_lineno or node.lineno) + 1)):
                    missing.append(f"{path.relative_to(root.parent)}:{node.lineno}")
    return missing


def subclasses(base: type, room: str) -> set[type]:
    """Return the public classes below `base` that files of `dezero/<room>` define."""
    found, waiting = set(), [base]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith(f"dezero.{room}") and not cls.__name__.startswith("_"):
            found.add(cls)
    return found


def without_entry(classes: Iterable[type], made: Iterable[Any], table: str) -> list[str]:
    """Return a line for each class of which `made` holds no object."""
    covered = {type(obj) for obj in made}
    return [
        f"{table} needs an entry for {cls.__module__}.{cls.__name__}."
        for cls in sorted(set(classes) - covered, key=lambda cls: cls.__name__)
    ]

"""The walls of the house hold, and each rule sees a violation when one is planted."""

import ast
import fnmatch

import pytest

from tests import architecture as rules
from tests.architecture import ROOT, Source, sources

HOUSE = sources("dezero")
AROUND = sources("examples", "benchmarks", "tests")
TOP = {"pyproject.toml", "README.md", "LICENSE", "dezero", "examples", "tests", "benchmarks"}
HIDDEN = {".ci", ".git", ".gitignore"}

PER_FILE = [
    (rules.patched_classes, HOUSE),
    (rules.accelerators, HOUSE),
    (rules.roof_imports, HOUSE),
    (rules.asserts, HOUSE),
    (rules.silent_raises, HOUSE),
    (rules.sizes, HOUSE),
    (rules.remarks, HOUSE),
]


def body(lines, indent="    "):
    return f"\n{indent}".join(["", *["x = 1"] * lines]).lstrip("\n")


PLANTED = [
    (rules.patched_classes, "Variable.__add__ = add", "Variable.__add__ is set"),
    (rules.patched_classes, "core.Variable.T = T", "core.Variable.T is set"),
    (rules.patched_classes, "a, Layer.b = 1, 2", "Layer.b is set"),
    (rules.patched_classes, "Adam.lr += 1", "Adam.lr is set"),
    (rules.patched_classes, "del Adam.lr", "Adam.lr is set"),
    (rules.patched_classes, "type(self).count = 1", "type(self).count is set"),
    (rules.patched_classes, "self.__class__.count = 1", "self.__class__.count is set"),
    (rules.patched_classes, "setattr(Variable, name, f)", "patches a class"),
    (rules.accelerators, "import cupy as cp", "names cupy"),
    (rules.accelerators, "from numba import njit", "names numba"),
    (rules.accelerators, "import cupyx.scipy", "names cupyx.scipy"),
    (rules.accelerators, "import_module('numba.core')", "names numba.core"),
    (rules.roof_imports, "import dezero", "import dezero"),
    (rules.roof_imports, "import dezero.core as core", "import dezero.core"),
    (rules.roof_imports, "from dezero import Variable", "takes Variable from the roof"),
    (rules.asserts, "assert x", "assert"),
    (rules.silent_raises, "raise ValueError", "raise ValueError"),
    (rules.silent_raises, "raise ValueError()", "raise ValueError"),
    (rules.silent_raises, "raise errors.ShapeError", "raise errors.ShapeError"),
    (rules.sizes, "x = 1\n" * 401, "file of 401 lines"),
    (rules.sizes, f"class A:\n{body(200)}", "class A of 201 lines"),
    (rules.sizes, f"def f():\n{body(41)}", "f of 41 lines"),
    (rules.sizes, '"""' + "\n" * 25 + '"""', "docstring of 26 lines"),
    (rules.remarks, "x = 1  # TO" + "DO later", "a note to self"),
    (rules.remarks, "# -" + "-----", "a banner"),
]

FINE = [
    (rules.patched_classes, "class A:\n    b = 1\nW.data = 2\nself.lr = 3\nCACHE.x = 4\nx.T = y"),
    (rules.patched_classes, "setattr(self, name, value)"),
    (rules.accelerators, "'''numba is an extra.'''\nhint = 'pip install cupy'\nnumbat = 1"),
    (rules.roof_imports, "from dezero.core import Variable\nfrom dezero import core\nimport numpy"),
    (rules.roof_imports, "from .variable import dezero"),
    (rules.silent_raises, "try:\n    f()\nexcept E as error:\n    raise\nraise error"),
    (rules.silent_raises, "raise ValueError('x: expected 1, got 2. Pass 1.')\nraise StopIteration"),
    (rules.sizes, f"def f():\n    '''Long.\n{'    line' * 1}\n    '''\n{body(40)}"),
    (rules.sizes, "x = 1\n" * 400),
    (rules.remarks, "# A reason, e.g. -1 == ~0, or (N, C) -> (C, N).\nx = '# -----'"),
]


@pytest.mark.parametrize(("rule", "files"), PER_FILE, ids=[rule.__name__ for rule, _ in PER_FILE])
def test_house_keeps_rule(rule, files):
    complaints = [f"{source.path}:{text}" for source in files for text in rule(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [rules.sizes, rules.remarks])
def test_what_stands_around_the_house_keeps_rule(rule):
    complaints = [f"{source.path}:{text}" for source in AROUND for text in rule(source)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(("rule", "text", "complaint"), PLANTED)
def test_planted_violation_is_seen(rule, text, complaint):
    assert any(complaint in found for found in rule(Source("dezero/planted.py", text)))


@pytest.mark.parametrize(("rule", "text"), FINE)
def test_clean_source_passes(rule, text):
    assert list(rule(Source("dezero/clean.py", text))) == []


def test_backend_may_name_accelerators():
    assert not list(rules.accelerators(Source("dezero/backend/cupy.py", "import cupy")))


def test_public_names_are_documented_and_annotated():
    complaints = list(rules.documentation(HOUSE))
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def f() -> int: return 1", "f has no docstring"),
        ("def f(x, *, y: int) -> int:\n    'Doc.'", "f does not annotate x"),
        ("def f(*xs, **ys) -> int:\n    'Doc.'", "f does not annotate xs, ys"),
        ("def f(x: int):\n    'Doc.'", "f does not annotate the result"),
        ("class A: pass", "class A has no docstring"),
        ("class A:\n    'Doc.'\n    def m(self) -> int: return 1", "A.m has no docstring"),
        ("class A:\n    'Doc.'\n    def __init__(self, x): pass", "A.__init__ does not annotate x"),
    ],
)
def test_missing_documentation_is_seen(text, complaint):
    found = list(rules.documentation([Source("dezero/planted.py", text)]))
    assert len(found) == 1 and complaint in found[0]


def test_overrides_ops_and_private_names_inherit_their_documentation():
    text = (
        "class Layer:\n    'Doc.'\n    def forward(self, x: int) -> int:\n        'Doc.'\n"
        "class Linear(Layer):\n    'Doc.'\n    def forward(self, x): return x\n"
        "class Function:\n    'Doc.'\n"
        "class Sin(Function):\n    def forward(self, x): return x\n"
        "class Sinh(Sin): pass\n"
        "class _Hidden: pass\n"
        "def _helper(x): return x\n"
    )
    assert list(rules.documentation([Source("dezero/clean.py", text)])) == []


def test_core_stays_within_its_lines():
    """The limit counts lines of code: no blank line, comment or docstring."""
    counts = {s.path: len(rules.code_lines(s.text)) for s in sources("dezero/core")}
    assert sum(counts.values()) <= rules.LIMITS["core"], counts


def test_code_lines_leave_out_what_is_not_code():
    text = '"""Doc\nstring."""\n\n# why\nx = (\n    1,\n)\n'
    text += 'def f():\n    "Doc."\n    return """a\nb"""\n'
    assert rules.code_lines(text) == {5, 6, 7, 8, 10, 11}


def test_most_functions_are_short():
    """The 95th percentile of function bodies is at most 20 lines."""
    lengths = sorted(
        rules.body_lines(node)
        for source in HOUSE
        for node in source.nodes
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )
    assert lengths[int(0.95 * len(lengths))] <= 20


def test_tests_mirror_the_package():
    modules = {source.path for source in HOUSE}
    complaints = list(rules.mirror(modules, {source.path for source in sources("tests")}))
    assert not complaints, "\n".join(complaints)


def test_a_gap_in_the_mirror_is_seen():
    modules = {"dezero/io/npz.py", "dezero/io/__init__.py", "dezero/losses.py", "dezero/nn/a.py"}
    tests = {"tests/io/test_npz.py", "tests/specs/nn/a.py", "tests/test_readme.py"}
    complaints = list(rules.mirror(modules, tests))
    assert len(complaints) == 1 and complaints[0].startswith("dezero/losses.py: no test")
    stray = list(rules.mirror(modules, {*tests, "tests/test_losses.py", "tests/io/test_gone.py"}))
    assert len(stray) == 1 and "dezero/io/gone.py, which does not exist" in stray[0]


def unexpected(names, ignored):
    """Names at the top level that are neither in the plan nor in .gitignore."""
    patterns = [line.strip("/ ") for line in ignored.splitlines() if line]
    return {
        name
        for name in set(names) - TOP - HIDDEN
        if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    }


def test_top_level_is_as_planned():
    ignored = (ROOT / ".gitignore").read_text()
    assert unexpected([path.name for path in ROOT.iterdir()], ignored) == set()


def test_a_stray_folder_is_seen():
    assert unexpected(["dezero", "docs", "runs", "x.egg-info"], "/runs/\n*.egg-info/") == {"docs"}

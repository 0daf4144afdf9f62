"""The README: every Python block runs and prints what it says; the commands are marked."""

import contextlib
import io
import re

import numpy as np
import pytest

from tests.architecture import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCK.findall(TEXT) if language == "python"]


def promised(code):
    """The lines that the block says it prints, as comments behind or below each print."""
    lines, expected = code.splitlines(), []
    for number, line in enumerate(lines):
        if not line.startswith("print("):
            continue
        behind = re.search(r"\)\s+# (.*)$", line)
        below = []
        for following in lines[number + 1 :]:
            if not following.startswith("# "):
                break
            below.append(following[2:])
        if behind is None and not below:
            raise AssertionError(f"README: {line} does not say what it prints. Add a comment.")
        expected += ([behind[1]] if behind else []) + below
    return expected


def printed(code):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("code", PYTHON, ids=[code.strip().splitlines()[0] for code in PYTHON])
@pytest.mark.slow
def test_python_blocks_print_what_they_say(code, tmp_path, monkeypatch, seeded):
    monkeypatch.chdir(tmp_path)
    expected, state = promised(code), np.random.get_state()
    try:
        assert printed(code) == expected and expected
    finally:
        # keras.utils.set_random_seed seeds NumPy's generator too.
        np.random.set_state(state)


def test_a_block_that_says_nothing_or_something_else_is_seen():
    code = "x = 1\nprint(x)  # 1\nprint(x)\n# 1\n# 2\ny = 2\n# no promise"
    assert promised(code) == ["1", "1", "2"]
    with pytest.raises(AssertionError, match="does not say what it prints"):
        promised("print(3)\n")
    assert printed("print(3)") != promised("print(3)  # 4")


def marked(name):
    """The commands of the block below the line <!-- name -->."""
    found = re.findall(rf"^<!-- {name} -->\n```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"README: expected one block below <!-- {name} -->"
    return found[0].strip().splitlines()


@pytest.mark.parametrize(
    ("name", "last"),
    [("train command", "python examples/fashion_mlp.py"), ("test command", "pytest")],
)
def test_each_command_is_one_line_that_sets_everything_up(name, last):
    (line,) = marked(name)
    steps = [step.strip() for step in line.split("&&")]
    assert steps[0] == "python3 -m venv .venv" and steps[-1] == last
    assert any(step.startswith("pip install") for step in steps)


def test_named_files_exist():
    for path in re.findall(r"`((?:examples|benchmarks|tests|dezero)/[\w./]+)`", TEXT):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"`((?:core|functions)/\w+\.py)`", TEXT):
        assert (ROOT / "dezero" / path).exists(), path


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#\s]+)", TEXT):
        assert target.startswith("http") or (ROOT / target).exists(), target

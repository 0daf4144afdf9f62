"""Rows for the README from the reports of a GPU, so that nobody types a figure.

python benchmarks/gpu_tables.py benchmarks/results/gpu-DATE.json [.../gpu-DATE/gpu_training.json]

Without the second path it is looked for in the folder beside the first. A report of the double, of
the CPU, or of another commit than the tests' is refused: it tells nothing of a GPU.
"""

import argparse
import json
import sys
from pathlib import Path

import harness

COLUMNS = (
    "torch eager", "torch compile", "torch graph", "dezero eager", "dezero graph", "dezero cpu",
)  # fmt: skip


def facts(tests):
    """Return the sentence on what ran where.

    Args:
        tests: the report of the tests.
    Raises:
        ValueError: it is not of a GPU, or none of its tests ran there.
    """
    if tests["on"] != "GPU" or "GPU 0" not in tests["gpu"]:
        raise ValueError(f"expected a report of a GPU, got one of {tests['on']}")
    ran = tests["passed"] + tests["failed"]
    if not ran:
        raise ValueError("expected tests that ran, got none")
    driver, versions = tests["driver"], tests["versions"]
    cupy = next((f"{name} {v}" for name, v in versions.items() if name.startswith("cupy")), "CuPy")
    words = f"{ran} GPU tests ran, {tests['failed']} failed, {tests['skipped']} were skipped"
    if tests["left_out_by_time"]:
        words += f" ({tests['left_out_by_time']} for want of time)"
    return (
        f"On {tests['gpu']['GPU 0']}, {tests['date'][:10]}, commit {tests['commit'][:12]}"
        f"{' with changes' if 'changes' in tests['commit'] else ''} (driver {driver['driver']}, "
        f"{cupy}): {words}."
    )


def table(training):
    """Return Markdown lines: a row for each case, a column for each candidate and the floor.

    Args:
        training: the report of `gpu_training.py`.
    Raises:
        ValueError: it is not of a GPU.
    """
    if training["device"] != "cuda":
        raise ValueError(f"expected figures of a GPU, got those of {training['device']}")
    rows = training["rows"]
    columns = [name for name in COLUMNS if any(name in row["medians_s"] for row in rows)]
    lines = [
        "| " + " | ".join(["case", *columns, "floor"]) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for row in rows:
        cells = [
            harness.show(row["medians_s"][c]) if c in row["medians_s"] else "" for c in columns
        ]
        floor = harness.show(row["floors"]["measured"]["seconds"])
        lines.append("| " + " | ".join([f"{row['case']} ({row['unit']})", *cells, floor]) + " |")
    return lines


def ratios(training):
    """Return a line for each ratio that was asked for, those not reached marked."""
    return [
        f"- {row['case']}: {found['ratio']} {found['reached']:.3g}, asked {found['asked']:.3g}"
        + ("" if found["reached"] <= found["asked"] else " **(not reached)**")
        for row in training["rows"]
        for found in row["ratios"]
    ]


def notes(training):
    """Return lines on what has no figure: left out, skipped, refused."""
    lines = [f"- {name}: not begun, the time was over" for name in training["left_out"]]
    for row in training["rows"]:
        lines += [f"- {row['case']}, {who}: {why}" for who, why in row["skipped"].items()]
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tests", type=Path, help="what --gpu-report wrote")
    parser.add_argument("training", type=Path, nargs="?", help="what gpu_training.py wrote")
    options = parser.parse_args(arguments)
    path = options.training or options.tests.with_suffix("") / "gpu_training.json"
    try:
        tests = json.loads(options.tests.read_text("utf-8"))
        lines = [facts(tests), ""]
        training = json.loads(path.read_text("utf-8"))
        if training["commit"] != tests["commit"]:
            raise ValueError(f"expected one commit, got {tests['commit']}, {training['commit']}")
        lines += [*table(training), "", *ratios(training), "", *notes(training)]
    except (OSError, ValueError) as error:  # what is no JSON is a ValueError, too
        print(f"gpu_tables: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

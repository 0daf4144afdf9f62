"""What `import dezero` costs in a fresh process, over `import numpy`.

python benchmarks/import_time.py [--quick]
"""

import subprocess
import sys

import harness

PROBE = """
import time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import {module}
print(middle - start, time.perf_counter() - middle)
"""
CASES = {"fresh process": None}


def fresh(module, which):
    """Seconds of the first (`import numpy`) or second import of a new interpreter."""

    def once():
        command = [sys.executable, "-c", PROBE.format(module=module)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return float(answer.split()[which])

    return once


def numpy_alone(case):
    return fresh("numpy", 0)


def dezero(case):
    return fresh("dezero", 1)


SUBJECT = harness.Subject(
    name="import_time",
    title="Import",
    cases=CASES,
    candidates={"import numpy": numpy_alone, "import dezero after numpy": dezero},
    reference="import numpy",
    budgets={("fresh process", "import dezero after numpy"): 0.05},
    alternations=25,
    pause=0.0,
)

if __name__ == "__main__":
    harness.main(SUBJECT)

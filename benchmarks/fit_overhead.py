"""What `model.fit` costs over the same epoch written as a bare loop.

python benchmarks/fit_overhead.py [--quick]
"""

import harness
from mlp_training import CASES, book_loop, fit

CASES = {name: net for name, net in CASES.items() if name in ("mlp32-fashion", "mlp128-fashion")}

SUBJECT = harness.Subject(
    name="fit_overhead",
    title="An epoch of fit and of the bare loop",
    cases=CASES,
    candidates={"bare loop": book_loop, "fit": fit},
    reference="bare loop",
    environment=dict.fromkeys(("bare loop", "fit"), {"DEZERO_KERNELS": "numpy"}),
    limits={(case, "fit"): 1.10 for case in CASES},
)

if __name__ == "__main__":
    harness.main(SUBJECT)

"""Time candidates in turn, each in its own long-lived process, and compare the medians.

One process per candidate keeps thread pools, allocators and caches apart; only one works at a time,
and a pause lets idle pools fall asleep. A subject file gives `cases` and `candidates`:
`candidates[name](case)` prepares everything and returns a function that does the work once and
returns the seconds it took (or None, then the call itself is timed).
"""

import argparse
import dataclasses
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PINNED = "OPENBLAS_CORETYPE"  # would hold OpenBLAS to the kernels of an old processor
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
clock = time.perf_counter
PACKAGES = ("numpy", "torch", "numba", "threadpoolctl")


@dataclasses.dataclass
class Subject:
    """One benchmark: what to run, what to compare with, and what the issue asks for."""

    name: str
    title: str
    cases: dict
    candidates: dict[str, Callable]
    reference: str
    environment: dict = dataclasses.field(default_factory=dict)  # candidate -> extra variables
    limits: dict = dataclasses.field(default_factory=dict)  # (case, candidate) -> highest ratio
    budgets: dict = dataclasses.field(default_factory=dict)  # (case, candidate) -> most seconds
    alternations: int = 7
    pause: float = 0.1
    memory: bool = False  # whether the table shows the peak of each process


def environment(subject, name, threads):
    """The variables of a candidate's process: today's kernels, equal threads, its own wishes."""
    variables = {key: value for key, value in os.environ.items() if key != PINNED}
    variables.update({variable: str(threads) for variable in THREADS})
    variables["PYTHONPATH"] = str(ROOT)
    return variables | subject.environment.get(name, {})


class Worker:
    """The process of one candidate on one case; answers each "run" with the seconds it took."""

    def __init__(self, subject, case, name, threads):
        command = [sys.executable, sys.argv[0], "--worker", name, "--case", case]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        variables = environment(subject, name, threads)
        self.process = subprocess.Popen(command, env=variables, text=True, **pipes)
        self.facts = self.answer()
        self.peak_mb = None

    def answer(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "the process ended without an answer"}

    def run(self):
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.peak_mb = answer.get("peak_mb")
        return answer.get("seconds")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def elsewhere(name, case, variable):
    """A candidate in the process of another Python, that of an environment variable.

    For packages that cannot stand beside ours. It says how long it took; ImportError if the
    variable is not set, or the package is missing there too.
    """
    python = os.environ.get(variable)
    if not python:
        raise ImportError(f"not installed, and {variable} is not set")
    command = [python, sys.argv[0], "--worker", name, "--case", case]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, text=True, **pipes)
    first = process.stdout.readline()
    if not first or "missing" in json.loads(first):
        raise ImportError(f"not installed in {python} either")

    def run():
        process.stdin.write("run\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())["seconds"]

    return run


def serve(subject, case, name):
    """The other end of a Worker's pipes; what the candidate prints goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(**fields):
        print(json.dumps(fields), file=answers, flush=True)

    try:
        once = subject.candidates[name](subject.cases[case])
    except ImportError as error:
        return answer(missing=str(error))
    answer(versions=versions(), blas=blas())
    for _ in sys.stdin:
        start = clock()
        seconds = once()
        answer(seconds=clock() - start if seconds is None else seconds, peak_mb=peak_mb())


def peak_mb():
    """The most memory that this process ever had, in MB; None where nobody counts it."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def versions():
    installed = {(d.name or "").lower(): d.version for d in importlib.metadata.distributions()}
    return {package: installed[package] for package in PACKAGES if package in installed}


def commit():
    """The commit of the working tree, with "and changes" if there are any."""
    found = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    if found[0].returncode:
        return "unknown: no git repository"
    return found[0].stdout.strip() + (" and changes" if found[1].stdout.strip() else "")


def blas():
    """What threadpoolctl says about each thread pool in this process, in words."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return ["threadpoolctl is not installed"]
    return [
        f"{pool['internal_api']} {pool.get('architecture', '')}".strip()
        + f" x{pool['num_threads']}"
        for pool in threadpool_info()
    ]


def measure(subject, case, names, options):
    """{candidate: [seconds]} of one case, the candidates taking turns."""
    workers = {}
    for name in names:
        worker = Worker(subject, case, name, options.threads)
        if "missing" in worker.facts:
            print(f"  {name}: left out, {worker.facts['missing']}", file=sys.stderr)
            worker.close()
        else:
            workers[name] = worker
    seconds = {name: [] for name in workers}
    for turn in range(options.alternations + 1):
        for name, worker in list(workers.items()):
            time.sleep(subject.pause)
            elapsed = worker.run()
            if elapsed is None:
                print(f"  {name}: left out, it failed", file=sys.stderr)
                workers.pop(name).close()
                seconds.pop(name)
            elif turn:  # the first turn warms up
                seconds[name].append(elapsed)
    facts = {name: worker.facts for name, worker in workers.items()}
    peaks = {name: worker.peak_mb for name, worker in workers.items()}
    for worker in workers.values():
        worker.close()
    return seconds, facts, peaks


def summarize(subject, case, seconds):
    """One row per candidate: median, spread, and the median of the ratios turn by turn."""
    rows = []
    base = seconds.get(subject.reference)
    for name, times in seconds.items():
        row = {"case": case, "candidate": name, "median_s": statistics.median(times)}
        row["min_s"], row["max_s"], row["seconds"] = min(times), max(times), times
        if base:
            row["ratio"] = statistics.median(a / b for a, b in zip(times, base, strict=True))
        for field, table in (("limit", subject.limits), ("budget_s", subject.budgets)):
            if (case, name) in table:
                row[field] = table[case, name]
        rows.append(row)
    return rows


def print_table(subject, rows):
    print(f"\n{subject.title} (ratio to {subject.reference}, medians)")
    width = max(len(f"{row['case']}  {row['candidate']}") for row in rows)
    print(f"{'':{width}}  {'median':>12} {'fastest':>12} {'ratio':>7} {'asked':>7}")
    for row in rows:
        label = f"{row['case']}  {row['candidate']}"
        ratio = f"{row['ratio']:7.3f}" if "ratio" in row else f"{'':7}"
        asked = f"{row['limit']:7.2f}" if "limit" in row else ""
        asked = show(row["budget_s"]) if "budget_s" in row else asked
        times = f"{show(row['median_s']):>12} {show(row['min_s']):>12}"
        peak = f"   peak {row['peak_mb']} MB" if subject.memory else ""
        print(f"{label:{width}}  {times} {ratio} {asked}{peak}".rstrip())


def show(seconds):
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3f} {unit}"
    return f"{seconds * 1e6:.2f} us"


def parse(subject, arguments):
    parser = argparse.ArgumentParser(description=subject.title)
    parser.add_argument("--quick", action="store_true", help="three alternations, writes no file")
    parser.add_argument("--alternations", type=int, default=subject.alternations)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--cases", help="comma-separated; all by default")
    parser.add_argument("--only", help="comma-separated candidates; all by default")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.quick:
        options.alternations = min(options.alternations, 3)
    return options


def main(subject, arguments=None):
    options = parse(subject, arguments)
    if options.worker:
        return serve(subject, options.case, options.worker)
    cases = options.cases.split(",") if options.cases else list(subject.cases)
    names = options.only.split(",") if options.only else list(subject.candidates)
    rows, facts, load = [], {}, os.getloadavg()[0]
    for case in cases:
        print(f"{subject.name}: {case} ...", file=sys.stderr, flush=True)
        seconds, found, peaks = measure(subject, case, names, options)
        facts.update(found)
        new = summarize(subject, case, seconds)
        rows += [row | {"peak_mb": peaks[row["candidate"]]} for row in new]
    print_table(subject, rows)
    for name, fact in facts.items():
        print(f"  {name}: {', '.join(fact['blas'])}")
    report = {
        "subject": subject.name,
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": options.threads,
        "load_before": round(load, 2),
        "alternations": options.alternations,
        "reference": subject.reference,
        "environments": facts,
        "rows": rows,
    }
    print(f"  {options.threads} threads, {options.alternations} alternations, load {load:.2f}")
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{subject.name}.json"
        path.write_text(json.dumps(report, indent=1) + "\n")
        print(f"  written: {path.relative_to(ROOT)}")


def processor():
    """Model name, and the vector instructions that decide the speed of a product."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    model = text.split("model name", 1)[-1].split(":", 1)[-1].splitlines()[0].strip()
    vectors = next((name for name in ("avx512f", "avx2", "avx") if f" {name} " in text), "")
    return f"{model} {vectors}".strip()

"""Training steps and forward passes on a GPU beside torch, and beside what no one can go below.

python benchmarks/gpu_training.py [--cases "784-128-10 32,lenet 64"] [--only "torch eager,..."]

One process a candidate stays through all cases; in each they take turns: a turn is some steps
between two waits for the device. Without a GPU `--device cpu --cases tiny` tries the whole.
torch.compile compiles for minutes, so VGG16 and ResNet50 have it with `--compile-all` only.
"""

import argparse
import dataclasses
import datetime
import json
import math
import platform
import select
import statistics
import subprocess
import sys
import time
from pathlib import Path

import gpu_checklist
import gpu_floors
import gpu_nets
import harness
from gpu_candidates import CANDIDATES, WARMUP, Impossible

TURNS, TURN_SECONDS = 7, 0.05
CHECKED = WARMUP + 5  # steps whose losses are compared: as they are, captured, replayed
SHARE = 0.5  # that is dropped where a network drops
# By which losses may differ, as a share; epochs see their samples in an order of their own.
NEAR = {"fp32": 2e-3, "tf32": 1e-2, "fp16": 3e-2, "fit": 0.1}
ASKED = {  # issue 5: (candidate, of which, at most)
    "small": [("dezero graph", "torch graph", 1.0), ("dezero eager", "torch eager", 0.8)],
    "large": [("dezero eager", "torch eager", 1.1)],
}
MOST = {"784-128-10 32": 60e-6, "784-300-100-10 32": 60e-6}  # seconds of a replayed step
COMPILED, REFUSED = "torch compile", "REFUSED"
PATIENCE = 120.0  # seconds for one answer


class Worker:
    """The process of a candidate; a line in is a wish, a line out the answer."""

    def __init__(self, name, options):
        command = [sys.executable, __file__, "--worker", name, "--device", options.device]
        subject = harness.Subject("gpu", "", {}, {}, "")
        variables = harness.environment(subject, name, options.threads)
        self.given = {"args": command, "text": True, "env": variables}
        self.begin()

    def begin(self):
        """Start the process."""
        self.process = subprocess.Popen(stdin=subprocess.PIPE, stdout=subprocess.PIPE, **self.given)

    def ask(self, **wish):
        """Return the answer to a wish; one that is not given in time ends the process."""
        if self.process.poll() is not None and "prepare" in wish:
            self.begin()  # it died of a case before
        try:
            self.process.stdin.write(json.dumps(wish) + "\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            line = self.process.stdout.readline() if ready else None
        except OSError:
            line = ""
        if line:
            return json.loads(line)
        self.process.kill()
        status = self.process.wait()
        if line is None:
            return {"skipped": f"no answer in {PATIENCE:.0f} s"}
        return {"skipped": f"the process ended without an answer, status {status}"}

    def close(self):
        """End it."""
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def serve(name, device):
    """The other end: prepare cases and time steps until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    held = None
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            if "prepare" in wish:
                held = None  # its memory is free for the next
                start = harness.clock()
                held = CANDIDATES[name](gpu_nets.CASES[wish["prepare"]], device)
                answer = {"figures": checked(held), "versions": harness.versions()}
                answer["prepared_s"] = harness.clock() - start
            else:
                answer = {"seconds": timed(held, wish["steps"])}
        except (Impossible, ImportError) as error:
            answer = {"skipped": str(error)}
        except Exception as error:  # of libraries that are measured, not of this program
            text = (str(error).strip().splitlines() or [""])[0]
            answer = {"skipped": f"it failed: {type(error).__name__}: {text[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


def checked(held):
    """Return the figures of the first steps, without dropout; then it is on, and all is warm."""
    held.drop(0.0)
    wanted, figures = (2 if held.case.samples else CHECKED), []
    while len(figures) < wanted:
        y = held.once()
        figures += [held.figures(v) for v in (y if isinstance(y, list) else [y])]
    if not held.case.samples:
        held.drop(SHARE)
        for _ in range(CHECKED):
            held.once()
    held.synchronise()
    return figures


def timed(held, steps):
    """Return the seconds of a step: the device is idle before the first and after the last."""
    calls = max(1, round(steps / held.steps_per_call))
    held.synchronise()
    start = harness.clock()
    for _ in range(calls):
        held.once()
    held.synchronise()
    return (harness.clock() - start) / (calls * held.steps_per_call)


def difference(figures, expected):
    """Return by which share figures differ, at most; infinite where they are not finite."""
    worst = 0.0
    for found, wanted in zip(figures, expected, strict=True):
        scale = max(abs(wanted[0]), 1e-12)
        for a, b in zip(found, wanted, strict=True):
            off = abs(a - b) / scale
            worst = max(worst, off if math.isfinite(off) else math.inf)
    return worst


def measure(name, workers, options):
    """Return what came of one case: {"seconds", "skipped", "losses", ...}, each by candidate.

    Whoever computes something else than the first one is not timed.
    """
    case = gpu_nets.CASES[name]
    row = {"seconds": {}, "skipped": {}, "losses": {}, "differences": {}, "prepared_s": {}}
    counts, turns = {}, min(options.turns, 3) if case.samples else options.turns
    for candidate, worker in workers.items():
        reason = left_out(candidate, case, options)
        answer = {"skipped": reason} if reason else prepared(name, candidate, worker, row)
        if candidate == COMPILED:
            options.compiled += row["prepared_s"].get(candidate, 0)
        if "skipped" in answer:
            row["skipped"][candidate] = answer["skipped"]
            continue
        count = round(TURN_SECONDS / answer["seconds"])
        counts[candidate] = 1 if case.samples else max(2, min(2000, count))
        row["seconds"][candidate] = []
    for turn in range(turns + 1):
        for candidate in [name for name in counts if name not in row["skipped"]]:
            answer = workers[candidate].ask(steps=counts[candidate])
            if "skipped" in answer:
                row["skipped"][candidate] = answer["skipped"]
                row["seconds"].pop(candidate)
            elif turn:  # the first turn warms up
                row["seconds"][candidate].append(answer["seconds"])
    return row


def prepared(name, candidate, worker, row):
    """Have a candidate prepare a case; note its losses in the row; return {"seconds"} of a step.

    Or {"skipped"}, also where its losses are not those of the first candidate.
    """
    case = gpu_nets.CASES[name]
    answer = worker.ask(prepare=name)
    if "skipped" in answer:
        return answer
    figures = answer["figures"]
    off = difference(figures, next(iter(row["losses"].values()), figures))
    row["losses"][candidate], row["differences"][candidate] = figures, off
    row["prepared_s"][candidate] = round(answer["prepared_s"], 3)
    near = NEAR["fit" if case.samples else case.precision]
    if not off <= near:  # NaN is not near
        return {"skipped": f"{REFUSED}: it computes something else: {off:.1e} > {near}"}
    return worker.ask(steps=1 if case.samples else 2)


def left_out(candidate, case, options):
    """Return why a candidate has no turn in a case, "" if it has."""
    if candidate != COMPILED or options.compile_all:
        return ""
    if case.model:
        return "compiles for minutes: --compile-all"
    if options.compiled > options.compile_seconds:
        return f"its {options.compile_seconds:.0f} s of compiling are over: --compile-all"
    return ""


def row_of(name, found, gpus):
    """Return what the report says of a case: medians, floors, ratios asked for and reached.

    Args:
        name: of the case.
        found: what `measure` returned.
        gpus: {"measured": Gpu, "published": Gpu or None}.
    """
    case, floors = gpu_nets.CASES[name], {}
    for kind, gpu in gpus.items():
        floors[kind] = gpu_floors.floor(
            case.layers, case.shape, case.batch,
            training=case.training, precision=case.precision, gpu=gpu,
        )  # fmt: skip
        if case.samples and "seconds" in floors[kind]:
            floors[kind]["seconds"] *= case.samples / case.batch  # of an epoch
    medians = {name: statistics.median(times) for name, times in found["seconds"].items()}
    ratios = [
        {"ratio": f"{ours} / {theirs}", "reached": medians[ours] / medians[theirs], "asked": asked}
        for ours, theirs, asked in ASKED["large" if case.model else "small"]
        if ours in medians and theirs in medians
    ]
    if name in MOST and "dezero graph" in medians:
        entry = {"ratio": "dezero graph, seconds", "reached": medians["dezero graph"]}
        ratios.append(entry | {"asked": MOST[name]})
    unit = "epoch" if case.samples else "step" if case.training else "forward pass"
    return {
        "case": name,
        "unit": unit,
        "floors": floors,
        "medians_s": medians,
        "ratios": ratios,
    } | found


def show(row):
    """Print a row."""
    floor = row["floors"]["measured"]
    print(
        f"\n{row['case']}, {row['unit']}: floor {harness.show(floor['seconds'])}; "
        f"{floor['launches']} launches, {floor['bytes'] / 1e6:.2f} MB, "
        f"{floor['operations'] / 1e9:.3f} GFLOP"
    )
    for candidate, median in row["medians_s"].items():
        off = row["differences"][candidate]
        print(f"  {candidate:16} {harness.show(median):>12}   differs by {off:.1e}")
    for candidate, reason in row["skipped"].items():
        print(f"  {candidate:16} skipped: {reason}")
    for found in row["ratios"]:
        print(f"  {found['ratio']}: {found['reached']:.3g}, asked {found['asked']:.3g}")
    sys.stdout.flush()


def device_facts(device):
    """Return what is known of the device, and what it can do, seen and published."""
    from dezero import cuda

    facts = cuda.info() if device == "cuda" else {"GPU": "none was asked for"}
    if "reason" in facts:
        return facts, {}
    sizes = {} if device == "cuda" else {"count": 256, "numbers": 1 << 20}
    gpus = {"measured": gpu_floors.measured(gpu_checklist.Place(device), **sizes)}
    cuda.empty_cache()
    return facts, gpus | {"published": gpu_floors.published(facts.get("GPU 0", ""))}


def parse(arguments):
    parser = argparse.ArgumentParser(description="Training steps and forward passes on a GPU")
    parser.add_argument("--cases", help="comma-separated; all but the tiny ones by default")
    parser.add_argument("--only", help="comma-separated candidates; all by default")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--compile-all", action="store_true")
    parser.add_argument("--compile-seconds", type=float, default=90.0, help="for torch.compile")
    parser.add_argument("--budget", type=float, help="begin no case after so many seconds")
    parser.add_argument("--out", type=Path, default=harness.RESULTS / "gpu_training.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.set_defaults(compiled=0.0)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    if options.worker:
        return serve(options.worker, options.device)
    start = time.monotonic()
    facts, gpus = device_facts(options.device)
    if options.device == "cuda" and "reason" in facts:
        print(f"gpu_training: no GPU can be used: {facts['reason']}", file=sys.stderr)
        return 1
    chosen = [name for name in gpu_nets.CASES if not name.startswith("tiny")]
    names = options.cases.split(",") if options.cases else chosen
    candidates = options.only.split(",") if options.only else list(CANDIDATES)
    report = first_words(options, facts, gpus)
    workers = {name: Worker(name, options) for name in candidates}
    for name in names:
        if options.budget and time.monotonic() - start > options.budget:
            report["left_out"].append(name)
            continue
        report["rows"].append(row_of(name, measure(name, workers, options), gpus))
        show(report["rows"][-1])
        write(options.out, report)  # what is done stays, should the time end
    for worker in workers.values():
        worker.close()
    write(options.out, report)
    refused = [row["case"] for row in report["rows"] if REFUSED in str(row["skipped"])]
    for name in refused:
        print(f"{name}: somebody computes something else", file=sys.stderr)
    return 3 if refused else 0


def first_words(options, facts, gpus):
    """Return the report before there are rows."""
    return {
        "subject": "gpu_training",
        "date": datetime.date.today().isoformat(),
        "commit": harness.commit(),
        "device": options.device,
        "facts": facts,
        "gpus": {name: gpu and dataclasses.asdict(gpu) for name, gpu in gpus.items()},
        "python": platform.python_version(),
        "processor": harness.processor(),
        "versions": harness.versions(),
        "turns": options.turns,
        "left_out": [],
        "rows": [],
    }


def write(path, report):
    """Write the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

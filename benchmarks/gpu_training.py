"""Training steps and forward passes on a GPU beside torch, and beside what no one can go below.

python benchmarks/gpu_training.py [--cases "784-128-10 32,lenet 64"] [--only "torch eager,..."]

One process a candidate stays through all cases; in each they take turns: a turn is some steps
between two waits for the device. Without a GPU `--device cpu --cases tiny` tries the whole.
torch.compile compiles for minutes, so VGG16 and ResNet50 have it with `--compile-all` only.
"""

import argparse
import datetime
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import gpu_floors
import gpu_nets
import harness
from gpu_candidates import CANDIDATES, Impossible

TURNS, WARMUP, TURN_SECONDS = 7, 3, 0.05
ASKED = {  # issue 5: (candidate, of which, at most)
    "small": [("dezero graph", "torch graph", 1.0), ("dezero eager", "torch eager", 0.8)],
    "large": [("dezero eager", "torch eager", 1.1)],
}


class Worker:
    """The process of a candidate; a line in is a wish, a line out the answer."""

    def __init__(self, name, options):
        command = [sys.executable, __file__, "--worker", name, "--device", options.device]
        subject = harness.Subject("gpu", "", {}, {}, "")
        self.process = subprocess.Popen(
            command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=harness.environment(subject, name, options.threads),
        )  # fmt: skip

    def ask(self, **wish):
        """Return the answer to a wish."""
        try:
            self.process.stdin.write(json.dumps(wish) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        return json.loads(line) if line else {"skipped": "the process ended without an answer"}

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
                held = CANDIDATES[name](gpu_nets.CASES[wish["prepare"]], device)
                for _ in range(WARMUP):
                    held[0]()
                held[1]()
                answer = {"ready": True, "versions": harness.versions()}
            else:
                answer = {"seconds": timed(*held, wish["steps"])}
        except (Impossible, ImportError) as error:
            answer = {"skipped": str(error)}
        except Exception as error:  # of libraries that are measured, not of this program
            text = (str(error).strip().splitlines() or [""])[0]
            answer = {"skipped": f"it failed: {type(error).__name__}: {text[:300]}"}
        print(json.dumps(answer), file=answers, flush=True)


def timed(step, synchronise, steps):
    """Return the seconds of a step: the device is idle before the first and after the last."""
    synchronise()
    start = harness.clock()
    for _ in range(steps):
        step()
    synchronise()
    return (harness.clock() - start) / steps


def measure(name, workers, options):
    """Return ({candidate: [seconds]}, {candidate: why not}) of one case."""
    seconds, skipped, counts = {}, {}, {}
    for candidate, worker in workers.items():
        is_large = bool(gpu_nets.CASES[name].model)
        if candidate == "torch compile" and is_large and not options.compile_all:
            skipped[candidate] = "compiles for minutes: --compile-all"
            continue
        answer = worker.ask(prepare=name)
        if "ready" in answer:
            answer = worker.ask(steps=2)
        if "skipped" in answer:
            skipped[candidate] = answer["skipped"]
        else:
            counts[candidate] = max(2, min(2000, round(TURN_SECONDS / answer["seconds"])))
            seconds[candidate] = []
    for turn in range(options.turns + 1):
        for candidate, count in counts.items():
            if candidate in skipped:
                continue
            answer = workers[candidate].ask(steps=count)
            if "skipped" in answer:
                skipped[candidate] = answer["skipped"]
                seconds.pop(candidate)
            elif turn:  # the first turn warms up
                seconds[candidate].append(answer["seconds"])
    return seconds, skipped


def row_of(name, seconds, skipped, gpu):
    """Return what the report says of a case: medians, floor, ratios asked for and reached."""
    case = gpu_nets.CASES[name]
    floor = gpu_floors.floor(
        case.layers, case.shape, case.batch,
        training=case.training, precision=case.precision, gpu=gpu,
    )  # fmt: skip
    medians = {candidate: statistics.median(times) for candidate, times in seconds.items()}
    ratios = [
        {"ratio": f"{ours} / {theirs}", "reached": medians[ours] / medians[theirs], "asked": asked}
        for ours, theirs, asked in ASKED["large" if case.model else "small"]
        if ours in medians and theirs in medians
    ]
    return {
        "case": name, "floor": floor, "medians_s": medians, "ratios": ratios,
        "seconds": seconds, "skipped": skipped,
    }  # fmt: skip


def show(row):
    """Print a row."""
    floor = row["floor"]
    below = harness.show(floor["seconds"]) if "seconds" in floor else "unknown for this device"
    print(
        f"\n{row['case']}: floor {below}; {floor['launches']} launches, "
        f"{floor['bytes'] / 1e6:.2f} MB, {floor['operations'] / 1e9:.3f} GFLOP"
    )
    for candidate, median in row["medians_s"].items():
        print(f"  {candidate:16} {harness.show(median):>12}")
    for candidate, reason in row["skipped"].items():
        print(f"  {candidate:16} skipped: {reason}")
    for found in row["ratios"]:
        print(f"  {found['ratio']}: {found['reached']:.3f}, asked {found['asked']}")
    sys.stdout.flush()


def device_facts(device):
    """Return what is known of the device, and its published figures."""
    from dezero import cuda

    facts = cuda.info() if device == "cuda" else {"GPU": "none was asked for"}
    return facts, gpu_floors.published(facts.get("GPU 0", ""))


def parse(arguments):
    parser = argparse.ArgumentParser(description="Training steps and forward passes on a GPU")
    parser.add_argument("--cases", help="comma-separated; all but the tiny ones by default")
    parser.add_argument("--only", help="comma-separated candidates; all by default")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--compile-all", action="store_true")
    parser.add_argument("--budget", type=float, help="begin no case after so many seconds")
    parser.add_argument("--out", type=Path, default=harness.RESULTS / "gpu_training.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    if options.worker:
        return serve(options.worker, options.device)
    facts, gpu = device_facts(options.device)
    if options.device == "cuda" and "reason" in facts:
        print(f"gpu_training: no GPU can be used: {facts['reason']}", file=sys.stderr)
        return 1
    chosen = [name for name in gpu_nets.CASES if not name.startswith("tiny")]
    names = options.cases.split(",") if options.cases else chosen
    candidates = options.only.split(",") if options.only else list(CANDIDATES)
    report = {
        "subject": "gpu_training",
        "date": datetime.date.today().isoformat(),
        "device": options.device,
        "facts": facts,
        "python": platform.python_version(),
        "processor": harness.processor(),
        "versions": harness.versions(),
        "turns": options.turns,
        "left_out": [],
        "rows": [],
    }
    start = time.monotonic()
    workers = {name: Worker(name, options) for name in candidates}
    for name in names:
        if options.budget and time.monotonic() - start > options.budget:
            report["left_out"].append(name)
            continue
        report["rows"].append(row_of(name, *measure(name, workers, options), gpu))
        show(report["rows"][-1])
        write(options.out, report)  # what is done stays, should the time end
    for worker in workers.values():
        worker.close()
    write(options.out, report)
    return 0


def write(path, report):
    """Write the report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

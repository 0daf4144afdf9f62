"""All tests of this folder in a few processes, each of which may die without taking the rest along.

    python -m tests.gpu.parallel --gpu-report PATH [--jobs 6] [--seconds 200] [--gpu-double]

Most of the time kernels are compiled, some 1,200 of CuPy's own and all of ours, each on one core of
the host: processes share the work, and what one has compiled CuPy keeps for all. A process that
crashed, hung, or lost its GPU by an illegal address is followed by another, which goes on behind
the test that was running; that one counts as failed. What measures memory comes last and alone.
The report is written anew every few seconds. The exit status is 0 if nothing failed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.architecture import ROOT
from tests.gpu.report import NOW, summary

ALONE = ("test_captures.py", "test_memory.py")
ALONE_SHARE = 0.25  # of the time is kept for those
LIVES = 12  # processes one after another for one share


class Share:
    """One share of the tests, and the process that is at it.

    Args:
        path: of its own report.
        paths: files of tests.
        options: for pytest, which say the share.
        ends: when it is over, on time.monotonic's clock.
        hanging: seconds after which a test is taken for one that never ends.
    """

    def __init__(self, path, paths, options, *, ends, hanging):
        self.path, self.now = path, path.with_name(path.name + NOW)
        self.command = [
            sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider",
            "--gpu-report", str(path), "--gpu-resume", *options, *map(str, paths),
        ]  # fmt: skip
        self.ends, self.hanging, self.lives, self.is_over = ends, hanging, 0, False
        self.log = path.with_suffix(".log")
        self.begin()

    def begin(self):
        """Start a process; it leaves out what the report has already."""
        left = max(self.ends - time.monotonic(), 1)
        self.lives += 1
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*self.command, "--gpu-seconds", f"{left:.0f}"],
                cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.seen, self.since = "", time.monotonic()

    def look(self):
        """See whether the process goes on, is done, or needs a successor."""
        if self.is_over:
            return
        status = self.process.poll()
        if status is None:
            running = read(self.now)
            if running != self.seen:
                self.seen, self.since = running, time.monotonic()
            elif running and time.monotonic() - self.since > self.hanging:
                self.died(f"it hung for {self.hanging:.0f} s")
        elif status in (0, 1, 5):  # all tests ran and passed or not, or none was left
            self.is_over = True
        elif not self.now.exists():  # ended in order: the GPU was of no more use
            self.again()
        else:
            self.died(f"the process ended with status {status}")

    def died(self, reason):
        """Note the test that was running as failed, and go on behind it."""
        kill(self.process)
        test = read(self.now)
        self.now.unlink(missing_ok=True)
        report = self.report()
        if test:
            report["tests"][test] = {"outcome": "failed", "seconds": 0.0, "reason": reason}
            self.path.write_text(json.dumps(report), "utf-8")
        self.again()

    def again(self):
        """Start the next process, unless too many have ended or the time is over."""
        if self.lives < LIVES and time.monotonic() < self.ends:
            self.begin()
        else:
            self.is_over = True

    def report(self):
        """Return what the process has written so far."""
        text = read(self.path)
        return json.loads(text) if text else {"tests": {}, "kernels_launched": []}


def read(path):
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""


def kill(process):
    if process.poll() is None:
        process.kill()
        process.wait()


def merge(path, shares, is_double):
    """Write the report of all shares; return it."""
    tests, launched = {}, set()
    for share in shares:
        report = share.report()
        tests |= report["tests"]
        launched |= {*report["kernels_launched"]}
    content = summary(tests, launched, is_double)
    content["processes_that_died"] = sum(share.lives - 1 for share in shares)
    half = path.with_name(path.name + ".half")
    half.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    half.replace(path)
    return content


def watch(shares, path, ended, is_double):
    """Wait for all shares to end; the report is written meanwhile."""
    written = time.monotonic()
    while not all(share.is_over for share in shares):
        time.sleep(0.2)
        for share in shares:
            share.look()
        if time.monotonic() - written > 5:
            merge(path, [*ended, *shares], is_double)
            written = time.monotonic()


def files(folder, alone):
    return [f for f in sorted(folder.glob("test_*.py")) if (f.name in ALONE) == alone]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpu-report", type=Path, required=True)
    parser.add_argument("--gpu-double", action="store_true")
    parser.add_argument("--jobs", type=int, default=max(1, min(6, (os.cpu_count() or 2) // 2)))
    parser.add_argument("--seconds", type=float, default=200.0)
    parser.add_argument("--hanging", type=float, default=60.0, help="seconds in one test")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent)
    parser.add_argument("-k", dest="chosen", help="as pytest's")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    path, start = options.gpu_report.absolute(), time.monotonic()
    parts = path.with_suffix(".parts")
    parts.mkdir(parents=True, exist_ok=True)
    for old in parts.iterdir():
        old.unlink()
    given = ["--gpu-double"] if options.gpu_double else []
    given += ["-k", options.chosen] if options.chosen else []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end = start + options.seconds
    first, shares = files(options.folder, False), []
    alone = files(options.folder, True)
    try:
        for k in range(1, options.jobs + 1):
            ends = end - ALONE_SHARE * options.seconds if alone else end
            words = [*given, "--gpu-share", f"{k}/{options.jobs}"]
            new = Share(parts / f"{k}.json", first, words, ends=ends, hanging=options.hanging)
            shares.append(new)
        watch(shares, path, [], options.gpu_double)
        if alone:
            last = Share(parts / "alone.json", alone, given, ends=end, hanging=options.hanging)
            ended, shares = shares, [*shares, last]
            watch([last], path, ended, options.gpu_double)
    finally:
        for share in shares:
            kill(share.process)
        report = merge(path, shares, options.gpu_double)
    words = [f"{report[name]} {name}" for name in ("passed", "failed", "skipped")]
    print(f"{', '.join(words)} in {time.monotonic() - start:.0f} s: {path}")
    for name, test in report["tests"].items():
        if test["outcome"] == "failed":
            print(f"FAILED {name}: {(test['reason'].strip().splitlines() or [''])[-1][:200]}")
    return bool(report["failed"] or not report["passed"])


if __name__ == "__main__":
    sys.exit(main())

"""Questions that only a GPU answers: each item asks one, and one that fails stops no other.

python benchmarks/gpu_checklist.py [--out FOLDER] [--items products,epilogues]

Host time is what the host spends to hand work over, the device being behind; device time is of
work that is done. With `--device cpu` the items that can run on NumPy do, to try this program.
"""

import argparse
import itertools
import json
import sys
from pathlib import Path

import harness
import numpy as np


class Place:
    """Where arrays live, and how to wait for it."""

    def __init__(self, device):
        from dezero import cuda
        from dezero.backend import backends, kernels

        if device == "cuda":
            cuda.as_cupy(np.zeros(1))
        name = "cuda" if device == "cuda" else "numpy"
        self.backend = next(b for b in backends() if b.name == name)
        self.is_gpu, self.xp = device == "cuda", self.backend.xp
        self.kernels = kernels(self.xp.zeros(1))
        self.rng = np.random.default_rng(0)

    def synchronise(self):
        """Wait for the device."""
        if self.is_gpu:
            self.xp.cuda.runtime.deviceSynchronize()

    def draw(self, *shape, dtype="f4"):
        """Return normal numbers there."""
        return self.there(self.rng.standard_normal(shape).astype(dtype))

    def there(self, x):
        """Return a host array there."""
        return self.backend.from_host(x) if self.is_gpu else x

    def here(self, x):
        """Return an array as the host's."""
        return self.backend.to_host(x)

    def times(self, run, count=200):
        """Return {"host_us", "device_us"} of a call: handed over, and done."""
        count = count if self.is_gpu else 1
        for _ in range(3 if self.is_gpu else 0):
            run()
        self.synchronise()
        start = harness.clock()
        for _ in range(count):
            run()
        handed = harness.clock()
        self.synchronise()
        done = harness.clock()
        return {
            "host_us": 1e6 * (handed - start) / count,
            "device_us": 1e6 * (done - start) / count,
        }

    def needs_gpu(self):
        """Say that an item cannot be tried here."""
        if not self.is_gpu:
            raise NotImplementedError("needs a GPU")


def worst(found, expected):
    """Return the largest difference, as a share of the largest value."""
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-30))


def device(place, out):
    """What is here, and its memory."""
    from dezero import cuda

    return cuda.info() | ({"memory": cuda.memory_stats()} if place.is_gpu else {})


def cudnn_properties(place, out):
    """cuDNN's description of the device, to build plans where there is no GPU."""
    place.needs_gpu()
    import cudnn

    found = cudnn.create_device_properties(0).serialize()  # text or bytes, as the version has it
    written = found.encode() if isinstance(found, str) else bytes(found)
    (out / "cudnn_device_properties.json").write_bytes(written)
    return {"version": cudnn.backend_version(), "bytes": len(written)}


def products(place, out):
    """Our products of matrices beside the array module's own: time, agreement."""
    found = {}
    shapes = {"layer 1": (32, 784, 128), "layer 2": (32, 128, 10), "1024": (1024, 1024, 1024)}
    for (name, (m, k, n)), dtype in itertools.product(shapes.items(), ("f4", "f2", "f8")):
        if not place.is_gpu and (dtype == "f2" or m > 32):
            continue  # NumPy's product of float16 is slow
        a, b = place.draw(m, k, dtype=dtype), place.draw(k, n, dtype=dtype)
        wide = place.here(a).astype("f8") @ place.here(b).astype("f8")
        found[f"{name} {dtype}"] = {
            "ours": place.times(lambda a=a, b=b: place.kernels.matmul(a, b)),
            "theirs": place.times(lambda a=a, b=b: place.xp.matmul(a, b)),
            "worst": worst(place.here(place.kernels.matmul(a, b)), wide),
        }
    return found


def epilogues(place, out):
    """A layer in one launch beside its three steps; odd widths may have no algorithm."""
    from dezero import cuda

    found = {}
    for precision, n in itertools.product(("highest", "tf32"), (128, 100, 10, 1)):
        x, W, b = place.draw(32, 784), place.draw(784, n), place.draw(n)
        with cuda.matmul_precision(precision):

            def steps(x=x, W=W, b=b):
                return place.xp.maximum(place.kernels.matmul(x, W) + b, 0)

            def fused(x=x, W=W, b=b):
                return place.kernels.linear(x, W, b, True)

            found[f"{precision} {n}"] = {
                "fused": place.times(fused),
                "steps": place.times(steps),
                "worst": worst(place.here(fused()), place.here(steps())),
            }
    return found


def convolutions(place, out):
    """The path that is chosen beside columns and a product, for usual first and later layers."""
    from dezero import cuda
    from dezero.backend.window import Window

    layers = {"C=1": (32, 28, 1, 32), "C=3": (32, 64, 3, 32), "later": (32, 28, 64, 64)}
    found = {}
    for (name, (count, size, ins, outs)), precision in itertools.product(
        layers.items(), ("highest", "tf32")
    ):
        window = Window((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
        x, W = place.draw(count, size, size, ins), place.draw(3, 3, ins, outs)
        gy = place.draw(count, size, size, outs)
        rooms = {"chosen": place.kernels}
        if place.is_gpu:
            from dezero.backend.cupy import kernels_convolution

            rooms["columns"] = kernels_convolution
        for layout in ("NHWC", "NCHW"):
            given = [in_memory(place, a, layout) for a in (x, gy)]
            with cuda.matmul_precision(precision):
                found[f"{name} {layout} {precision}"] = compared(place, rooms, (*given, W), window)
    return found


def in_memory(place, x, layout):
    """Return pictures (N, H, W, C) whose memory is of that order."""
    if layout == "NHWC":
        return x
    return place.xp.ascontiguousarray(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)


def compared(place, rooms, arrays, window):
    """Return times of all three products of a convolution in each room, and how they differ."""
    x, gy, W = arrays
    found, first = {}, {}
    for room, kernels in rooms.items():
        runs = {
            "fprop": lambda k=kernels: k.convolve(x, W, None, window),
            "wgrad": lambda k=kernels: k.convolve_gradient_w(x, gy, window),
            "dgrad": lambda k=kernels: k.convolve_gradient_x(gy, W, window, x.shape[1:3]),
        }
        for kind, run in runs.items():
            y = place.here(run())
            times = place.times(run, 50)
            found[f"{room} {kind}"] = times | {"worst": worst(y, first.setdefault(kind, y))}
    return found


def step_of_a_network(place, layers):
    """Return a step of training on a batch there."""
    from dezero import functions as F
    from dezero.models import Sequential
    from dezero.optimizers import Adam

    model = Sequential(layers)
    if place.is_gpu:
        model.to_gpu()
    optimizer = Adam().setup(model)

    def step(x, t):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        return loss

    return step


def captures(place, out):
    """What can be captured: a product of ours, CuPy's, a dense and a convolutional step; replay."""
    place.needs_gpu()
    from dezero import cuda
    from dezero import functions as F
    from dezero import layers as L

    a = place.draw(32, 32)
    t = place.there(place.rng.integers(0, 10, 32))
    dense = step_of_a_network(place, [L.Linear(128), F.relu, L.Linear(10)])
    conv = step_of_a_network(place, [L.Conv2d(8, 3), F.relu, L.Flatten(), L.Linear(10)])
    tries = {
        "our product": (lambda a: place.kernels.matmul(a, a), (a,)),
        "their product": (lambda a: place.xp.matmul(a, a), (a,)),
        "their sum": (lambda a: a.sum(axis=0), (a,)),
        "dense step": (dense, (place.draw(32, 784), t)),
        "convolutional step": (conv, (place.draw(32, 3, 16, 16), t)),
    }
    found = {}
    for name, (function, arguments) in tries.items():
        eager = place.times(lambda f=function, a=arguments: f(*a))
        step = cuda.graph(function, 1)
        for _ in range(4):
            step(*arguments)
        replayed = place.times(lambda s=step, a=arguments: s(*a))
        found[name] = {"captured": step.captured, "reason": step.reason}
        found[name] |= {"eager": eager, "replayed": replayed, "memory": cuda.memory_stats()}
    return found


ITEMS = {
    "device": device,
    "cudnn_properties": cudnn_properties,
    "products": products,
    "epilogues": epilogues,
    "convolutions": convolutions,
    "captures": captures,
}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--items", help="comma-separated; all by default")
    parser.add_argument("--out", type=Path, default=harness.RESULTS / "gpu")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        place = Place(options.device)
    except RuntimeError as error:
        print(f"gpu_checklist: {error}", file=sys.stderr)
        return 1
    report, path = {}, options.out / "checklist.json"
    for name in options.items.split(",") if options.items else ITEMS:
        try:
            report[name] = ITEMS[name](place, options.out)
        except Exception as error:  # the answer to this question; the others are still open
            report[name] = {"failed": f"{type(error).__name__}: {error}"}
        print(f"{name}: {json.dumps(report[name], default=str)}", flush=True)
        path.write_text(json.dumps(report, indent=1, default=str) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What no library can go below on a GPU: operations over peak, bytes over bandwidth, launches.

A floor is computed, not measured: from the network's sizes and what the machine was seen to do in
a large copy and large products, or the figures that NVIDIA publishes.
"""

import dataclasses
import math
import re
import time

WORD = {"fp32": 4, "tf32": 4, "fp16": 2}  # bytes of an activation


@dataclasses.dataclass(frozen=True)
class Gpu:
    """What a GPU can do: bytes and operations per second, of dense matrices."""

    bandwidth: float
    fp32: float
    tf32: float
    fp16: float
    source: str


HALF = "its figures of tensor cores are given with sparsity; half of them are dense"
# By words of the name that the driver gives; the first that fits. A second opinion only: what the
# machine itself was seen to do counts, see `measured`.
GPUS = {
    "H200 NVL": Gpu(4.8e12, 60e12, 417.5e12, 835.5e12, f"NVIDIA H200 data sheet, NVL; {HALF}"),
    "H200": Gpu(4.8e12, 67e12, 494.7e12, 989.4e12, f"NVIDIA H200 data sheet, SXM; {HALF}"),
    "H100 PCIe": Gpu(2.0e12, 51e12, 378e12, 756.5e12, f"NVIDIA H100 data sheet, PCIe; {HALF}"),
    "H100 NVL": Gpu(3.9e12, 60e12, 417.5e12, 835.5e12, f"NVIDIA H100 data sheet, NVL; {HALF}"),
    "H100 HBM3": Gpu(3.35e12, 67e12, 494.7e12, 989.4e12, f"NVIDIA H100 data sheet, SXM; {HALF}"),
    "A100 40GB": Gpu(1.555e12, 19.5e12, 156e12, 312e12, "NVIDIA A100 data sheet, 40 GB, dense"),
    "A100 PCIe": Gpu(1.935e12, 19.5e12, 156e12, 312e12, "NVIDIA A100 data sheet, PCIe, dense"),
    "A100 SXM4": Gpu(2.039e12, 19.5e12, 156e12, 312e12, "NVIDIA A100 data sheet, SXM, dense"),
    "L4": Gpu(0.3e12, 30.3e12, 60e12, 121e12, f"NVIDIA L4 data sheet; {HALF}"),
    "RTX 4090": Gpu(
        1.008e12, 82.6e12, 82.6e12, 165.2e12,
        "NVIDIA Ada GPU architecture, appendix on the RTX 4090: dense, sums in float32",
    ),
}  # fmt: skip
# "Getting Started with CUDA Graphs" (NVIDIA, 2019, V100): a kernel of 2.9 us takes 3.4 in a graph
# and 3.8 by itself, its launch hidden behind the one before.
LAUNCH = {"graph": 0.5e-6, "eager": 0.9e-6}


@dataclasses.dataclass(frozen=True)
class Op:
    """A product of one sample: multiplications, and numbers of weights, inputs and outputs."""

    multiplies: int
    weights: int
    ins: int
    outs: int


def published(name):
    """Return the figures of a GPU by the name its driver gives it, None if they are not here."""
    found = {word.lower() for word in re.findall(r"\w+", name)}
    for key, gpu in GPUS.items():
        if {word.lower() for word in key.split()} <= found and "laptop" not in found:
            return gpu
    return None


def measured(place, *, count=8192, numbers=1 << 28):
    """Return what the machine itself was seen to do: a large copy, large products of matrices.

    Args:
        place: where arrays live, see `gpu_checklist.Place`.
        count: rows and columns of the matrices.
        numbers: float32 numbers of the copy.
    """
    from dezero import cuda

    def best(run, tries=5):
        run()
        place.synchronise()
        found = math.inf
        for _ in range(tries):
            start = time.perf_counter()
            run()
            place.synchronise()
            found = min(found, time.perf_counter() - start)
        return found

    pair = [place.xp.ones(numbers, "f4"), place.xp.zeros(numbers, "f4")]
    bandwidth = 2 * pair[0].nbytes / best(lambda: pair[1].__setitem__(..., pair[0]))
    pair.clear()  # their memory is free for the matrices
    drawn, rates = place.draw(count, count), {}
    for name, dtype, precision in (
        ("fp32", "f4", "highest"), ("tf32", "f4", "tf32"), ("fp16", "f2", "highest"),
    ):  # fmt: skip
        if not place.is_gpu and name != "fp32":  # the host has but one way
            rates[name] = rates["fp32"]
            continue
        a = drawn.astype(dtype)
        with cuda.matmul_precision(precision):
            rates[name] = 2 * count**3 / best(lambda a=a: place.kernels.matmul(a, a))
    return Gpu(bandwidth, **rates, source=f"seen here: a copy, products of {count} x {count}")


def products(layers, shape):
    """Return the products of a network, and the shape it ends with.

    Args:
        layers: tuples ("dense", outs), ("conv", outs, kernel, stride, pad), ("pool", size, stride,
            pad), ("flatten",), ("mean",), ("both", layers, layers) for branches that are added;
            others change no shape and count as part of the product before them.
        shape: (features,) or (channels, height, width) of a sample.
    """
    found = []
    for kind, *sizes in layers:
        if kind == "dense":
            (outs,) = sizes
            found.append(Op(shape[0] * outs, shape[0] * outs + outs, shape[0], outs))
            shape = (outs,)
        elif kind == "conv":
            outs, kernel, stride, pad = sizes
            out = (outs, *((n + 2 * pad - kernel) // stride + 1 for n in shape[1:]))
            weights = outs * shape[0] * kernel**2
            count = weights * out[1] * out[2]
            found.append(Op(count, weights + outs, math.prod(shape), math.prod(out)))
            shape = out
        elif kind == "pool":
            size, stride, pad = sizes
            shape = (shape[0], *((n + 2 * pad - size) // stride + 1 for n in shape[1:]))
        elif kind == "flatten":
            shape = (math.prod(shape),)
        elif kind == "mean":
            shape = shape[:1]
        elif kind == "both":
            branches = [products(branch, shape) for branch in sizes]
            found += [op for ops, _ in branches for op in ops]
            shape = branches[0][1]
    return found, shape


def floor(layers, shape, batch, *, training, precision, gpu):
    """Return {"launches", "bytes", "operations", "seconds"...} below which no step goes.

    Two operations a multiplication; a step of training has three products for each of the forward
    pass, but two for the first, whose input needs no gradient. Bytes: what a product reads and
    writes once, everything between products being part of them; in training also the seven words
    of Adam for each weight. Launches: one a product, one for the loss and one for the optimizer.

    Args:
        layers, shape: as in `products`.
        batch: samples.
        training: a step of training; else the forward pass.
        precision: "fp32", "tf32" or "fp16".
        gpu: a Gpu, or None: then no seconds.
    """
    ops, _ = products(layers, shape)
    word = WORD[precision]
    weights = sum(op.weights for op in ops)
    moved = [word * (batch * (op.ins + op.outs) + op.weights) for op in ops]
    multiplies = [batch * op.multiplies for op in ops]
    launches, operations, total = len(ops), 2 * sum(multiplies), sum(moved)
    if training:
        launches, operations, total = 3 * launches + 1, 3 * operations, 3 * total + 28 * weights
        operations -= 2 * multiplies[0]
        total -= moved[0]
    found = {"launches": launches, "bytes": total, "operations": operations}
    if gpu is not None:
        found["by_launches_s"] = launches * LAUNCH["graph"]
        found["by_bytes_s"] = total / gpu.bandwidth
        found["by_operations_s"] = operations / getattr(gpu, precision)
        found["seconds"] = max(value for key, value in found.items() if key.endswith("_s"))
    return found

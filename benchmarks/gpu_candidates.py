"""Who takes part in `gpu_training.py`: each prepares a case, and does its work once a call.

On both sides: the same weights to begin with, batches or the whole data on the device, Adam of one
rate, TF32 set explicitly for products and convolutions, fp16 by autocast without a loss scale,
which would cost both the same. torch has its fused Adam.

A candidate has `once()`, which works and returns a loss or an output on the device, `figures(y)`,
which reads that, `drop(share)` and `synchronise()`.
"""

import contextlib
import itertools

import gpu_nets
import numpy as np

WARMUP = 3  # steps before a capture, each a real one


class Impossible(Exception):
    """Why a candidate cannot do a case here."""


_kept = {}


def kept(case, kind, make):
    """Return the model that `make` makes; a published network is made once for all its cases."""
    if not case.model:
        return make()
    key = kind, case.model
    if key not in _kept:
        _kept[key] = make()
    return _kept[key]


class Torch:
    """torch on a device, its step as it is."""

    steps_per_call = 1

    def __init__(self, case, device):
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise Impossible("this torch finds no GPU")
        self.torch, self.case, self.device = torch, case, device
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = case.precision == "tf32"
        torch.backends.cudnn.allow_tf32 = case.precision == "tf32"
        torch.backends.cudnn.benchmark = True
        self.batches = [self.there(b) for b in case.batches()]
        self.model = kept(case, type(self), lambda: gpu_nets.in_torch(case).to(device))
        with torch.no_grad():
            self.model(self.batches[0][0][:2])
        gpu_nets.fill_torch(self.model, case.gain)
        self.model.train(case.training)
        self.loss = torch.nn.functional.cross_entropy
        self.turn = itertools.cycle(self.batches)
        self.prepare()

    def there(self, arrays):
        """Return NumPy's arrays as tensors of the device."""
        return [self.torch.from_numpy(a).to(self.device) for a in arrays]

    def prepare(self):
        """Make the step."""
        self.step = self.step_of(self.adam())

    def precision(self):
        """Return the context of the case's precision."""
        if self.case.precision != "fp16":
            return contextlib.nullcontext()
        return self.torch.autocast(self.device, self.torch.float16)

    def drop(self, share):
        """Drop so much from now on: nothing while losses are compared."""
        for module in self.model.modules():
            if isinstance(module, self.torch.nn.Dropout):
                module.p = share

    def adam(self, **options):
        """Return the optimizer."""
        fused = {"fused": True} if self.device == "cuda" else {}
        params = self.model.parameters()
        return self.torch.optim.Adam(params, lr=self.case.lr, **fused, **options)

    def synchronise(self):
        """Wait for the device."""
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def step_of(self, optimizer, model=None):
        """Return the function of a batch that does the work."""
        model, torch = model or self.model, self.torch

        def train(x, t):
            with self.precision():
                loss = self.loss(model(x), t)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            return loss.detach()

        def forward(x, t):
            with torch.no_grad(), self.precision():
                return model(x)

        return train if self.case.training else forward

    def once(self):
        """Do the work for the next batch."""
        return self.step(*next(self.turn))

    def figures(self, y):
        """Return numbers that tell whether others computed the same."""
        return described(y.float().cpu().numpy())


class TorchCompiled(Torch):
    """The model compiled; its graphs need fresh marks."""

    def prepare(self):
        """Compile."""
        if self.device != "cuda":
            raise Impossible("reduce-overhead is CUDA graphs, which need a GPU")
        model = self.torch.compile(self.model, mode="reduce-overhead")
        self.step = self.step_of(self.adam(), model)

    def once(self):
        """Do the work for the next batch."""
        self.torch.compiler.cudagraph_mark_step_begin()
        return self.step(*next(self.turn))


class TorchGraph(Torch):
    """The whole step as one CUDA graph, as torch's documentation captures it."""

    def prepare(self):
        """Make the step and where it finds its batch."""
        if self.device != "cuda":
            raise Impossible("torch.cuda.graph needs a GPU")
        self.step = self.step_of(self.adam(capturable=True))
        self.static = [a.clone() for a in self.batches[0]]
        self.aside, self.graph, self.done = self.torch.cuda.Stream(), None, 0

    def drop(self, share):
        """Drop so much from now on, and capture anew."""
        self.graph, self.done = None, 0
        super().drop(share)

    def once(self):
        """Work for the next batch: first aside, then captured, then replayed."""
        cuda = self.torch.cuda
        for held, new in zip(self.static, next(self.turn), strict=True):
            held.copy_(new)
        if self.graph is None and self.done < WARMUP:
            self.done += 1
            self.aside.wait_stream(cuda.current_stream())
            with cuda.stream(self.aside):
                y = self.step(*self.static)
            cuda.current_stream().wait_stream(self.aside)
            return y
        if self.graph is None:
            self.graph = cuda.CUDAGraph()
            with cuda.graph(self.graph):
                self.result = self.step(*self.static)
        self.graph.replay()
        return self.result


class TorchLoop(Torch):
    """An epoch as one writes it in torch, all data on the device."""

    def prepare(self):
        """Bring the data there."""
        super().prepare()
        self.data = self.there(self.case.data())

    def once(self):
        """Train for an epoch; return its mean loss."""
        torch, size = self.torch, self.case.batch
        order = torch.randperm(self.case.samples, device=self.device)
        x, t = self.data
        total = torch.zeros((), device=self.device)
        for start in range(0, self.case.samples, size):
            chosen = order[start : start + size]
            total += self.step(x[chosen], t[chosen]) * len(chosen)
        return total / self.case.samples


class Dezero:
    """dezero on a device, its step as it is."""

    steps_per_call = 1

    def __init__(self, case, device):
        import dezero
        from dezero import cuda
        from dezero.optimizers import Adam

        if device == "cuda" and not cuda.available():
            raise Impossible(cuda.why_unavailable())
        dezero.seed(0)
        self.case, self.device = case, device
        batches = case.batches()

        def make():
            model = gpu_nets.in_dezero(case)
            with dezero.no_grad(), dezero.test_mode():
                model(batches[0][0][:1])
            return model

        self.model = kept(case, type(self), make)
        if device == "cuda":
            self.model.to_gpu()
        gpu_nets.fill_dezero(self.model, case.gain, lambda a: self.there([a])[0])
        self.batches = [self.there(batch) for batch in batches]
        cuda.matmul_precision("tf32" if case.precision == "tf32" else "highest")
        self.optimizer = Adam(case.lr)
        self.turn = itertools.cycle(self.batches)
        self.prepare()

    def there(self, arrays):
        """Return NumPy's arrays as those of the device."""
        from dezero import cuda

        return [cuda.as_cupy(a) for a in arrays] if self.device == "cuda" else list(arrays)

    def prepare(self):
        """Make the step."""
        self.step = self.step_of()

    def precision(self):
        """Return the context of the case's precision."""
        from dezero import cuda

        half = self.case.precision == "fp16"
        return cuda.autocast("float16") if half else contextlib.nullcontext()

    def drop(self, share):
        """Drop so much from now on: nothing while losses are compared."""
        for _, layer in self.model.named_layers():
            if hasattr(layer, "dropout_ratio"):
                layer.dropout_ratio = share
        if hasattr(self.model, "dropout"):  # VGG16
            self.model.dropout = share
        if hasattr(self.step, "reset"):
            self.step.reset()

    def synchronise(self):
        """Wait for the device."""
        if self.device == "cuda":
            from dezero import cuda

            cuda.cupy.cuda.runtime.deviceSynchronize()

    def step_of(self):
        """Return the function of a batch that does the work."""
        import dezero
        from dezero import functions as F

        model, optimizer = self.model, self.optimizer.setup(self.model)

        def train(x, t):
            with self.precision():
                loss = F.softmax_cross_entropy(model(x), t)
                model.cleargrads()
                loss.backward()
            optimizer.update()
            return loss

        def forward(x, t):
            with dezero.no_grad(), dezero.test_mode(), self.precision():
                return model(x)

        return train if self.case.training else forward

    def once(self):
        """Do the work for the next batch."""
        return self.step(*next(self.turn))

    def figures(self, y):
        """Return numbers that tell whether others computed the same."""
        from dezero import cuda

        return described(cuda.as_numpy(y))


class DezeroGraph(Dezero):
    """The step captured by dezero.cuda.graph; an error if it cannot be."""

    def prepare(self):
        """Have it captured at its fourth call."""
        from dezero import cuda

        if self.device != "cuda":
            raise Impossible("dezero.cuda.graph needs a GPU")
        self.step = cuda.graph(self.step_of(), WARMUP, required=True)


class DezeroUnrolled(Dezero):
    """Several steps in one launch: sixteen, while losses are compared four."""

    counts = 4, 16

    def prepare(self):
        """Have them captured at the second call."""
        if self.device != "cuda":
            raise Impossible("dezero.cuda.graph needs a GPU")
        if self.case.model or not self.case.training:
            raise Impossible("takes part in steps of small networks alone")
        self.choose(self.counts[0])

    def choose(self, count):
        """Make so many steps in each call from now on."""
        from dezero import cuda

        xp, turn = cuda.get_array_module(self.batches[0][0]), itertools.cycle(self.batches)
        chosen = [next(turn) for _ in range(count)]
        self.stacked = [xp.stack(part) for part in zip(*chosen, strict=True)]
        self.step = cuda.graph(self.step_of(), 1, unroll=count, required=True)
        self.steps_per_call = count

    def drop(self, share):
        """Drop so much from now on, and make as many steps a call as are to be timed."""
        super().drop(share)
        if share:
            self.choose(self.counts[1])

    def once(self):
        """Do the work for the next batches; return the list of their losses."""
        return self.step(*self.stacked)


class DezeroFit(Dezero):
    """An epoch by fit, the data on the device."""

    jit = False
    step, steps_per_execution = None, 1

    def prepare(self):
        """Compile, and bring the data there."""
        options = {"steps_per_execution": self.steps_per_execution}
        self.model.compile(self.optimizer, "softmax_cross_entropy", **options)
        self.data = self.there(self.case.data())

    def once(self):
        """Train for an epoch; return its mean loss."""
        options = {"batch_size": self.case.batch, "verbose": 0, "jit": self.jit}
        return np.array(self.model.fit(*self.data, epochs=1, **options).history["loss"][-1])


class DezeroFitGraph(DezeroFit):
    """The same with captured steps."""

    jit = True

    def prepare(self):
        """As it is, where there is a GPU."""
        if self.device != "cuda":
            raise Impossible("fit(jit=True) needs a GPU")
        super().prepare()


class DezeroFitUnrolled(DezeroFitGraph):
    """The same with sixteen steps in one launch."""

    steps_per_execution = 16


def described(y):
    """Return numbers that stand for an array: itself if it is one, else its size and corners."""
    y = np.asarray(y, "f8")
    if y.size == 1:
        return [float(y.item())]
    return [float(np.abs(y).mean()), float(y.flat[0]), float(y.flat[-1])]


def by_kind(step, fit=None):
    """Return what makes a candidate, for cases of steps and of epochs."""

    def make(case, device):
        kind = fit if case.samples else step
        if kind is None:
            raise Impossible("takes part in " + ("steps" if case.samples else "epochs") + " alone")
        return kind(case, device)

    return make


CANDIDATES = {
    "torch eager": by_kind(Torch, TorchLoop),
    "torch compile": by_kind(TorchCompiled),
    "torch graph": by_kind(TorchGraph),
    "dezero eager": by_kind(Dezero, DezeroFit),
    "dezero graph": by_kind(DezeroGraph, DezeroFitGraph),
    "dezero unrolled": by_kind(DezeroUnrolled, DezeroFitUnrolled),
    "dezero cpu": by_kind(None, lambda case, device: DezeroFit(case, "cpu")),
}

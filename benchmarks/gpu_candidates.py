"""Who takes part in `gpu_training.py`: each prepares a case and returns (step, synchronise).

On both sides: batches lie on the device, Adam, TF32 set explicitly, fp16 by autocast without a loss
scale, which would cost both the same. torch has its fused Adam.
"""

import contextlib
import itertools

import gpu_nets


class Impossible(Exception):
    """Why a candidate cannot do a case here."""


def no_step():
    """Do nothing: there is no device to wait for."""


class Torch:
    """torch on a device: the model, its batches, and one step."""

    def __init__(self, case, device):
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise Impossible("this torch finds no GPU")
        self.torch, self.case, self.device = torch, case, device
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = case.precision == "tf32"
        torch.backends.cudnn.allow_tf32 = case.precision == "tf32"
        torch.backends.cudnn.benchmark = True
        self.batches = [[torch.from_numpy(a).to(device) for a in b] for b in case.batches()]
        self.model = gpu_nets.in_torch(case).to(device)
        with torch.no_grad():
            self.model(self.batches[0][0])
        self.model.train(case.training)
        self.loss = torch.nn.functional.cross_entropy
        self.turn = itertools.cycle(self.batches)

    def precision(self):
        """Return the context of the case's precision."""
        if self.case.precision != "fp16":
            return contextlib.nullcontext()
        return self.torch.autocast(self.device, self.torch.float16)

    def adam(self, **options):
        """Return the optimizer."""
        fused = {"fused": True} if self.device == "cuda" else {}
        return self.torch.optim.Adam(self.model.parameters(), **fused, **options)

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
            return loss

        def forward(x, t):
            with torch.no_grad(), self.precision():
                return model(x)

        return train if self.case.training else forward

    def eager(self):
        """Return the step as it is."""
        step = self.step_of(self.adam())
        return lambda: step(*next(self.turn)), self.synchronise

    def compiled(self):
        """Return the step with the model compiled; its graphs need fresh marks."""
        if self.device != "cuda":
            raise Impossible("reduce-overhead is CUDA graphs, which need a GPU")
        model = self.torch.compile(self.model, mode="reduce-overhead")
        step = self.step_of(self.adam(), model)

        def once():
            self.torch.compiler.cudagraph_mark_step_begin()
            step(*next(self.turn))

        return once, self.synchronise

    def captured(self):
        """Return the replay of the whole step, as torch's documentation captures it."""
        if self.device != "cuda":
            raise Impossible("torch.cuda.graph needs a GPU")
        torch = self.torch
        step = self.step_of(self.adam(capturable=True))
        static = [a.clone() for a in self.batches[0]]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                step(*static)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step(*static)

        def once():
            for held, new in zip(static, next(self.turn), strict=True):
                held.copy_(new)
            graph.replay()

        return once, self.synchronise


class Dezero:
    """dezero on a device."""

    def __init__(self, case, device):
        from dezero import cuda, seed
        from dezero.optimizers import Adam

        if device == "cuda" and not cuda.available():
            raise Impossible(cuda.why_unavailable())
        seed(0)
        self.case, self.device = case, device
        self.model = gpu_nets.in_dezero(case)
        self.batches = case.batches()
        if device == "cuda":
            self.model.to_gpu()
            self.batches = [[cuda.as_cupy(a) for a in batch] for batch in self.batches]
        cuda.matmul_precision("tf32" if case.precision == "tf32" else "highest")
        self.optimizer = Adam().setup(self.model)
        self.turn = itertools.cycle(self.batches)

    def precision(self):
        """Return the context of the case's precision."""
        from dezero import cuda

        half = self.case.precision == "fp16"
        return cuda.autocast("float16") if half else contextlib.nullcontext()

    def synchronise(self):
        """Wait for the device."""
        if self.device == "cuda":
            from dezero import cuda

            cuda.cupy.cuda.runtime.deviceSynchronize()

    def step(self):
        """Return the function of a batch that does the work."""
        import dezero
        from dezero import functions as F

        model, optimizer = self.model, self.optimizer

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

    def eager(self):
        """Return the step as it is."""
        step = self.step()
        return lambda: step(*next(self.turn)), self.synchronise

    def captured(self):
        """Return the step captured by dezero.cuda.graph, an error if it cannot be."""
        from dezero import cuda

        if self.device != "cuda":
            raise Impossible("dezero.cuda.graph needs a GPU")
        step = cuda.graph(self.step(), warmup=3, required=True)
        for _ in range(5):
            step(*next(self.turn))
        return lambda: step(*next(self.turn)), self.synchronise


CANDIDATES = {
    "torch eager": lambda *given: Torch(*given).eager(),
    "torch compile": lambda *given: Torch(*given).compiled(),
    "torch graph": lambda *given: Torch(*given).captured(),
    "dezero eager": lambda *given: Dezero(*given).eager(),
    "dezero graph": lambda *given: Dezero(*given).captured(),
}

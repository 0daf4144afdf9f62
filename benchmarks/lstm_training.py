"""Train an LSTM on sine curves by truncated back-propagation, step by step and over sequences.

Hidden size 100, batch 30, the squared errors of 30 times summed, Adam; the state goes on from one
stretch to the next. One run is 100 stretches.

python benchmarks/lstm_training.py [--quick] [--only "torch eager,dezero"]
"""

import dataclasses

import harness
import numpy as np


@dataclasses.dataclass(frozen=True)
class Case:
    hidden: int = 100
    batch: int = 30
    times: int = 30
    stretches: int = 100

    def waves(self):
        """(times, batch, 1) for each stretch, and the same one time later."""
        rng = np.random.default_rng(0)
        count = self.times * self.stretches
        phase = np.linspace(0, 2 * np.pi, self.batch, endpoint=False)
        wave = np.sin(np.arange(count + 1)[:, None] * 0.1 + phase)
        wave += 0.05 * rng.standard_normal(wave.shape)
        wave = wave.astype(np.float32)[..., None]
        for start in range(0, count, self.times):
            stop = start + self.times
            yield wave[start:stop], wave[start + 1 : stop + 1]


def torch_step(case):
    """The book's loop with torch: one LSTMCell call per time."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(0)
    cell, head = nn.LSTMCell(1, case.hidden), nn.Linear(case.hidden, 1)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()])
    data = [tuple(torch.from_numpy(a.copy()) for a in pair) for pair in case.waves()]

    def epoch():
        h = c = torch.zeros(case.batch, case.hidden)
        for xs, ts in data:
            h, c, loss = h.detach(), c.detach(), 0
            for x, t in zip(xs, ts, strict=True):
                h, c = cell(x, (h, c))
                loss = loss + F.mse_loss(head(h), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def torch_sequence(case):
    """torch.nn.LSTM over each stretch as a whole."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(0)
    cell, head = nn.LSTM(1, case.hidden), nn.Linear(case.hidden, 1)
    optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()])
    data = [tuple(torch.from_numpy(a.copy()) for a in pair) for pair in case.waves()]

    def epoch():
        state = torch.zeros(1, case.batch, case.hidden), torch.zeros(1, case.batch, case.hidden)
        for xs, ts in data:
            hs, state = cell(xs, tuple(s.detach() for s in state))
            loss = F.mse_loss(head(hs), ts) * case.times
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def network(case, **options):
    from dezero import layers as L
    from dezero.models import Model

    class Sine(Model):
        def __init__(self):
            super().__init__()
            self.rnn = L.LSTM(case.hidden, **options)
            self.fc = L.Linear(1)

        def forward(self, x):
            return self.fc(self.rnn(x))

    return Sine()


def step(case):
    """The book's loop."""
    from dezero import functions as F
    from dezero.optimizers import Adam

    model = network(case)
    optimizer = Adam().setup(model)
    data = list(case.waves())

    def epoch():
        model.reset_state()
        for xs, ts in data:
            loss = 0
            for x, t in zip(xs, ts, strict=True):
                loss = loss + F.mean_squared_error(model(x), t)
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()
            optimizer.update()

    return epoch


def sequence(case):
    """The same layer over each stretch as a whole."""
    from dezero import functions as F
    from dezero.optimizers import Adam

    model = network(case, return_sequences=True, stateful=True)
    optimizer = Adam().setup(model)
    data = [tuple(a.swapaxes(0, 1) for a in pair) for pair in case.waves()]

    def epoch():
        model.reset_state()
        for xs, ts in data:
            y = model(xs)
            # The book's error divides by the samples alone: this is the sum over the times.
            loss = F.mean_squared_error(y, ts)
            model.cleargrads()
            loss.backward()
            optimizer.update()

    return epoch


def with_numba(candidate):
    def prepared(case):
        import numba  # noqa: F401  (left out of the table where the extra is not installed)

        return candidate(case)

    return prepared


CANDIDATES = {
    "torch eager": torch_step,
    "torch LSTM": torch_sequence,
    "dezero": step,
    "dezero numba": with_numba(step),
    "dezero sequence": sequence,
    "dezero sequence numba": with_numba(sequence),
}
SUBJECT = harness.Subject(
    name="lstm_training",
    title="100 stretches of truncated back-propagation in seconds",
    cases={"lstm100": Case()},
    candidates=CANDIDATES,
    reference="torch eager",
    environment={
        name: {"DEZERO_KERNELS": "numba" if "numba" in name else "numpy"}
        for name in CANDIDATES
        if name.startswith("dezero")
    },
    limits={("lstm100", "dezero"): 1.0, ("lstm100", "dezero numba"): 0.8},
)

if __name__ == "__main__":
    harness.main(SUBJECT)

"""A noisy sine, sample by sample: truncated back-propagation with one running loss."""

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Model

max_epoch = 2
bptt_length = 30

train_set = dezero.datasets.SinCurve(train=True)
seqlen = len(train_set)


class SimpleRNN(Model):
    def __init__(self, hidden_size, out_size):
        super().__init__()
        self.rnn = L.RNN(hidden_size)
        self.fc = L.Linear(out_size)

    def reset_state(self):
        self.rnn.reset_state()

    def __call__(self, x):
        return self.fc(self.rnn(x))


model = SimpleRNN(10, 1)
optimizer = dezero.optimizers.Adam().setup(model)
losses = []

for _ in range(max_epoch):
    model.reset_state()
    loss, count = 0, 0
    for x, t in train_set:
        y = model(x.reshape(1, 1))
        loss += F.mean_squared_error(y, t)
        count += 1
        if count % bptt_length == 0 or count == seqlen:
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()
            optimizer.update()
    losses.append(float(loss.data) / count)

model.reset_state()
xs = np.cos(np.linspace(0, 4 * np.pi, 100))
with dezero.no_grad():
    predictions = [float(model(np.array(x).reshape(1, 1))) for x in xs]

"""The same with an LSTM, thirty stretches of the curve side by side."""

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Model, SeqDataLoader

train_set = dezero.datasets.SinCurve(train=True)
dataloader = SeqDataLoader(train_set, batch_size=30)


class BetterRNN(Model):
    def __init__(self, hidden_size, out_size):
        super().__init__()
        self.rnn = L.LSTM(hidden_size)
        self.fc = L.Linear(out_size)

    def reset_state(self):
        self.rnn.reset_state()

    def __call__(self, x):
        return self.fc(self.rnn(x))


model = BetterRNN(20, 1)
optimizer = dezero.optimizers.Adam(0.01).setup(model)
losses = []

for _ in range(4):
    model.reset_state()
    loss, count = 0, 0
    for x, t in dataloader:
        loss += F.mean_squared_error(model(x), t)
        count += 1
        if count % 10 == 0 or count == len(train_set):
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()
            optimizer.update()
    losses.append(float(loss.data) / count)

"""Functions as layers of a Sequential, transposed convolutions, two optimizers in turn."""

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero.models import Sequential
from dezero.optimizers import Adam

C, H, W = 8, 3, 3
G = Sequential(
    L.Linear(C * H * W),
    F.Reshape((-1, C, H, W)),
    L.BatchNorm(),
    F.ReLU(),
    L.Deconv2d(C // 2, kernel_size=2, stride=2, pad=1),
    L.BatchNorm(),
    F.ReLU(),
    L.Deconv2d(1, kernel_size=2, stride=2, pad=1),
    F.Sigmoid(),
)
D = Sequential(
    L.Conv2d(4, kernel_size=3, stride=2, pad=1),
    F.LeakyReLU(0.1),
    L.Conv2d(8, kernel_size=2, stride=2, pad=1),
    L.BatchNorm(),
    F.LeakyReLU(0.1),
    F.flatten,
    L.Linear(1),
)
D.layers[0].W.name = "conv1_W"
D.layers[0].b.name = "conv1_b"

batch_size, hidden_size = 10, 6
rng = np.random.default_rng(0)
D(G(rng.random((1, hidden_size))))
for layer in D.layers + G.layers:
    if "conv" in layer.__class__.__name__.lower():
        layer.W.data = 0.02 * rng.standard_normal(layer.W.data.shape)

label_real = np.ones(batch_size).astype(int)
label_fake = np.zeros(batch_size).astype(int)
opt_g = Adam(alpha=0.002, beta1=0.5).setup(G)
opt_g.add_hook(dezero.optimizers.WeightDecay(0.0001))
opt_d = Adam(alpha=0.002, beta1=0.5).setup(D)
d_losses = []

for _ in range(8):
    real = rng.random((batch_size, 1, 6, 6)).astype(np.float32) ** 8
    fake = G(rng.standard_normal((batch_size, hidden_size)).astype(np.float32))
    d_loss = F.sigmoid_cross_entropy(D(real), label_real)
    d_loss = d_loss + F.sigmoid_cross_entropy(D(fake), label_fake)
    G.cleargrads()
    D.cleargrads()
    d_loss.backward()
    opt_d.update()

    fake = G(rng.standard_normal((batch_size, hidden_size)).astype(np.float32))
    g_loss = F.sigmoid_cross_entropy(D(fake), label_real)
    G.cleargrads()
    D.cleargrads()
    g_loss.backward()
    opt_g.update()
    d_losses.append(float(d_loss.data))
picture = fake.data[0][0]

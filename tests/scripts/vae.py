"""A model whose call is its loss: an encoder, a sample, a decoder."""

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Model


class Encoder(Model):
    def __init__(self, latent_size):
        super().__init__()
        self.latent_size = latent_size
        self.conv = L.Conv2d(4, kernel_size=3, stride=2, pad=1)
        self.mean = L.Linear(latent_size)
        self.log_var = L.Linear(latent_size)

    def forward(self, x):
        x = F.flatten(F.relu(self.conv(x)))
        return self.mean(x), self.log_var(x)

    def sampling(self, z_mean, z_log_var):
        xp = dezero.cuda.get_array_module(z_mean.data)
        epsilon = xp.asarray(rng.standard_normal((len(z_mean), self.latent_size)))
        return z_mean + F.exp(z_log_var) * epsilon


class Decoder(Model):
    def __init__(self):
        super().__init__()
        self.to_shape = (4, 4, 4)
        self.linear = L.Linear(np.prod(self.to_shape))
        self.deconv = L.Deconv2d(1, kernel_size=4, stride=2, pad=1)

    def forward(self, x):
        x = F.reshape(F.relu(self.linear(x)), (-1, *self.to_shape))
        return F.sigmoid(self.deconv(x))


class VAE(Model):
    def __init__(self, latent_size):
        super().__init__()
        self.encoder = Encoder(latent_size)
        self.decoder = Decoder()

    def forward(self, x, C=1.0, k=1):
        z_mean, z_log_var = self.encoder(x)
        rec_loss = 0
        for _ in range(k):
            y = self.decoder(self.encoder.sampling(z_mean, z_log_var))
            rec_loss += F.binary_cross_entropy(F.flatten(y), F.flatten(x)) / k
        kl_loss = C * (z_mean**2 + F.exp(z_log_var) - z_log_var - 1) * 0.5
        return rec_loss + F.sum(kl_loss) / len(x)


rng = np.random.default_rng(0)
x = (rng.random((16, 1, 8, 8)) < 0.2).astype(np.float32)
vae = VAE(2)
optimizer = dezero.optimizers.Adam(0.01).setup(vae)
losses, avg_loss = [], 0
for _ in range(30):
    loss = vae(x, k=2)
    vae.cleargrads()
    loss.backward()
    optimizer.update()
    avg_loss += loss.data
    losses.append(float(loss.data))
mean = float(avg_loss / 30)
names = sorted({p.name for p in vae.params()})

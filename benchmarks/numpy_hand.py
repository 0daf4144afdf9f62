"""The floor: a multilayer perceptron and its Adam step written out in NumPy, without a graph.

No library can be quicker with NumPy alone, so `mlp_training.py` prints it beside the others.
Every buffer is allocated once and starts on a cache line, every call writes with `out=`.
"""

import numpy as np

BLOCK = 65536  # elements: five float32 streams of a block stay in the second-level cache
FLUSH_EVERY = 128  # steps: a moment that decays by 0.9 needs about 150 to fall into the subnormals
TINY = np.float32(1e-30)


def aligned(*shape):
    """A float32 array whose first byte is on a cache line; NumPy's own start 16 bytes after one."""
    count = int(np.prod(shape))
    raw = np.zeros(count * 4 + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + count * 4].view(np.float32).reshape(shape)


def scalar(value):
    """A 0-d array: an operand that NumPy need not convert on each call."""
    return np.array(value, np.float32)


class HandAdam:
    """Adam on flat buffers with both moments kept unscaled, ten passes instead of twelve.

    M = b1*M + g and V = b2*V + g*g are m/(1-b1) and v/(1-b2); the factors go into the step size.
    """

    def __init__(self, data, grad, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        self.beta1, self.beta2, self.lr, self.eps, self.t = beta1, beta2, lr, eps, 0
        self.moments = aligned(data.size), aligned(data.size)
        scratch = aligned(min(BLOCK, data.size))
        arrays = (data, grad, *self.moments)
        self.blocks = [
            (*(array[i : i + BLOCK] for array in arrays), scratch[: min(BLOCK, data.size - i)])
            for i in range(0, data.size, BLOCK)
        ]
        self.decay1, self.decay2 = scalar(beta1), scalar(beta2)
        self.step_size, self.step_eps = scalar(0), scalar(0)

    def update(self):
        self.t += 1
        if self.t % FLUSH_EVERY == 0:  # arithmetic on subnormals is fifty times slower
            for moment in self.moments:
                moment[np.abs(moment) < TINY] = 0
        root = ((1 - self.beta2**self.t) / (1 - self.beta2)) ** 0.5
        self.step_size[()] = self.lr * root * (1 - self.beta1) / (1 - self.beta1**self.t)
        self.step_eps[()] = self.eps * root
        for x, g, m, v, t in self.blocks:
            np.multiply(m, self.decay1, m)
            np.add(m, g, m)
            np.multiply(v, self.decay2, v)
            np.square(g, t)
            np.add(v, t, v)
            np.sqrt(v, t)
            np.add(t, self.step_eps, t)
            np.divide(m, t, t)
            np.multiply(t, self.step_size, t)
            np.subtract(x, t, x)


class HandMLP:
    """relu layers, dropout after the first where asked, softmax cross entropy, Adam."""

    def __init__(self, sizes, batch, dropout=0.0, seed=0):
        rng = np.random.default_rng(seed)
        shapes = [s for pair in zip(sizes, sizes[1:], strict=False) for s in (pair, pair[1:])]
        count = sum(int(np.prod(s)) for s in shapes)
        data, grad = aligned(count), aligned(count)
        self.params, self.grads = split(data, shapes), split(grad, shapes)
        for W in self.params[::2]:
            W[:] = rng.standard_normal(W.shape) / W.shape[0] ** 0.5
        self.adam = HandAdam(data, grad)
        self.sizes, self.batch, self.dropout = sizes, batch, dropout
        self.bits = np.random.SFC64(seed)
        self.x = aligned(batch, sizes[0])
        self.hidden = [aligned(batch, size) for size in sizes[1:]]
        self.masks = [np.empty((batch, size), bool) for size in sizes[1:-1]]
        self.kept = aligned(batch, sizes[1])
        self.zero, self.scale = scalar(0), scalar(1 / (1 - dropout))
        self.inv_batch = scalar(1 / batch)
        self.ones = np.ones(batch, np.float32)
        self.base = np.arange(batch) * sizes[-1]
        self.eye = np.eye(sizes[-1], dtype=np.float32)
        self.onehot = aligned(batch, sizes[-1])

    def forward(self):
        h, last = self.x, len(self.hidden) - 1
        for i, y in enumerate(self.hidden):
            np.matmul(h, self.params[2 * i], y)
            np.add(y, self.params[2 * i + 1], y)
            if i < last:
                np.greater(y, self.zero, self.masks[i])
                np.multiply(y, self.masks[i], y)
            if i == 0 and self.dropout:
                bits = self.bits.random_raw(y.size // 4).view(np.uint16).reshape(y.shape)
                np.multiply(bits >= np.uint16(self.dropout * 65536), self.scale, self.kept)
                np.multiply(y, self.kept, y)
            h = y

    def loss(self, t):
        """Mean cross entropy; leaves its gradient in the last buffer."""
        y = self.hidden[-1]
        z = y.T.copy()  # (C, N): a maximum over the leading axis runs in vectors
        z -= np.maximum.reduce(z, 0)
        picked = z.T.reshape(-1).take(self.base + t)
        np.exp(z, z)
        total = np.add.reduce(z, 0)
        z /= total
        self.eye.take(t, 0, self.onehot, "clip")
        np.subtract(z.T, self.onehot, y)
        np.multiply(y, self.inv_batch, y)
        return (np.add.reduce(np.log(total)) - np.add.reduce(picked)) / self.batch

    def backward(self):
        g = self.hidden[-1]
        for i in range(len(self.hidden) - 1, -1, -1):
            h = self.hidden[i - 1] if i else self.x
            np.matmul(h.T, g, self.grads[2 * i])
            np.dot(self.ones, g, self.grads[2 * i + 1])
            if i == 0:
                return  # nobody asks for the gradient of the data
            np.matmul(g, self.params[2 * i].T, h)
            np.multiply(h, self.masks[i - 1], h)
            if i == 1 and self.dropout:
                np.multiply(h, self.kept, h)
            g = h

    def epoch(self, x, t, order):
        for i in range(0, len(order) - self.batch + 1, self.batch):
            k = order[i : i + self.batch]
            x.take(k, 0, self.x, "clip")
            self.forward()
            loss = self.loss(t[k])
            self.backward()
            self.adam.update()
        return float(loss)


def split(flat, shapes):
    """Views of one flat buffer, one for each shape in turn."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [flat[e - int(np.prod(s)) : e].reshape(s) for s, e in zip(shapes, ends, strict=True)]

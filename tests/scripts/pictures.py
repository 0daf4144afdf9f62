"""Looking into a network of pictures: a heat map, and a picture as the parameter."""

import numpy as np
from PIL import Image

import dezero
import dezero.functions as F
from dezero import Model, Variable
from dezero.models import VGG16


class Small(VGG16):
    """The network with its layers made thin, so that a test can run it."""

    def __init__(self):
        super().__init__(width=1 / 32)

    def extract(self, x):
        c1 = F.relu(self.conv1_1(x))
        c2 = F.relu(self.conv2_1(F.average_pooling(F.relu(self.conv1_2(c1)), 2, 2)))
        return {"conv1_1": c1, "conv2_1": c2}


def gram_mat(x):
    _, C, _, _ = x.shape
    features = x.reshape(C, -1)
    return F.matmul(features, features.T).reshape(1, C, C)


def variation(x):
    a = (x[:, :, :-1, :-1] - x[:, :, 1:, :-1]) ** 2
    b = (x[:, :, :-1, :-1] - x[:, :, :-1, 1:]) ** 2
    return F.sum(a + b)


def deprocess_image(x):
    x = np.squeeze(x.copy()).transpose((1, 2, 0))
    x += np.array([103.939, 116.779, 123.68])
    return Image.fromarray(np.clip(x[:, :, ::-1], 0, 255).astype("uint8"))


img = Image.fromarray(np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3))
model = Small()
x = VGG16.preprocess(img, size=(32, 32))[np.newaxis]

y = model(x)
last_conv_output = model.conv5_3.outputs[0]()
predict_id = np.argmax(y.data)
predict_output = y[0, predict_id]
predict_output.backward(retain_grad=True)
pooled = F.average(last_conv_output.grad, axis=(0, 2, 3))
heatmap = last_conv_output.data[0]
for c in range(heatmap.shape[0]):
    heatmap[c] *= pooled[c].data
heatmap = np.maximum(np.mean(heatmap, axis=0), 0)

content = Variable(x)
gen_img = dezero.Parameter(content.data.copy())
gen_model = Model()
gen_model.param = gen_img
optimizer = dezero.optimizers.AdaGrad(lr=5.0).setup(gen_model)
with dezero.no_grad():
    targets = model.extract(Variable(x[..., ::-1].copy()))
losses = []
for _ in range(5):
    model.cleargrads()
    gen_img.cleargrad()
    found = model.extract(gen_img)
    loss = 1e-6 * variation(gen_img)
    for name in targets:
        S, G = gram_mat(targets[name]), gram_mat(found[name])
        loss += F.mean_squared_error(S, G) / (4 * found[name].size ** 2)
    loss.backward()
    optimizer.update()
    losses.append(float(loss.data))
result = deprocess_image(gen_img.data)

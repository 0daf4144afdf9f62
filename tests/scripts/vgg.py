"""VGG16 in its full width, drawn and asked once, about a small picture."""

import numpy as np
from PIL import Image

import dezero
from dezero.models import VGG16

model = VGG16()
image = Image.fromarray(np.zeros((300, 200, 3), np.uint8))
x = VGG16.preprocess(image, (64, 64))
x = x[np.newaxis]
model.plot(x, to_file="vgg.pdf")

with dezero.test_mode():
    y = model(x)
predict_id = int(np.argmax(y.data))
label = dezero.datasets.ImageNet.labels()[predict_id]

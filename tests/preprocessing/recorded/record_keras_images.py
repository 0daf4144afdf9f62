"""Write keras_images.npz: what real Keras makes of the pictures and numbers below.

Run with Keras 3, TensorFlow and SciPy installed: python record_keras_images.py
"""

import json
from pathlib import Path

import numpy as np

CHANGES = (
    {"theta": 25.0},
    {"tx": 3.25, "ty": -2.5},
    {"shear": -20.0},
    {"zx": 0.8, "zy": 1.3},
    {"theta": -33.0, "tx": 2.0, "ty": 4.5, "shear": 9.0, "zx": 1.2, "zy": 0.9},
    {"theta": 10.0, "tx": -5.5, "zx": 0.7, "zy": 0.7, "flip_horizontal": True},
    {"flip_vertical": True, "flip_horizontal": True},
    {"channel_shift_intensity": 30.0, "ty": 2.0},
    {"channel_shift_intensity": -25.0},
)
METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian")
METHODS += ("mitchellcubic",)
SIZES = ((9, 24), (30, 8))


def picture(height=20, width=20):
    """A smooth picture with an edge in it, float32 (height, width, 3)."""
    rows, cols = np.mgrid[:height, :width]
    waves = [np.sin(rows / (2 + i)) + np.cos(cols / (3 - 0.5 * i)) for i in range(3)]
    waves[0] += rows > cols
    return ((np.stack(waves, axis=2) + 2) * 50).astype(np.float32)


def main():
    import tensorflow as tf
    from keras.src.legacy.preprocessing import image
    from keras.utils import array_to_img

    recorded = {}
    for mode in ("nearest", "reflect", "constant", "wrap"):
        generator = image.ImageDataGenerator(fill_mode=mode, cval=7.0)
        changed = [generator.apply_transform(picture(), dict(change)) for change in CHANGES]
        recorded[mode] = np.stack(changed).astype(np.float32)
    bright = [image.apply_brightness_shift(picture(), b, False) for b in (0.6, 1.4)]
    recorded["brightness"] = np.stack(bright).astype(np.float32)
    data = np.random.default_rng(0).uniform(0, 255, (40, 4, 4, 3)).astype(np.float32)
    options = {
        "featurewise": {"featurewise_center": True, "featurewise_std_normalization": True},
        "samplewise": {"samplewise_center": True, "samplewise_std_normalization": True},
        "zca": {"featurewise_center": True, "zca_whitening": True},
    }
    more = np.random.default_rng(0).uniform(0, 255, (80, 4, 4, 3)).astype(np.float32)
    for name, chosen in options.items():
        generator = image.ImageDataGenerator(rescale=1 / 255, **chosen)
        generator.fit(more if name == "zca" else data)
        recorded[name] = np.stack([generator.standardize(x.copy()) for x in data])
    for method in METHODS:
        for size in SIZES:
            made = tf.image.resize(picture(13, 17), size, method=method).numpy()
            recorded[f"{method}-{size[0]}"] = made.astype(np.float32)
    recorded["scaled"] = np.asarray(array_to_img(picture()))
    path = Path(__file__).with_name("keras_images.npz")
    np.savez_compressed(path, **recorded)
    print(json.dumps({name: list(value.shape) for name, value in recorded.items()}))


if __name__ == "__main__":
    main()

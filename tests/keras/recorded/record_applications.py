"""Record the layers and outputs of Keras's applications, for `tests/keras/applications`.

python tests/keras/recorded/record_applications.py   (needs keras and tensorflow)

Weights are drawn by one rule, `weights_of` in tests/keras/applications/drawn.py; nothing that Keras
publishes is downloaded.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))
NAMES = (
    "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "MobileNet", "MobileNetV2", "Xception",
    "InceptionV3",
)  # fmt: skip


def main():
    import keras

    from tests.keras.applications.drawn import layers_of, picture, weights_of

    words, outputs = {}, {}
    for name in NAMES:
        maker = getattr(keras.applications, name)
        keras.backend.clear_session()
        whole = maker(weights=None)
        words[name] = {"name": whole.name, "params": whole.count_params()}
        words[name]["layers"] = layers_of(whole)
        keras.backend.clear_session()
        small = maker(weights=None, include_top=False, input_shape=(75, 75, 3))
        words[name]["small"] = layers_of(small)
        small.set_weights(weights_of(small))
        outputs[name] = np.asarray(small(picture(), training=False))
        print(name, outputs[name].shape, float(outputs[name].std()), flush=True)
    text = json.dumps(words, separators=(",", ":"))
    (HERE / "applications.json").write_text(text + "\n", encoding="utf-8")
    np.savez_compressed(HERE / "applications.npz", **outputs)


if __name__ == "__main__":
    main()

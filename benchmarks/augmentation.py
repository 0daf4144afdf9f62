"""Pictures of 150 by 150 changed by chance, in batches of 20, beside Keras's own generator.

python benchmarks/augmentation.py [--quick]

Keras is taken from the Python that KERAS_PYTHON names, if this one has none.
"""

import importlib.util
import os

import harness
import numpy as np

COUNT, BATCH = 200, 20
# As the tutorials have it.
OPTIONS = {
    "rescale": 1 / 255,
    "rotation_range": 40,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 0.2,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "fill_mode": "nearest",
}
CASES = {
    "memory": "memory",
    "memory-uint8": "memory-uint8",
    "jpeg": "jpeg",
    "plain-jpeg": "plain-jpeg",
}


def photographs():
    """Smooth pictures with some noise, uint8 (N, 150, 150, 3)."""
    rng = np.random.default_rng(0)
    coarse = rng.uniform(0, 255, (COUNT, 10, 10, 3)).repeat(15, axis=1).repeat(15, axis=2)
    return (coarse + rng.normal(0, 8, coarse.shape)).clip(0, 255).astype(np.uint8)


def folder():
    """A folder of them as JPEG files, made once for all processes."""
    import tempfile
    from pathlib import Path

    from PIL import Image

    root = Path(tempfile.gettempdir()) / f"dezero-augmentation-{os.getuid()}"
    for number, x in enumerate(photographs()):
        path = root / "ab"[number % 2] / f"{number}.jpg"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(x).save(path, quality=90)
    return root


def epochs(make_generator, case):
    options = {"rescale": 1 / 255} if case == "plain-jpeg" else OPTIONS
    generator = make_generator(**options)
    if case.endswith("jpeg"):
        flow = generator.flow_from_directory(
            str(folder()), target_size=(150, 150), batch_size=BATCH, class_mode="binary", seed=0
        )
    else:
        x = photographs() if case == "memory-uint8" else photographs().astype(np.float32)
        flow = generator.flow(x, np.zeros(COUNT), batch_size=BATCH, seed=0)

    def epoch():
        for _ in range(COUNT // BATCH):
            next(flow)

    return epoch


def dezero(case):
    from dezero.preprocessing import ImageDataGenerator

    return epochs(ImageDataGenerator, case)


def keras(case):
    if importlib.util.find_spec("keras") is None:
        return harness.elsewhere("keras", case, "KERAS_PYTHON")
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    return epochs(ImageDataGenerator, case)


SUBJECT = harness.Subject(
    name="augmentation",
    title=f"{COUNT} pictures of 150 by 150 by 3 for training",
    cases=CASES,
    candidates={"keras": keras, "dezero": dezero, "dezero numpy": dezero},
    reference="keras",
    environment={"dezero numpy": {"DEZERO_KERNELS": "numpy"}},
    limits={
        (case, name): 0.5
        for case in ("memory", "memory-uint8")
        for name in ("dezero", "dezero numpy")
    },
)

if __name__ == "__main__":
    harness.main(SUBJECT)

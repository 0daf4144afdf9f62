"""Forward passes of VGG16 and ResNet50 at 224x224, in test mode without a graph.

python benchmarks/model_forward.py [--quick] [--cases "vgg16 1"] [--only "torch eager,dezero"]

Weights and pictures are random; torch's twins are written out here, layer by layer.
"""

import harness
import numpy as np

CASES = {f"{name} {batch}": (name, batch) for name in ("vgg16", "resnet50") for batch in (1, 8)}


def pictures(batch):
    return np.random.default_rng(0).standard_normal((batch, 3, 224, 224), dtype="f4")


def warmed(run):
    """Return a function that runs twice and returns the seconds of the second time.

    After another candidate's turn the weights are no longer in the caches, or in the machine.
    """

    def once():
        run()
        start = harness.clock()
        run()
        return harness.clock() - start

    return once


def torch_vgg16():
    from torch import nn

    layers, channels = [], 3
    for count, outs in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, outs, 3, padding=1), nn.ReLU(inplace=True)]
            channels = outs
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(25088, 4096), nn.ReLU(inplace=True), nn.Dropout()]
    layers += [nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, 1000)]
    return nn.Sequential(*layers)


def torch_resnet50():
    from torch import nn

    def block(ins, mid, stride, first):
        outs = mid * 4
        main = nn.Sequential(
            *(nn.Conv2d(ins, mid, 1, bias=False), nn.BatchNorm2d(mid), nn.ReLU(inplace=True)),
            *(nn.Conv2d(mid, mid, 3, stride, 1, bias=False), nn.BatchNorm2d(mid)),
            *(nn.ReLU(inplace=True), nn.Conv2d(mid, outs, 1, bias=False), nn.BatchNorm2d(outs)),
        )
        skip = nn.Identity()
        if first:
            skip = nn.Sequential(nn.Conv2d(ins, outs, 1, stride, bias=False), nn.BatchNorm2d(outs))

        class Residual(nn.Module):
            def __init__(self):
                super().__init__()
                self.main, self.skip, self.relu = main, skip, nn.ReLU(inplace=True)

            def forward(self, x):
                return self.relu(self.main(x).add_(self.skip(x)))

        return Residual()

    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    layers.append(nn.MaxPool2d(3, 2, 1))
    ins = 64
    for number, count in enumerate((3, 4, 6, 3)):
        mid = 64 << number
        for i in range(count):
            layers.append(block(ins, mid, 2 if number and i == 0 else 1, i == 0))
            ins = mid * 4
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


def torch_eager(case, memory_format=None):
    import torch

    name, batch = case
    model = {"vgg16": torch_vgg16, "resnet50": torch_resnet50}[name]().eval()
    x = torch.from_numpy(pictures(batch))
    if memory_format == "channels last":
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)

    def run():
        with torch.no_grad():
            model(x)

    return warmed(run)


def torch_channels_last(case):
    return torch_eager(case, "channels last")


def dezero_forward(case):
    import dezero
    from dezero.models import VGG16, ResNet50

    name, batch = case
    model = VGG16() if name == "vgg16" else ResNet50(variant="torchvision")
    x = pictures(batch)

    def run():
        with dezero.no_grad(), dezero.test_mode():
            model(x)

    return warmed(run)


def dezero_numba(case):
    import numba  # noqa: F401  (left out of the table where the extra is not installed)

    return dezero_forward(case)


ASKED = {"vgg16": (1.2, 1.0), "resnet50": (1.5, 1.2)}
SUBJECT = harness.Subject(
    name="model_forward",
    title="Forward pass at 224x224",
    cases=CASES,
    candidates={
        "torch eager": torch_eager,
        "torch channels last": torch_channels_last,
        "dezero": dezero_forward,
        "dezero numba": dezero_numba,
    },
    reference="torch eager",
    memory=True,
    environment={
        "dezero": {"DEZERO_KERNELS": "numpy"},
        "dezero numba": {"DEZERO_KERNELS": "numba"},
    },
    limits={
        (case, candidate): ASKED[name][i]
        for case, (name, _) in CASES.items()
        for i, candidate in enumerate(("dezero", "dezero numba"))
    },
)

if __name__ == "__main__":
    harness.main(SUBJECT)

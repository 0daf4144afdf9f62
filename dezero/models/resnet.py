"""ResNet: residual blocks in four groups, of 18 to 152 layers.

Reference: He et al. 2015, "Deep residual learning for image recognition", table 1.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.core import Parameter, Variable
from dezero.core.errors import describe, lookup
from dezero.layers import BatchNorm, Linear
from dezero.models.published import Published, Step, WeightFile
from dezero.models.residual import BottleneckA, BuildingBlock, convolution
from dezero.models.table import MODELS

TORCHVISION = "https://download.pytorch.org/models/"
COUNTS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
# The first digits of the SHA-256 of torchvision's files, which are in their names.
DIGITS = {18: "f37072fd", 34: "b627a593", 50: "0676ba61", 101: "63fe2227", 152: "394f9c45"}
MEGABYTES = {18: 45, 34: 84, 50: 98, 101: 171, 152: 231}
# eps of batch normalisation, and the pooling's padding and whether it rounds up.
VARIANTS = {
    "dezero": (2e-5, 0, False),
    "msra": (2e-5, 0, True),
    "torchvision": (1e-5, 1, False),
}
PARTS = ("conv1", "pool1", "res2", "res3", "res4", "res5", "pool5", "fc6")


class ResNet(Published):
    """A convolution, four groups of residual blocks, the mean over the picture, a linear layer.

    Args:
        n_layers: 18, 34, 50, 101 or 152.
        pretrained: True for the usual weights, a name in `sources()`, or the path of a file.
        classes: outputs; with another number than they have, pretrained weights leave fc6 fresh.
        features: True to stop before fc6, or the last of `parts()` to compute.
        variant: "dezero" is upstream's, with the strides in the first 1x1 convolutions, a bias in
            conv1 and a pooling that drops an odd last column; "msra" the same but for the pooling,
            which rounds up as in Caffe; "torchvision" has the strides in the 3x3 convolutions. None
            takes upstream's where it has this depth, until weights that are loaded tell.
        width: factor of all channels, for small networks.
        preprocessing: style of `preprocess`; None takes that of the weights.
        name: for people.
    Note: upstream's file, that of `pretrained=True` from 50 layers on, has no published SHA-256: it
        is read without running code, but not verified further. torchvision's are, by 8 digits.
    """

    WEIGHTS_PATH = "https://github.com/koki0702/dezero-models/releases/download/v0.1/resnet{}.npz"
    whole = "pool5"
    preprocessing = "msra"

    def __init__(
        self,
        n_layers: int = 152,
        pretrained: Any = False,
        *,
        classes: int = 1000,
        features: bool | str | None = None,
        variant: str | None = None,
        width: float = 1.0,
        preprocessing: str | None = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(n_layers, int | np.integer) or n_layers not in COUNTS:
            raise ValueError(
                f"{type(self).__name__}: expected n_layers of 18, 34, 50, 101 or 152, got "
                f"{describe(n_layers)}. These are the depths of the paper."
            )
        self.n_layers, self._wanted = int(n_layers), variant
        usual = "dezero" if n_layers >= 50 else "torchvision"
        lookup(f"{type(self).__name__}: variant", variant or usual, VARIANTS)
        self._set_up(classes, features, width, preprocessing, name)
        biased = (variant or usual) != "torchvision"
        self.conv1, self.bn1 = convolution(self._wide(64), 7, 2, nobias=not biased), BatchNorm()
        for number, part in enumerate(PARTS[2:6]):
            if self._made(part):
                setattr(self, part, self._group(number))
        if self._made("fc6"):
            self.fc6 = Linear(self.classes)
        self._change(variant or usual, self.conv1.b)
        if preprocessing is None and self.variant == "torchvision":
            self.preprocessing = "torchvision"
        self._pretrain(pretrained)

    def _group(self, number: int) -> BuildingBlock:
        count, mid = COUNTS[self.n_layers][number], 64 << number
        basic, stride = self.n_layers < 50, 1 if number == 0 else 2
        last = mid if basic else mid * 4
        first = 64 if number == 0 else last // 2
        first, mid, last = map(self._wide, (first, mid, last))
        return BuildingBlock(count, first, mid, last, stride, basic=basic)

    def become(self, variant: str | None) -> Callable[[], None]:
        if variant is None or variant == self.variant:
            return lambda: None
        if self._wanted is not None:
            raise ValueError(
                f"{type(self).__name__}: expected weights of variant {self._wanted!r}, got some of "
                f"{variant!r}. Leave variant out to take that of the weights."
            )
        before = self.variant, self.conv1.b
        bias = None if variant == "torchvision" else Parameter(None, "b")
        if bias is not None:
            bias.requires_grad = self.conv1.W.requires_grad
        self._change(variant, bias)
        return lambda: self._change(*before)

    def _change(self, variant: str | None, bias: Parameter | None) -> None:
        self.variant, self.conv1.b = variant, bias
        for _, layer in self.named_layers():
            if isinstance(layer, BatchNorm):
                layer.eps = VARIANTS[variant or "dezero"][0]
            if isinstance(layer, BottleneckA):
                layer.move_stride(variant == "torchvision")

    def recognise(self, torchs: bool, arrays: Mapping[str, np.ndarray]) -> tuple[str | None, str]:
        if torchs or "conv1/b" not in arrays:
            return "torchvision", "torchvision"
        return "dezero" if self.variant == "torchvision" else self.variant, "msra"

    def parts(self) -> tuple[str, ...]:
        return PARTS

    def steps(self) -> list[Step]:
        steps = [
            Step("conv1", (self.conv1, self.bn1), lambda x: F.relu(self.bn1(self.conv1(x)))),
            Step("pool1", (), self._pooled),
        ]
        for part in filter(self._made, PARTS[2:]):
            if part == "pool5":
                steps.append(Step(part, (), lambda x: F.mean(x, axis=(2, 3))))
            else:
                layer = getattr(self, part)
                steps.append(Step(part, (layer,), layer))
        return steps if self._made("pool1") else steps[:1]

    def _pooled(self, x: Any) -> Variable:
        _, pad, ceil = VARIANTS[self.variant or "dezero"]
        return F.pooling(x, 3, 2, pad, ceil_mode=ceil)

    def smallest(self) -> int:
        return 5

    def sources(self) -> dict[str, WeightFile]:
        most = (MEGABYTES[self.n_layers] << 20) * 6 // 5
        digits = DIGITS[self.n_layers]
        url = f"{TORCHVISION}resnet{self.n_layers}-{digits}.pth"
        found = {"torchvision": WeightFile(url, f"{digits}...", most)}
        if self.n_layers < 50:
            return found
        theirs = {"dezero": WeightFile(self.WEIGHTS_PATH.format(self.n_layers), None, most)}
        return found | theirs if self._wanted == "torchvision" else theirs | found

    def torch_names(self) -> dict[str, str]:
        names = {"conv1": "conv1", "bn1": "bn1", "fc": "fc6"}
        last = 3 if self.n_layers < 50 else 4
        for group, count in enumerate(COUNTS[self.n_layers], 1):
            for i in range(count):
                theirs, ours = f"layer{group}.{i}", f"res{group + 1}.{f'b{i}' if i else 'a'}"
                for number in range(1, 4):
                    names[f"{theirs}.conv{number}"] = f"{ours}.conv{number}"
                    names[f"{theirs}.bn{number}"] = f"{ours}.bn{number}"
                names[f"{theirs}.downsample.0"] = f"{ours}.conv{last}"
                names[f"{theirs}.downsample.1"] = f"{ours}.bn{last}"
        return names

    def config(self) -> dict[str, Any]:
        depth = {"n_layers": self.n_layers} if type(self) is ResNet else {}
        return depth | self._config() | {"variant": self.variant}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ResNet":
        model: Any = super().from_config(config)
        model._wanted = None
        return model


class ResNet18(ResNet):
    """ResNet of 18 layers; the arguments are those of `ResNet`."""

    def __init__(self, pretrained: Any = False, **options: Any) -> None:
        super().__init__(18, pretrained, **options)


class ResNet34(ResNet):
    """ResNet of 34 layers; the arguments are those of `ResNet`."""

    def __init__(self, pretrained: Any = False, **options: Any) -> None:
        super().__init__(34, pretrained, **options)


class ResNet50(ResNet):
    """ResNet of 50 layers; the arguments are those of `ResNet`."""

    def __init__(self, pretrained: Any = False, **options: Any) -> None:
        super().__init__(50, pretrained, **options)


class ResNet101(ResNet):
    """ResNet of 101 layers; the arguments are those of `ResNet`."""

    def __init__(self, pretrained: Any = False, **options: Any) -> None:
        super().__init__(101, pretrained, **options)


class ResNet152(ResNet):
    """ResNet of 152 layers; the arguments are those of `ResNet`."""

    def __init__(self, pretrained: Any = False, **options: Any) -> None:
        super().__init__(152, pretrained, **options)


for _kind in (ResNet, ResNet18, ResNet34, ResNet50, ResNet101, ResNet152):
    MODELS[_kind.__name__] = _kind

"""SqueezeNet: few parameters, by squeezing channels before each 3x3 convolution.

Reference: Iandola et al. 2016, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and
< 0.5MB model size", tables 1 and, for version 1.1, the authors' repository.
"""

from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import lookup
from dezero.layers import Conv2d, Layer
from dezero.models.published import Published, Step, WeightFile, rectified
from dezero.models.table import MODELS

TORCHVISION = "https://download.pytorch.org/models/"
# The first convolution, and the parts after which a pooling stands.
VERSIONS = {
    "1.0": ((96, 7), ("conv1", "fire4", "fire8")),
    "1.1": ((64, 3), ("conv1", "fire3", "fire5")),
}
DIGITS = {"1.0": "b66bff10", "1.1": "b8a52dc0"}
# Channels that each fire module squeezes to; either half of its output has four times as many.
SQUEEZED = {2: 16, 3: 16, 4: 32, 5: 32, 6: 48, 7: 48, 8: 64, 9: 64}


class Fire(Layer):
    """y = relu of a 1x1 and a 3x3 convolution side by side, of x squeezed by a 1x1 convolution.

    Args:
        squeeze: channels between; y has `expand1x1 + expand3x3`.
    """

    def __init__(self, squeeze: int, expand1x1: int, expand3x3: int) -> None:
        self.squeeze = Conv2d(squeeze, 1, initializer="he_normal")
        self.expand1x1 = Conv2d(expand1x1, 1, initializer="he_normal")
        self.expand3x3 = Conv2d(expand3x3, 3, pad=1, initializer="he_normal")

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = F.relu(self.squeeze(x))
        return F.relu(F.concat([self.expand1x1(x), self.expand3x3(x)], axis=1))

    def config(self) -> dict[str, Any]:
        names = ("squeeze", "expand1x1", "expand3x3")
        return {name: getattr(self, name).out_channels for name in names}


class SqueezeNet(Published):
    """A convolution, eight fire modules, a convolution to the classes, the mean over the picture.

    Args:
        pretrained: True for torchvision's weights, verified by the first 8 digits of their hash; or
            the path of a file.
        version: "1.0", the paper's, or "1.1", as accurate with less than half the work.
        classes: outputs; with another number than they have, pretrained weights leave conv10 fresh.
        features: True to stop before conv10, or the last of `parts()` to compute.
        width: factor of all channels, for small networks.
        dropout: ratio dropped before conv10.
        preprocessing: style of `preprocess`; None takes that of the weights.
        name: for people.
    """

    whole = "fire9"

    def __init__(
        self,
        pretrained: Any = False,
        *,
        version: str = "1.0",
        classes: int = 1000,
        features: bool | str | None = None,
        width: float = 1.0,
        dropout: float = 0.5,
        preprocessing: str | None = None,
        name: str | None = None,
    ) -> None:
        (channels, kernel), _ = lookup("SqueezeNet: version", version, VERSIONS)
        self.version, self.dropout = version, dropout
        self._set_up(classes, features, width, preprocessing, name)
        self.conv1 = Conv2d(self._wide(channels), kernel, 2, initializer="he_normal")
        for number, squeezed in SQUEEZED.items():
            if self._made(f"fire{number}"):
                half = self._wide(squeezed * 4)
                setattr(self, f"fire{number}", Fire(self._wide(squeezed), half, half))
        if self._made("conv10"):
            self.conv10 = Conv2d(self.classes, 1)
        self._pretrain(pretrained)

    def parts(self) -> tuple[str, ...]:
        names = ["conv1", *(f"fire{number}" for number in SQUEEZED), "conv10"]
        for number, part in enumerate(VERSIONS[self.version][1], 1):
            names.insert(names.index(part) + 1, f"pool{number}")
        return tuple(names)

    def steps(self) -> list[Step]:
        return [self._step(part) for part in self.parts() if self._made(part)]

    def _step(self, part: str) -> Step:
        if part.startswith("pool"):
            return Step(part, (), lambda x: F.pooling(x, 3, 2, ceil_mode=True))
        layer = getattr(self, part)
        if part == "conv10":
            return Step(part, (layer,), self._classified)
        return Step(part, (layer,), rectified(layer) if part == "conv1" else layer)

    def _classified(self, x: Any) -> Variable:
        x = F.relu(self.conv10(F.dropout(x, self.dropout)))
        return F.mean(x, axis=(2, 3))

    def smallest(self) -> int:
        side, (_, kernel) = 1, VERSIONS[self.version][0]
        for part in filter(self._made, self.parts()):
            if part.startswith("pool"):
                side = max(3, 2 * side)
        return 2 * (side - 1) + kernel

    def sources(self) -> dict[str, WeightFile]:
        digits = DIGITS[self.version]
        url = f"{TORCHVISION}squeezenet{self.version.replace('.', '_')}-{digits}.pth"
        return {"torchvision": WeightFile(url, f"{digits}...", 8 << 20)}

    def torch_names(self) -> dict[str, str]:
        """Return {"features.0": "conv1", ...}; conv1 takes two places, with its relu."""
        names, place = {"classifier.1": "conv10"}, 0
        for part in self.parts()[:-1]:
            if part == "conv1":
                names["features.0"] = part
                place += 1
            elif part.startswith("fire"):
                for name in ("squeeze", "expand1x1", "expand3x3"):
                    names[f"features.{place}.{name}"] = f"{part}.{name}"
            place += 1
        return names

    def config(self) -> dict[str, Any]:
        return self._config() | {"version": self.version, "dropout": self.dropout}


MODELS["Fire"], MODELS["SqueezeNet"] = Fire, SqueezeNet

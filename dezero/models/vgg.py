"""VGG: blocks of 3x3 convolutions, each followed by a pooling, then three linear layers.

Reference: Simonyan and Zisserman 2014, "Very deep convolutional networks for large-scale image
recognition", table 1.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from dezero import functions as F
from dezero.core import Variable
from dezero.layers import Conv2d, Layer, Linear
from dezero.models.published import Published, Step, WeightFile, rectified
from dezero.models.table import MODELS

SIZES = (64, 128, 256, 512, 512)
TORCHVISION = "https://download.pytorch.org/models/"


class VGG(Published):
    """What VGG16 and VGG19 share; `blocks` are the convolutions of each block.

    Args:
        pretrained: True for the usual weights, a name in `sources()`, or the path of a file.
        classes: outputs; with another number than they have, pretrained weights leave fc8 fresh.
        features: True to stop before the linear layers, or the name of the last part to compute,
            such as "conv4_3" or "fc7"; those behind it are not made.
        width: factor of all channels, for small networks.
        dropout: ratio dropped after fc6 and fc7.
        preprocessing: style of `preprocess`; None takes that of the weights.
        name: for people.
    Note: the size of the first pictures, or of the weights, is that of all further ones; without
        the linear layers any size from 32 x 32 on will do.
    """

    whole = "pool5"
    blocks: ClassVar[tuple[int, ...]] = ()
    fc6: Any

    def __init__(
        self,
        pretrained: Any = False,
        *,
        classes: int = 1000,
        features: bool | str | None = None,
        width: float = 1.0,
        dropout: float = 0.5,
        preprocessing: str | None = None,
        name: str | None = None,
    ) -> None:
        self._set_up(classes, features, width, preprocessing, name)
        self.dropout = dropout
        for part in filter(self._made, self.parts()):
            layer = self._layer(part)
            if layer is not None:
                setattr(self, part, layer)
        self._pretrain(pretrained)

    def parts(self) -> tuple[str, ...]:
        return (*self._convolutional_parts(), "fc6", "fc7", "fc8")

    def _convolutional_parts(self) -> Iterator[str]:
        for number, count in enumerate(self.blocks, 1):
            yield from (f"conv{number}_{i}" for i in range(1, count + 1))
            yield f"pool{number}"

    def _layer(self, part: str) -> Layer | None:
        if part.startswith("conv"):
            size = self._wide(SIZES[int(part[4]) - 1])
            return Conv2d(size, 3, stride=1, pad=1, initializer="he_normal")
        if part.startswith("fc"):
            size = self.classes if part == "fc8" else self._wide(4096)
            return Linear(size, initializer="lecun_normal" if part == "fc8" else "he_normal")
        return None

    def steps(self) -> list[Step]:
        return [self._step(part) for part in self.parts() if self._made(part)]

    def _step(self, part: str) -> Step:
        if part.startswith("pool"):
            return Step(part, (), lambda x: F.pooling(x, 2, 2))
        layer = getattr(self, part)
        if part == "fc8":
            return Step(part, (layer,), layer)
        if part == "fc7":
            return Step(part, (layer,), lambda x: self._dropped(layer(x)))
        if part == "fc6":
            return Step(part, (layer,), lambda x: self._dropped(layer(self._flat(x))))
        return Step(part, (layer,), rectified(layer))

    def _dropped(self, x: Any) -> Variable:
        return F.dropout(F.relu(x), self.dropout)

    def _flat(self, x: Any) -> Variable:
        x = F.flatten(x)
        if self.fc6.in_size not in (None, x.shape[1]):
            raise ValueError(
                f"{type(self).__name__}: expected pictures that leave {self.fc6.in_size} values at "
                f"pool5, as of {self._side()} x {self._side()}, got {x.shape[1]}. Resize them, or "
                "make the model with features=True."
            )
        return x

    def _side(self) -> int:
        """Return the height and width that the linear layers are for."""
        return 32 * round((self.fc6.in_size / self._wide(SIZES[-1])) ** 0.5)

    @property
    def usual_input(self) -> tuple[int, int, int]:
        known = self._made("fc6") and self.fc6.in_size is not None
        side = self._side() if known else 224
        return self._channels() or 3, side, side

    def smallest(self) -> int:
        return 2 ** sum(self._made(f"pool{number}") for number in range(1, 6))

    def torch_names(self) -> dict[str, str]:
        """Return {"features.0": "conv1_1", ...}; a convolution takes two places, with its relu."""
        names, place = {}, 0
        for part in self._convolutional_parts():
            if part.startswith("conv"):
                names[f"features.{place}"] = part
                place += 1
            place += 1
        return names | {"classifier.0": "fc6", "classifier.3": "fc7", "classifier.6": "fc8"}

    def config(self) -> dict[str, Any]:
        return self._config() | {"dropout": self.dropout}


class VGG16(VGG):
    """Thirteen convolutions and three linear layers; the arguments are those of `VGG`.

    `pretrained=True` takes the file of upstream DeZero, made from the authors' own weights, whose
    SHA-256 nobody has published: it is read without running code, but not verified further.
    `pretrained="torchvision"` is another training, verified by the first 8 digits of its hash.
    """

    WEIGHTS_PATH = "https://github.com/koki0702/dezero-models/releases/download/v0.1/vgg16.npz"
    blocks = (2, 2, 3, 3, 3)
    preprocessing = "vgg"

    def sources(self) -> dict[str, WeightFile]:
        return {
            "dezero": WeightFile(self.WEIGHTS_PATH, None, 700 << 20),
            "torchvision": WeightFile(f"{TORCHVISION}vgg16-397923af.pth", "397923af...", 600 << 20),
        }


class VGG19(VGG):
    """Sixteen convolutions and three linear layers; the arguments are those of `VGG`.

    `pretrained=True` is torchvision's training, verified by the first 8 digits of its hash.
    """

    blocks = (2, 2, 4, 4, 4)

    def sources(self) -> dict[str, WeightFile]:
        url = f"{TORCHVISION}vgg19-dcbb9e9d.pth"
        return {"torchvision": WeightFile(url, "dcbb9e9d...", 600 << 20)}


MODELS["VGG16"], MODELS["VGG19"] = VGG16, VGG19

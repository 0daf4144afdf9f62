"""The blocks of ResNet, with upstream's names."""

from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.layers import BatchNorm, Conv2d, Layer
from dezero.models.table import MODELS


def convolution(channels: int, kernel: int, stride: int = 1, nobias: bool = True) -> Conv2d:
    """Return a convolution that keeps the size but for its stride."""
    pad = kernel // 2
    return Conv2d(channels, kernel, stride, pad, nobias=nobias, initializer="he_normal")


class Residual(Layer):
    """Base of the blocks: what `forward` adds to its input, or to a projection of it."""

    in_channels: int | None

    def _expect_channels(self, x: Any) -> None:
        if self.in_channels not in (None, x.shape[1]):
            raise ValueError(
                f"{type(self).__name__}: expected x (N, {self.in_channels}, H, W), got shape "
                f"{x.shape}. Check in_channels."
            )


class BottleneckA(Residual):
    """Three convolutions, 1x1, 3x3, 1x1, and a projection: y = relu(f(x) + g(x)).

    Args:
        in_channels: of x; None takes them from the first call.
        mid_channels: between the convolutions.
        out_channels: of y.
        stride: by which y is smaller than x.
        downsample_fb: whether the 3x3 convolution strides, as in Facebook's and torchvision's
            ResNet, not the first one, as in the paper's.
    Reference: He et al. 2015, "Deep residual learning for image recognition", figure 5.
    """

    def __init__(
        self,
        in_channels: int | None,
        mid_channels: int,
        out_channels: int,
        stride: int = 2,
        downsample_fb: bool = False,
    ) -> None:
        self.in_channels, self.mid_channels = in_channels, mid_channels
        self.out_channels, self.stride = out_channels, stride
        self.conv1, self.bn1 = convolution(mid_channels, 1), BatchNorm()
        self.conv2, self.bn2 = convolution(mid_channels, 3), BatchNorm()
        self.conv3, self.bn3 = convolution(out_channels, 1), BatchNorm()
        self.conv4, self.bn4 = convolution(out_channels, 1, stride), BatchNorm()
        self.move_stride(bool(downsample_fb))

    def move_stride(self, downsample_fb: bool) -> None:
        """Let the 3x3 convolution stride, or the 1x1 before it."""
        self.downsample_fb = downsample_fb
        first, second = (1, self.stride) if downsample_fb else (self.stride, 1)
        self.conv1.stride, self.conv2.stride = (first, first), (second, second)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = Variable.wrap(x)
        self._expect_channels(x)
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.relu(self.bn2(self.conv2(h)))
        return F.relu(self.bn3(self.conv3(h)) + self.bn4(self.conv4(x)))

    def config(self) -> dict[str, Any]:
        keys = ("in_channels", "mid_channels", "out_channels", "stride", "downsample_fb")
        return {key: getattr(self, key) for key in keys}


class BottleneckB(Residual):
    """Three convolutions, 1x1, 3x3, 1x1, that keep the size: y = relu(f(x) + x).

    Args:
        in_channels: of x and y.
        mid_channels: between the convolutions.
    """

    def __init__(self, in_channels: int, mid_channels: int) -> None:
        self.in_channels, self.mid_channels = in_channels, mid_channels
        self.conv1, self.bn1 = convolution(mid_channels, 1), BatchNorm()
        self.conv2, self.bn2 = convolution(mid_channels, 3), BatchNorm()
        self.conv3, self.bn3 = convolution(in_channels, 1), BatchNorm()

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = Variable.wrap(x)
        self._expect_channels(x)
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.relu(self.bn2(self.conv2(h)))
        return F.relu(self.bn3(self.conv3(h)) + x)

    def config(self) -> dict[str, Any]:
        return {"in_channels": self.in_channels, "mid_channels": self.mid_channels}


class BasicBlock(Residual):
    """Two 3x3 convolutions, of ResNet 18 and 34: y = relu(f(x) + x), or + g(x) where sizes differ.

    Args:
        in_channels, out_channels: of x and y.
        stride: by which y is smaller than x.
    Reference: He et al. 2015, figure 5.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        self.in_channels, self.out_channels, self.stride = in_channels, out_channels, stride
        self.conv1, self.bn1 = convolution(out_channels, 3, stride), BatchNorm()
        self.conv2, self.bn2 = convolution(out_channels, 3), BatchNorm()
        self.conv3 = self.bn3 = None
        if stride != 1 or in_channels != out_channels:
            self.conv3, self.bn3 = convolution(out_channels, 1, stride), BatchNorm()

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = Variable.wrap(x)
        self._expect_channels(x)
        h = F.relu(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        if self.conv3 is not None and self.bn3 is not None:
            x = self.bn3(self.conv3(x))
        return F.relu(h + x)

    def config(self) -> dict[str, Any]:
        keys = ("in_channels", "out_channels", "stride")
        return {key: getattr(self, key) for key in keys}


class BuildingBlock(Layer):
    """Bottlenecks one after another, `a`, `b1`, `b2`, ...; only `a` changes size and channels.

    Args:
        n_layers: how many bottlenecks.
        in_channels, mid_channels, out_channels, stride, downsample_fb: as of `BottleneckA`.
        basic: use `BasicBlock`s of out_channels instead.
    """

    def __init__(  # noqa: PLR0917 - the order of upstream
        self,
        n_layers: Any = None,
        in_channels: Any = None,
        mid_channels: Any = None,
        out_channels: Any = None,
        stride: Any = None,
        downsample_fb: bool | None = None,
        *,
        basic: bool = False,
    ) -> None:
        sizes = {"n_layers": n_layers, "in_channels": in_channels, "mid_channels": mid_channels}
        sizes |= {"out_channels": out_channels, "stride": stride}
        for key, value in sizes.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"BuildingBlock: expected {key} >= 1, got {describe(value)}.")
        self._sizes, self.basic = sizes, basic
        if basic:
            self.a: Any = BasicBlock(in_channels, out_channels, stride)
        else:
            ends = (in_channels, mid_channels, out_channels)
            self.a = BottleneckA(*ends, stride, bool(downsample_fb))
        self._forward = ["a"]
        for i in range(1, n_layers):
            if basic:
                block: Any = BasicBlock(out_channels, out_channels)
            else:
                block = BottleneckB(out_channels, mid_channels)
            setattr(self, f"b{i}", block)
            self._forward.append(f"b{i}")

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        for name in self._forward:
            x = getattr(self, name)(x)
        return x

    def config(self) -> dict[str, Any]:
        made = self._sizes | {"basic": self.basic}
        return made if self.basic else made | {"downsample_fb": self.a.downsample_fb}


for _kind in (BasicBlock, BottleneckA, BottleneckB, BuildingBlock):
    MODELS[_kind.__name__] = _kind

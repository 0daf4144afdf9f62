"""The same networks written anew in plain torch, under torchvision's names."""


def vgg(nn, blocks, width=1.0, classes=1000):
    """torchvision's VGG, dropout left out; pictures of 64 x 64 leave 2 x 2."""
    layers, before = [], 3
    for count, size in zip(blocks, (64, 128, 256, 512, 512), strict=True):
        size = int(size * width)
        for _ in range(count):
            layers += [nn.Conv2d(before, size, 3, padding=1), nn.ReLU()]
            before = size
        layers.append(nn.MaxPool2d(2, 2))
    hidden = int(4096 * width)

    class VGG(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(*layers)
            self.classifier = nn.Sequential(
                nn.Linear(before * 4, hidden), nn.ReLU(), nn.Identity(),
                nn.Linear(hidden, hidden), nn.ReLU(), nn.Identity(),
                nn.Linear(hidden, classes),
            )  # fmt: skip

        def forward(self, x):
            return self.classifier(self.features(x).flatten(1))

    return VGG()


def conv(nn, ins, outs, kernel, stride=1, *, bias=False):
    return nn.Conv2d(ins, outs, kernel, stride, padding=kernel // 2, bias=bias)


def block_class(nn, basic, stride_first, eps):
    """A residual block; `stride_first` is where the paper has the stride, else on the 3x3."""

    class Block(nn.Module):
        def __init__(self, ins, mid, stride, project):
            super().__init__()
            outs = mid if basic else 4 * mid
            first, second = (stride, 1) if stride_first or basic else (1, stride)
            self.conv1 = conv(nn, ins, mid, 3 if basic else 1, first)
            self.bn1 = nn.BatchNorm2d(mid, eps)
            self.conv2 = conv(nn, mid, mid, 3, second)
            self.bn2 = nn.BatchNorm2d(mid, eps)
            if not basic:
                self.conv3 = conv(nn, mid, outs, 1)
                self.bn3 = nn.BatchNorm2d(outs, eps)
            if project:
                self.downsample = nn.Sequential(
                    conv(nn, ins, outs, 1, stride), nn.BatchNorm2d(outs, eps)
                )

        def forward(self, x):
            h = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            h = h if basic else self.bn3(self.conv3(h.relu()))
            return (h + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()

    return Block


def resnet(nn, counts, *, basic=False, variant="torchvision", width=1.0, classes=1000):
    """torchvision's ResNet, or the paper's with upstream's pooling or Caffe's."""
    torchs = variant == "torchvision"
    eps = 1e-5 if torchs else 2e-5
    Block = block_class(nn, basic, not torchs, eps)
    first = int(64 * width)

    class ResNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = conv(nn, 3, first, 7, 2, bias=not torchs)
            self.bn1 = nn.BatchNorm2d(first, eps)
            self.maxpool = nn.MaxPool2d(3, 2, 1 if torchs else 0, ceil_mode=variant == "msra")
            ins = first
            for group, count in enumerate(counts):
                mid, stride = int((64 << group) * width), 1 if group == 0 else 2
                outs = mid if basic else 4 * mid
                blocks = [Block(ins, mid, stride, project=stride != 1 or ins != outs)]
                blocks += [Block(outs, mid, 1, project=False) for _ in range(count - 1)]
                setattr(self, f"layer{group + 1}", nn.Sequential(*blocks))
                ins = outs
            self.fc = nn.Linear(ins, classes)

        def forward(self, x):
            x = self.maxpool(self.bn1(self.conv1(x)).relu())
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(x.mean((2, 3)))

    return ResNet()


def squeezenet(nn, version, width=1.0, classes=1000):
    """torchvision's SqueezeNet, dropout left out."""

    class Fire(nn.Module):
        def __init__(self, ins, squeeze):
            super().__init__()
            self.squeeze = nn.Conv2d(ins, squeeze, 1)
            self.expand1x1 = nn.Conv2d(squeeze, 4 * squeeze, 1)
            self.expand3x3 = nn.Conv2d(squeeze, 4 * squeeze, 3, padding=1)

        def forward(self, x):
            import torch

            x = self.squeeze(x).relu()
            return torch.cat([self.expand1x1(x).relu(), self.expand3x3(x).relu()], 1)

    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    size = [int(n * width) for n in (16, 16, 32, 32, 48, 48, 64, 64)]
    first, kernel = (96, 7) if version == "1.0" else (64, 3)
    ins = [int(first * width), *(8 * n for n in size)]
    fires = [Fire(ins[i], size[i]) for i in range(8)]
    if version == "1.0":
        order = [pool(), *fires[:3], pool(), *fires[3:7], pool(), fires[7]]
    else:
        order = [pool(), *fires[:2], pool(), *fires[2:4], pool(), *fires[4:]]

    class SqueezeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(3, ins[0], kernel, 2), nn.ReLU(), *order)
            self.classifier = nn.Sequential(
                nn.Identity(), nn.Conv2d(ins[8], classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
            )

        def forward(self, x):
            return self.classifier(self.features(x)).flatten(1)

    return SqueezeNet()


def randomised(torch, model, seed=0):
    """Give every parameter and running statistic values that no initializer would."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(shape, low, high):
        return low + (high - low) * torch.rand(shape, generator=generator)

    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.dtype == torch.int64:
                continue
            if value.ndim > 1:
                fan = value[0].numel()
                value.copy_(torch.randn(value.shape, generator=generator) * (2 / fan) ** 0.5)
            elif name.endswith(("running_var", "bn1.weight", "bn2.weight", "downsample.1.weight")):
                value.copy_(uniform(value.shape, 0.5, 1.5))
            elif name.endswith("bn3.weight"):
                value.copy_(uniform(value.shape, 0.1, 0.3))
            else:
                value.copy_(uniform(value.shape, -0.2, 0.2))
    return model

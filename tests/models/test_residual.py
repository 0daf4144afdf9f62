"""The blocks of ResNet: names, arguments, what does not fit."""

import numpy as np
import pytest

from dezero.models import BasicBlock, BottleneckA, BottleneckB, BuildingBlock

X = np.ones((2, 4, 6, 6), "f4")


def test_the_names_of_upstream():
    block = BuildingBlock(3, 4, 2, 8, 2)
    assert block._forward == ["a", "b1", "b2"]
    assert isinstance(block.a, BottleneckA) and isinstance(block.b2, BottleneckB)
    assert [name for name, _ in block.a.named_layers()] == [
        "conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "conv4", "bn4",
    ]  # fmt: skip
    assert block(X).shape == (2, 8, 3, 3)


def test_where_the_stride_is():
    paper, facebook = BottleneckA(4, 2, 8), BottleneckA(4, 2, 8, downsample_fb=True)
    assert (paper.conv1.stride, paper.conv2.stride) == ((2, 2), (1, 1))
    assert (facebook.conv1.stride, facebook.conv2.stride) == ((1, 1), (2, 2))
    assert BuildingBlock(1, 4, 2, 8, 1, True).a.downsample_fb is True


def test_basic_blocks_project_where_sizes_differ():
    assert BasicBlock(4, 4).conv3 is None
    assert BasicBlock(4, 4, 2)(X).shape == (2, 4, 3, 3)
    assert BasicBlock(4, 5)(X).shape == (2, 5, 6, 6)


@pytest.mark.parametrize(
    "block",
    [BottleneckA(3, 2, 8), BottleneckB(3, 2), BasicBlock(3, 3), BuildingBlock(1, 3, 2, 8, 1)],
)
def test_other_channels(block):
    with pytest.raises(ValueError, match=r"expected x \(N, 3, H, W\), got shape \(2, 4, 6, 6\)"):
        block(X)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((), "BuildingBlock: expected n_layers >= 1, got None"),
        ((0, 4, 2, 8, 1), "expected n_layers >= 1, got int 0"),
        ((1, 4, 2, 8, True), "expected stride >= 1, got bool True"),
        ((1, 4, None, 8, 1), "expected mid_channels >= 1"),
    ],
)
def test_arguments(arguments, match):
    with pytest.raises(ValueError, match=match):
        BuildingBlock(*arguments)

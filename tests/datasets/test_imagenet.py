"""ImageNet: names without a download, numbers without a gap."""

import numpy as np
import pytest
from PIL import Image

from dezero.datasets import DataNotFound, ImageNet


def test_labels_are_data():
    labels = ImageNet.labels()
    assert list(labels) == list(range(1000))
    assert labels[0] == "tench, Tinca tinca"
    assert labels[207] == "golden retriever"
    assert labels[281] == "tabby, tabby cat"
    assert labels[340] == "zebra"
    assert labels[999] == "toilet tissue, toilet paper, bathroom tissue"
    # Two birds or machines are cranes, two garments maillots; all else is told apart.
    assert len(set(labels.values())) == 999
    assert labels[134] == labels[517] == "crane"


@pytest.fixture
def root(tmp_path):
    for name in ("n01440764", "n02391049", "n15075141"):  # tench, zebra, toilet tissue
        for part in ("train", "val"):
            (tmp_path / part / name).mkdir(parents=True)
            Image.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / part / name / f"{part}.JPEG")
    return tmp_path


@pytest.mark.parametrize("train", [True, False])
def test_class_numbers_stay_where_folders_are_missing(root, train):
    data = ImageNet(train, root=root)
    assert data.train is train and data.label.tolist() == [0, 340, 999]
    assert data.class_to_index["n02391049"] == 340
    assert data.samples[0][0].endswith("train.JPEG" if train else "val.JPEG")
    x, t = data[1]
    assert x.shape == (3, 4, 4) and x.dtype == np.uint8
    assert data.labels()[int(t)] == "zebra"


def test_bug_41_image_net_is_a_data_set_or_says_what_it_needs(root, monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataNotFound, match=r"ImageNet: expected a folder .* ImageNet\.labels\(\)"):
        ImageNet()
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path))
    (tmp_path / "imagenet").symlink_to(root)
    assert len(ImageNet()) == 3


def test_other_folders(root):
    (root / "train/cat").mkdir()
    with pytest.raises(ValueError, match=r"ImageNet: expected folders named by .* got cat in"):
        ImageNet(root=root)

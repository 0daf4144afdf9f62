"""What both iterators over files share: parts of a list, targets, sizes kept in proportion."""

import numpy as np
from PIL import Image

from dezero.preprocessing import ImageDataGenerator
from dezero.preprocessing.files import FileIterator


def test_parts_of_a_list():
    files = FileIterator.__new__(FileIterator)
    files.split = None
    assert files.in_subset([1, 2, 3]) == [1, 2, 3]
    files.split = (0.0, 0.4)
    validation = files.in_subset(list(range(8)))
    files.split = (0.4, 1.0)
    assert [*validation, *files.in_subset(list(range(8)))] == list(range(8))
    assert validation == [0, 1, 2]


def test_deep_grey_and_bytes_in_one_batch(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(np.array([[0, 60000]], np.uint16)).save(tmp_path / "a/deep.png")
    Image.fromarray(np.array([[0, 200]], np.uint8)).save(tmp_path / "a/flat.png")
    options = {"color_mode": "grayscale", "target_size": (1, 2), "shuffle": False}
    x = next(ImageDataGenerator().flow_from_directory(tmp_path, class_mode=None, **options))
    assert x.ravel().tolist() == [0, 60000, 0, 200]


def test_proportions_are_kept_if_asked_for(tmp_path):
    (tmp_path / "a").mkdir()
    x = np.zeros((4, 8, 3), np.uint8)
    x[:, 2:6] = 255
    Image.fromarray(x).save(tmp_path / "a/wide.png")
    flow = ImageDataGenerator().flow_from_directory(
        tmp_path, target_size=(4, 4), class_mode=None, keep_aspect_ratio=True
    )
    assert (next(flow) == 255).all()

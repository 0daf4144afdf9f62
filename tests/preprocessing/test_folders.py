"""image_dataset_from_directory: labels, parts, sizes, and a new order in every epoch."""

import numpy as np
import pytest

from dezero.backend import random as backend_random
from dezero.preprocessing import PictureError, image_dataset_from_directory, save_img
from tests.preprocessing.conftest import GREEN, RED

TINY = {"image_size": (4, 5), "shuffle": False}
PETS = {"class_names": ["cat", "dog"], **TINY}


def test_batches_with_inferred_labels(folder, capsys):
    data = image_dataset_from_directory(folder, batch_size=3, **TINY)
    assert capsys.readouterr().out == "Found 5 files belonging to 3 classes.\n"
    assert data.class_names == ["cat", "dog", "empty"] and len(data) == 2
    assert data.file_paths[-1] == str(folder / "dog/2.png")
    (x, y), (x2, y2) = data
    assert x.shape == (3, 4, 5, 3) and x.dtype == np.float32 and y.dtype == np.int32
    np.testing.assert_allclose(x[1, 0, 0], RED, atol=1e-4)
    np.testing.assert_allclose(x2[1, 0, 0], GREEN, atol=1e-4)
    assert [*y, *y2] == [0, 0, 0, 1, 1]


def test_kinds_of_labels(folder, capsys):
    ((_, y),) = image_dataset_from_directory(folder, label_mode="categorical", **PETS)
    np.testing.assert_array_equal(y, np.eye(2)[[0, 0, 0, 1, 1]])
    ((_, y),) = image_dataset_from_directory(folder, label_mode="binary", **PETS)
    assert y.dtype == np.float32 and y.ravel().tolist() == [0, 0, 0, 1, 1] and y.shape == (5, 1)
    ((_, y),) = image_dataset_from_directory(folder, labels=[2, 0, 1, 2, 0], **TINY)
    assert y.tolist() == [2, 0, 1, 2, 0]
    capsys.readouterr()
    for options in ({"labels": None}, {"label_mode": None}):
        (x,) = image_dataset_from_directory(folder, **{**TINY, **options})
        assert x.shape == (5, 4, 5, 3)
    assert capsys.readouterr().out.splitlines()[0] == "Found 5 files."
    x, y = next(iter(image_dataset_from_directory(folder, batch_size=None, **TINY)))
    assert x.shape == (4, 5, 3) and y == 0


def test_parts(folder, capsys):
    options = {"validation_split": 0.4, "seed": 3, "image_size": (4, 5)}
    parts = [image_dataset_from_directory(folder, subset=s, **options) for s in
             ("training", "validation")]  # fmt: skip
    both = image_dataset_from_directory(folder, subset="both", **options)
    assert [sorted(part.file_paths) for part in parts] == [sorted(p.file_paths) for p in both]
    assert [len(part.file_paths) for part in parts] == [3, 2]
    assert len({path for part in parts for path in part.file_paths}) == 5
    assert "Using 3 files for training.\n" in capsys.readouterr().out
    (x, _), (again, _) = *both[1], *both[1]
    np.testing.assert_array_equal(x, again)


def test_each_epoch_has_its_order_and_the_seed_repeats_it(folder, seeded):
    options = {"labels": [0, 1, 2, 3, 4], "image_size": (2, 2)}
    runs = []
    for _ in range(2):
        backend_random.seed(1)
        data = image_dataset_from_directory(folder, **options)
        runs.append([y.tolist() for _ in range(4) for _, y in data])
    assert runs[0] == runs[1] and len({tuple(y) for y in runs[0]}) > 1


def test_proportions(folder):
    options = {"color_mode": "grayscale", "image_size": (6, 6), "shuffle": False}
    (cut,) = image_dataset_from_directory(folder, labels=None, crop_to_aspect_ratio=True, **options)
    (padded,) = image_dataset_from_directory(
        folder, labels=None, pad_to_aspect_ratio=True, **options
    )
    assert cut.shape == padded.shape == (5, 6, 6, 1)
    assert cut.min() > 0 and (padded[0, 0] < padded[0, 3]).all()
    (x,) = image_dataset_from_directory(
        folder, labels=None, data_format="channels_first", image_size=3, interpolation="area"
    )
    assert x.shape == (5, 3, 3, 3)


def test_borders_are_keras_ones(tmp_path):
    """Keras puts the same border on both sides, so an odd row that is missing stays missing."""
    (tmp_path / "a").mkdir()
    save_img(tmp_path / "a/0.png", np.full((5, 12, 3), 90.0), scale=False)
    (x,) = image_dataset_from_directory(
        tmp_path, labels=None, image_size=(8, 9), pad_to_aspect_ratio=True, shuffle=False
    )
    np.testing.assert_allclose(x[0, :, 4, 0], [0, 16.875, 90, 90, 90, 90, 16.875, 0], atol=1e-3)


def test_a_damaged_file_is_named(folder):
    (folder / "dog/2.png").write_bytes(b"nothing")
    with pytest.raises(PictureError, match=r"dog/2.png: expected a picture"):
        list(image_dataset_from_directory(folder, **TINY))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "none"}, "labels to be"),
        ({"labels": [0, 1]}, "a class number for each of 5"),
        ({"labels": [0, 1, 3, 3, 3]}, "without gaps"),
        ({"label_mode": "float"}, "label_mode"),
        ({"label_mode": "binary"}, "two classes for binary"),
        ({"class_names": ["cow"]}, "class_names to be folders"),
        ({"class_names": ["empty"]}, "pictures"),
        ({"color_mode": "bgr"}, "color_mode"),
        ({"image_size": (0, 1)}, "a size"),
        ({"interpolation": "box"}, "interpolation"),
        ({"subset": "training"}, "validation_split and subset together"),
        ({"subset": "test", "validation_split": 0.5}, "subset to be one"),
        ({"subset": "both", "validation_split": 1.5}, "between 0 and 1"),
        ({"subset": "training", "validation_split": 0.5, "shuffle": True}, "a seed"),
        ({"subset": "validation", "validation_split": 0.1}, "files for validation"),
    ],
)  # fmt: skip
def test_refusals(folder, options, message):
    with pytest.raises(ValueError, match=f"image_dataset_from_directory: expected .*{message}"):
        image_dataset_from_directory(folder, **{**TINY, **options})

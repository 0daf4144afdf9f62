"""flow_from_directory: class modes, colours, sizes, subsets, and what it prints."""

import numpy as np
import pytest

from dezero.preprocessing import ImageDataGenerator, PictureError
from tests.preprocessing.conftest import GREEN, RED

PLAIN = ImageDataGenerator()
TINY = {"target_size": (4, 5), "shuffle": False, "batch_size": 10}


def test_what_is_found_is_printed_and_kept(folder, capsys):
    flow = PLAIN.flow_from_directory(folder, **TINY)
    assert capsys.readouterr().out == "Found 5 images belonging to 3 classes.\n"
    assert flow.class_indices == {"cat": 0, "dog": 1, "empty": 2} and flow.num_classes == 3
    assert flow.filenames[0] == "cat/A.JPG" and flow.samples == flow.n == 5 and len(flow) == 1
    assert flow.classes.tolist() == flow.labels.tolist() == [0, 0, 0, 1, 1]
    assert flow.image_shape == (4, 5, 3) and flow.filepaths[4] == str(folder / "dog/2.png")
    x, y = next(flow)
    assert x.shape == (5, 4, 5, 3) and x.dtype == y.dtype == np.float32
    np.testing.assert_array_equal(x[[1, 4], 0, 0], [RED, GREEN])
    np.testing.assert_array_equal(y, np.eye(3)[[0, 0, 0, 1, 1]])


@pytest.mark.parametrize("mode", ["binary", "sparse"])
def test_numbers_as_targets(folder, mode):
    flow = PLAIN.flow_from_directory(folder, class_mode=mode, classes=["dog", "cat"], **TINY)
    kind = np.float32 if mode == "binary" else np.int32
    assert flow[0][1].tolist() == [0, 0, 1, 1, 1] and flow[0][1].dtype == kind


def test_the_pictures_or_nothing_as_targets(folder):
    generator = ImageDataGenerator(rotation_range=40, rescale=1 / 255)
    x, t = next(generator.flow_from_directory(folder, class_mode="input", **TINY))
    np.testing.assert_array_equal(x, t)
    assert not np.shares_memory(x, t)
    assert next(generator.flow_from_directory(folder, class_mode=None, **TINY)).shape[0] == 5


def test_colours_and_layouts(folder):
    options = {"class_mode": None, **TINY}
    grey = next(PLAIN.flow_from_directory(folder, color_mode="grayscale", **options))
    assert grey.shape == (5, 4, 5, 1)
    first = ImageDataGenerator(data_format="channels_first")
    flow = first.flow_from_directory(folder, color_mode="rgba", **options)
    assert flow.image_shape == (4, 4, 5)
    x = next(flow)
    assert x.shape == (5, 4, 4, 5) and (x[3, 3] == 128).all() and (x[1, 3] == 255).all()


def test_subsets_are_cut_from_each_class(folder, capsys):
    generator = ImageDataGenerator(validation_split=0.5)
    parts = [
        generator.flow_from_directory(folder, subset=subset, **TINY)
        for subset in ("validation", "training")
    ]
    assert parts[0].filenames == ["cat/A.JPG", "dog/10.png"]
    assert parts[1].filenames == ["cat/b.png", "cat/deep/c.png", "dog/2.png"]
    assert "Found 2 images belonging to 3 classes." in capsys.readouterr().out


def test_a_seed_repeats_and_pictures_are_written(folder, tmp_path):
    generator = ImageDataGenerator(rotation_range=40, zoom_range=0.3, horizontal_flip=True)
    saved = tmp_path / "saved"
    saved.mkdir()
    options = {"target_size": (4, 5), "batch_size": 2, "seed": 4}
    flows = [
        generator.flow_from_directory(folder, save_to_dir=saved, save_format="jpeg", **options),
        generator.flow_from_directory(folder, **options),
    ]
    for _ in range(7):
        for one, other in zip(*map(next, flows), strict=True):
            np.testing.assert_array_equal(one, other)
    assert list(saved.glob("*.jpeg"))


def test_a_damaged_file_is_named(folder):
    (folder / "dog/2.png").write_bytes((folder / "dog/2.png").read_bytes()[:40])
    flow = PLAIN.flow_from_directory(folder, **TINY)
    with pytest.raises(PictureError, match=r"dog/2.png: expected a picture"):
        next(flow)


def test_refusals(folder):
    for options, message in (
        ({"class_mode": "other"}, "class_mode to be one of"),
        ({"class_mode": "binary"}, "expected two classes for binary"),
        ({"classes": ["cat", "cow"]}, "expected classes to be folders"),
        ({"classes": "cat"}, "expected classes to be folders"),
        ({"color_mode": "bgr"}, "color_mode to be one of"),
        ({"target_size": (0, 1)}, "expected a size"),
        ({"interpolation": "cubic"}, "interpolation to be one of"),
        ({"subset": "training"}, "expected validation_split"),
        ({"save_to_dir": folder / "nowhere"}, "save_to_dir"),
    ):
        with pytest.raises(ValueError, match=message):
            PLAIN.flow_from_directory(folder, **{**TINY, **options})
    with pytest.raises(ValueError, match="expected directory to be a folder"):
        PLAIN.flow_from_directory(folder / "nowhere")

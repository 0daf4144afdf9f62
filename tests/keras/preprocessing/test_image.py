"""Keras's names at Keras's places, with its parameters in its order."""

import inspect

import numpy as np
import pytest

from dezero.keras.preprocessing import image, image_dataset_from_directory

# Names and defaults as keras.preprocessing.image of Keras 2 has them.
GENERATOR = (
    "featurewise_center samplewise_center featurewise_std_normalization "
    "samplewise_std_normalization zca_whitening zca_epsilon rotation_range width_shift_range "
    "height_shift_range brightness_range shear_range zoom_range channel_shift_range fill_mode cval "
    "horizontal_flip vertical_flip rescale preprocessing_function data_format validation_split "
    "interpolation_order dtype"
).split()
DIRECTORY = (
    "self directory target_size color_mode classes class_mode batch_size shuffle seed save_to_dir "
    "save_prefix save_format follow_links subset interpolation keep_aspect_ratio"
).split()
FLOW = (
    "self x y batch_size shuffle sample_weight seed save_to_dir save_prefix save_format "
    "ignore_class_split subset"
).split()


def test_parameters_are_keras_own():
    generator = image.ImageDataGenerator
    assert list(inspect.signature(generator).parameters) == GENERATOR
    assert list(inspect.signature(generator.flow_from_directory).parameters) == DIRECTORY
    assert list(inspect.signature(generator.flow).parameters) == FLOW


@pytest.mark.oracle
def test_signatures_are_those_of_keras():
    theirs = pytest.importorskip("keras.src.legacy.preprocessing.image")
    own = {"row_axis", "col_axis", "channel_axis", "data_format", "dtype"}
    for name in ("ImageDataGenerator", "random_rotation", "random_shift", "apply_channel_shift"):
        ours, real = (inspect.signature(getattr(m, name)).parameters for m in (image, theirs))
        assert list(ours) == list(real)
        for key in set(ours) - own:
            assert ours[key].default == real[key].default, (name, key)


def test_a_tutorials_program(tmp_path):
    for kind, value in (("cats", 50), ("dogs", 200)):
        (tmp_path / kind).mkdir()
        for i in range(3):
            image.save_img(tmp_path / kind / f"{i}.jpg", np.full((8, 8, 3), value), scale=False)
    x = image.img_to_array(image.load_img(tmp_path / "cats/0.jpg", target_size=(6, 6)))
    x = x.reshape((1, *x.shape))
    generator = image.ImageDataGenerator(rotation_range=20, horizontal_flip=True)
    shapes = []
    for batch in generator.flow(x, batch_size=1):
        shapes.append(image.array_to_img(batch[0]).size)
        if len(shapes) == 4:
            break
    assert shapes == [(6, 6)] * 4
    flow = image.ImageDataGenerator(rescale=1.0 / 255).flow_from_directory(
        tmp_path, target_size=(6, 6), batch_size=4, class_mode="binary"
    )
    for data_batch, labels_batch in flow:
        np.testing.assert_allclose(data_batch[:, 0, 0, 0] > 0.5, labels_batch)
        break
    assert len(flow) == 2 and isinstance(flow, image.Iterator)
    assert len(image_dataset_from_directory(tmp_path, image_size=(4, 4))) == 1


def test_utils_have_the_same_functions():
    from dezero import preprocessing
    from dezero.keras import utils

    for name in ("array_to_img", "img_to_array", "load_img", "save_img", "pad_sequences"):
        assert getattr(utils, name) is getattr(preprocessing, name)
    assert utils.image_dataset_from_directory is image_dataset_from_directory

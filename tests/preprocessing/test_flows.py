"""The flows pass every option on, by Keras's names and order."""

import inspect

import numpy as np

from dezero.preprocessing import (
    DataFrameIterator,
    DirectoryIterator,
    ImageDataGenerator,
    NumpyArrayIterator,
)


def test_each_option_of_a_flow_is_one_of_its_iterator():
    pairs = (
        (ImageDataGenerator.flow, NumpyArrayIterator),
        (ImageDataGenerator.flow_from_directory, DirectoryIterator),
        (ImageDataGenerator.flow_from_dataframe, DataFrameIterator),
    )
    for flow, iterator in pairs:
        options = set(inspect.signature(flow).parameters) - {"self", "kwargs"}
        assert options <= set(inspect.signature(iterator).parameters)


def test_the_generator_gives_layout_and_dtype(folder):
    generator = ImageDataGenerator(data_format="channels_first", dtype="float64")
    for flow in (
        generator.flow(np.zeros((2, 3, 4, 4)), None, 2, False),
        generator.flow_from_directory(folder, (4, 4), "rgb", ["cat", "dog"], None, 2, False),
        generator.flow_from_dataframe({"filename": ["cat/b.png"] * 2}, folder, class_mode=None,
                                      target_size=(4, 4)),
    ):  # fmt: skip
        x = next(flow)
        assert x.shape == (2, 3, 4, 4) and x.dtype == np.float64

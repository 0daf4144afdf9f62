"""ResNet50, ResNet101, ResNet152 beside real Keras's."""

import pytest

from tests.keras.applications.recorded import same_layers, same_output


@pytest.mark.slow
@pytest.mark.parametrize("name", ("ResNet50", "ResNet101", "ResNet152"))
def test_output(name):
    same_output(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ("ResNet50", "ResNet101", "ResNet152"))
def test_layers(name):
    same_layers(name)

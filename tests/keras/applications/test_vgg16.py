"""VGG16 beside real Keras's."""

import pytest

from tests.keras.applications.recorded import same_layers, same_output


@pytest.mark.slow
def test_output():
    same_output("VGG16")


@pytest.mark.slow
def test_layers():
    same_layers("VGG16")

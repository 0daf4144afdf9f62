"""VGG19 beside real Keras's."""

import pytest

from tests.keras.applications.recorded import same_layers, same_output


@pytest.mark.slow  # what it adds to VGG16 is layers of the same kind
def test_output():
    same_output("VGG19")


@pytest.mark.slow
def test_layers():
    same_layers("VGG19")

"""Xception beside real Keras's."""

import pytest

from tests.keras.applications.recorded import same_layers, same_output


@pytest.mark.slow
def test_output():
    same_output("Xception")


@pytest.mark.slow
def test_layers():
    same_layers("Xception")

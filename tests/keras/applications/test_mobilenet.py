"""MobileNet beside real Keras's."""

import pytest

from tests.keras.applications.recorded import same_layers, same_output


def test_output():
    same_output("MobileNet")


@pytest.mark.slow
def test_layers():
    same_layers("MobileNet")

"""The second place of ResNet50."""

from dezero.keras.applications import resnet, resnet50


def test_it_is_the_same():
    assert resnet50.ResNet50 is resnet.ResNet50
    assert resnet50.preprocess_input is resnet.preprocess_input
    assert resnet50.decode_predictions is resnet.decode_predictions

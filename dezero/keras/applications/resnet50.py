"""Where Keras has ResNet50 beside `applications.resnet`."""

from dezero.keras.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]

"""What scripts that say `tf.keras` use of TensorFlow itself: `from dezero import tf`."""

from dezero import keras
from dezero.keras import tensorflow
from dezero.keras.tape import GradientTape
from dezero.keras.tensorflow import *  # noqa: F403 - all of its names, and those alone
from dezero.keras.variables import variable as Variable

__version__ = tensorflow.__version__
__all__ = ["GradientTape", "Variable", "keras", *tensorflow.__all__]

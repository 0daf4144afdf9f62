"""What scripts that say `tf.keras` use of TensorFlow itself: `from dezero import tf`."""

from types import SimpleNamespace

from dezero import functions as F
from dezero import keras
from dezero.backend.random import seed as set_seed
from dezero.keras import activations
from dezero.keras import backend as K
from dezero.keras.tape import GradientTape
from dezero.keras.variables import variable as Variable

__all__ = [
    "GradientTape", "Variable", "abs", "argmax", "cast", "clip_by_value", "concat", "constant",
    "convert_to_tensor", "equal", "exp", "expand_dims", "keras", "math", "maximum", "minimum", "nn",
    "one_hot", "random", "reduce_max", "reduce_mean", "reduce_min", "reduce_sum", "reshape",
    "sqrt", "square", "squeeze", "transpose",
]  # fmt: skip

abs, exp, sqrt, square, maximum, minimum = F.abs, F.exp, F.sqrt, F.square, F.maximum, F.minimum
argmax, cast, constant, equal, one_hot = K.argmax, K.cast, K.constant, F.equal, F.one_hot
concat, expand_dims, reshape, squeeze = F.concat, F.expand_dims, K.reshape, F.squeeze
reduce_max, reduce_mean, reduce_min, reduce_sum = F.max, F.mean, F.min, F.sum
clip_by_value, convert_to_tensor, transpose = K.clip, K.constant, F.transpose
math = SimpleNamespace(abs=abs, exp=exp, log=F.log, reduce_mean=reduce_mean, sqrt=sqrt)
nn = SimpleNamespace(**activations.ACTIVATIONS, swish=activations.silu)
random = SimpleNamespace(set_seed=set_seed, normal=K.random_normal, uniform=K.random_uniform)

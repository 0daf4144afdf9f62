"""check_layer passes what is right and sees what is wrong."""

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.backend import random
from dezero.core import Parameter, Variable
from dezero.testing import check_layer


class Scale(L.Layer):
    """Right; the base of what is planted."""

    def __init__(self, size=3):
        self.size = size
        self.W = Parameter(random.default_rng().normal(size=size).astype(np.float32))

    def config(self):
        return {"size": self.size}

    def forward(self, x):
        return F.tanh(x * self.W)


def test_right_layers_pass():
    check_layer(Scale, (2, 3))
    check_layer(lambda: L.Linear(4), (2, 3))
    check_layer(lambda: L.EmbedID(5, 2), (3, 4), integers_below=5)
    check_layer(lambda: L.Dropout(0.5), (2, 3))


def test_input_may_be_drawn_by_the_caller(rng):
    check_layer(Scale, (2, 3), rng=rng)


def test_wrong_derivative_by_a_parameter():
    class Cut(Scale):
        def forward(self, x):
            return x * self.W.detach()

    with pytest.raises(AssertionError, match="derivative of order 1"):
        check_layer(Cut, (2, 3))


def test_wrong_second_derivative():
    class Plain(Scale):
        def forward(self, x):
            y = F.tanh(x * self.W)
            y.register_hook(lambda g: g.data)
            return y

    with pytest.raises(AssertionError, match="derivative of order 2"):
        check_layer(Plain, (2, 3))


def test_dtype_not_kept():
    class Wide(Scale):
        def forward(self, x):
            return x * self.W * Variable(np.ones(3))

    with pytest.raises(AssertionError, match="Wide to give float32, got float64"):
        check_layer(Wide, (2, 3))


def test_result_changes_between_calls():
    class Restless(Scale):
        def forward(self, x):
            return x * self.W * float(random.default_rng().normal())

    with pytest.raises(AssertionError, match="same result from Restless called again"):
        check_layer(Restless, (2, 3))


def test_weight_that_is_not_saved():
    class Hidden(Scale):
        def __init__(self, size=3):
            super().__init__(size)
            self.hidden = random.default_rng().normal(size=size).astype(np.float32)

        def forward(self, x):
            return x * self.W + self.hidden

    with pytest.raises(AssertionError, match="same result from Hidden with loaded weights"):
        check_layer(Hidden, (2, 3))


def test_setting_that_config_forgets():
    class Forgetful(Scale):
        def __init__(self, size=3, factor=1.0):
            super().__init__(size)
            self.factor = factor

        def forward(self, x):
            return x * self.W * self.factor

    with pytest.raises(AssertionError, match="same result from Forgetful made from its config"):
        check_layer(lambda: Forgetful(factor=2.0), (2, 3))


def test_parameter_that_never_gets_data():
    class Idle(Scale):
        def __init__(self, size=3):
            super().__init__(size)
            self.b = Parameter(None)

    with pytest.raises(AssertionError, match=r"every parameter of Idle to have data.*got \['b'\]"):
        check_layer(Idle, (2, 3))

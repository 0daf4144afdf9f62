"""Updates by gradients that are given: of a model, of some of it, of parameters alone."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.keras import optimizers
from tests.keras.optimizers.test_base import Two


class TestApply:
    def test_parameters_without_a_model(self):
        model, adam = Two(), optimizers.SGD(1.0, momentum=0.5)
        params = [model.kernel, model.bias]
        for _ in range(2):
            made = adam.apply_gradients(zip([np.ones(3), None], params, strict=True))
        assert made == adam.iterations == 2
        assert model.kernel.data.tolist() == [-1.5] * 3 and model.bias.data.tolist() == [1, 1]
        assert model.kernel.grad is None

    def test_some_of_a_model(self):
        model, sgd = Two(), optimizers.SGD(1.0)
        sgd.setup(model)
        model.bias.grad = kept = Variable(np.ones(2))
        sgd.apply([Variable(np.ones(3))], [model.kernel])
        assert model.kernel.data.tolist() == [0] * 3 and model.bias.data.tolist() == [1, 1]
        assert model.bias.grad is kept
        sgd.apply([np.ones(3), np.ones(2)])
        assert model.bias.data.tolist() == [0, 0]

    def test_what_does_not_belong(self):
        sgd = optimizers.SGD()
        sgd.build([Parameter(np.ones(2))])
        with pytest.raises(ValueError, match="expected parameters that it was built for"):
            sgd.apply([np.ones(2)], [Parameter(np.ones(2))])
        with pytest.raises(ValueError, match="got None for every parameter"):
            sgd.apply([None])

"""One optimizer update of the 101,770 parameters of 784-128-10, gradients given.

python benchmarks/optimizer_update.py [--quick]
"""

import harness
import numpy as np

SHAPES = ((784, 128), (128,), (128, 10), (10,))
REPEATS = 200
RULES = {  # name here: (class and arguments here, class and arguments in torch)
    "sgd": (("SGD", {}), ("SGD", {"lr": 0.01})),
    "momentum": (("MomentumSGD", {}), ("SGD", {"lr": 0.01, "momentum": 0.9})),
    "nesterov": (("Nesterov", {}), ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True})),
    "adagrad": (("AdaGrad", {}), ("Adagrad", {"lr": 0.001})),
    "rmsprop": (("RMSprop", {}), ("RMSprop", {"lr": 0.001})),
    "adam": (("Adam", {}), ("Adam", {})),
}


def arrays(seed):
    rng = np.random.default_rng(seed)
    return [0.01 * rng.standard_normal(shape, dtype=np.float32) for shape in SHAPES]


def repeated(update):
    def once():
        start = harness.clock()
        for _ in range(REPEATS):
            update()
        return (harness.clock() - start) / REPEATS

    return once


def torch_default(rule):
    import torch

    name, arguments = rule[1]
    params = [torch.nn.Parameter(torch.from_numpy(a)) for a in arrays(0)]
    for param, gradient in zip(params, arrays(1), strict=True):
        param.grad = torch.from_numpy(gradient)
    return repeated(getattr(torch.optim, name)(params, **arguments).step)


class Target:
    """The least an optimizer asks of a model."""

    def __init__(self):
        from dezero.core import Parameter, Variable

        self.parameters = [Parameter(a) for a in arrays(0)]
        for param, gradient in zip(self.parameters, arrays(1), strict=True):
            param.grad = Variable(gradient)

    def params(self):
        return iter(self.parameters)


def dezero(rule):
    from dezero import optimizers

    name, arguments = rule[0]
    return repeated(getattr(optimizers, name)(**arguments).setup(Target()).update)


def dezero_numba(rule):
    import numba  # noqa: F401  (left out of the table where the extra is not installed)

    return dezero(rule)


SUBJECT = harness.Subject(
    name="optimizer_update",
    title="One update of 101,770 parameters",
    cases=RULES,
    candidates={"torch default": torch_default, "dezero": dezero, "dezero numba": dezero_numba},
    reference="torch default",
    environment={
        "dezero": {"DEZERO_KERNELS": "numpy"},
        "dezero numba": {"DEZERO_KERNELS": "numba"},
    },
    limits={(case, "dezero"): 1.0 for case in RULES},
)

if __name__ == "__main__":
    harness.main(SUBJECT)

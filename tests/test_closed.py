"""The closure: whatever the library has, some test runs. Each message is the line to write."""

import dezero.functions as F
from dezero.core.registry import DIFFERENTIABLE, FUNCTION_CLASSES, NONDIFFERENTIABLE, NUMPY_NAMES
from tests import closure
from tests.specs import SPECS

# Specs that ask for less than the whole suite, each with its reason. Empty, and meant to stay so.
OPT_OUTS: dict[str, str] = {}
# What only NumPy calls, such as np.shape(x), returns no Variable; `tests/core` has its tests.
FUNCTIONS = {
    name: func
    for name, func in {**DIFFERENTIABLE, **NONDIFFERENTIABLE}.items()
    if name not in NUMPY_NAMES.values() or hasattr(F, name)
}


def show(lines):
    return "\n" + "\n".join(lines)


def test_every_public_function_is_in_exactly_one_table():
    lines = closure.in_no_table(F.__all__, F, (DIFFERENTIABLE, NONDIFFERENTIABLE))
    assert not lines, show(lines)


def test_every_table_entry_is_public():
    hidden = [
        f"{func.__module__}.{name}: put {name!r} into __all__"
        for name, func in FUNCTIONS.items()
        if func.__module__.startswith("dezero.") and getattr(F, name, None) is not func
    ]
    assert not hidden, show(hidden)


def test_every_function_has_a_spec_with_an_oracle():
    lines = closure.without_spec(FUNCTIONS, SPECS)
    assert not lines, show(lines)


def test_every_function_class_occurs_to_second_order():
    lines = closure.unreached(closure.library_classes(), SPECS)
    assert not lines, show(lines)


def test_every_fast_backward_is_compared_with_backward():
    lines = closure.uncompared(closure.library_classes(), SPECS)
    assert not lines, show(lines)


def test_every_function_class_is_public():
    hidden = [
        f"{c.__module__}.{c.__name__}"
        for c in closure.library_classes()
        if c.__module__.startswith("dezero.functions.")
        and not c.__name__.startswith("_")
        and getattr(F, c.__name__, None) is not c
    ]
    assert not hidden, show(hidden)
    assert FUNCTION_CLASSES


def test_opt_outs_are_pinned():
    assert closure.opt_outs(SPECS) == OPT_OUTS


def test_every_raise_is_executed(whole_run):
    lines = closure.unexecuted_raises(closure.SEEN)
    assert not lines, "no pytest.raises saw these:" + show(lines)


# Bases that stand for no layer, metric, ... of their own.
BASES = {
    "Cell",
    "CountRatio",
    "ImageDataset",
    "Layer",
    "Metric",
    "Model",
    "Monitor",
    "Numbered",
    "Optimizer",
    "Published",
    "Residual",
    "VGG",
    "Recurrent",
}


def entries(base, room, made, table):
    """Return what to write for the classes below `base` that the table has not."""
    classes = {c for c in closure.subclasses(base, room) if c.__name__ not in BASES}
    assert classes
    return closure.without_entry(classes, made, f"tests/specs/{table}/__init__.py")


def test_every_layer_has_a_spec():
    from dezero.layers import Layer
    from tests.specs.layers import SPECS

    made = [spec.make() for spec in SPECS]
    for room in ("layers", "models"):
        lines = entries(Layer, room, made, "layers")
        assert not lines, show(lines)


def test_every_optimizer_has_a_spec():
    from dezero.optimizers import Optimizer
    from tests.specs.optimizers import SPECS

    lines = entries(Optimizer, "optimizers", [spec.make() for spec in SPECS], "optimizers")
    assert not lines, show(lines)


def test_every_metric_has_a_spec():
    from dezero.metrics import METRICS, Metric
    from tests.specs.metrics import SPECS

    made = [spec.make() for spec in SPECS]
    lines = entries(Metric, "metrics", made, "metrics")
    lines += closure.without_entry(METRICS.values(), made, "tests/specs/metrics/__init__.py")
    assert not lines, show(lines)


def test_every_loss_has_a_spec():
    from dezero.losses import LOSSES
    from tests.specs.losses import SPECS

    covered = {spec.name for spec in SPECS}
    missing = [f"tests/specs/losses.py needs {name!r}" for name in LOSSES if name not in covered]
    assert not missing, show(
        f"tests/specs/losses.py needs an entry for {name!r}" for name in missing
    )


def test_every_callback_has_a_spec(tmp_path):
    from dezero.training.callbacks import Callback
    from tests.specs.training.callbacks import SPECS

    made = [spec.make(tmp_path) for spec in SPECS]
    lines = entries(Callback, "training", made, "training/callbacks")
    assert not lines, show(lines)


def test_every_dataset_has_a_spec(monkeypatch, tmp_path):
    from dezero.datasets import Dataset
    from tests.played import play_datasets
    from tests.specs.datasets import SPECS, Squares

    play_datasets(monkeypatch, tmp_path)
    made = [spec.make() for spec in SPECS]
    assert any(type(data) is Squares for data in made)
    lines = entries(Dataset, "datasets", [*made, Dataset.__new__(Dataset)], "datasets")
    assert not lines, show(lines)

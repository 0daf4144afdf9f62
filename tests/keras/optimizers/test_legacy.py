"""The older names."""

from dezero.keras import optimizers


def test_legacy_names_are_todays_classes():
    for name in optimizers.legacy.__all__:
        assert getattr(optimizers.legacy, name) is getattr(optimizers, name)

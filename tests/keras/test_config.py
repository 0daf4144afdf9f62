"""`keras.config`."""

from dezero import keras
from dezero.keras import config


def test_settings_are_those_of_the_backend():
    assert config.floatx() == config.dtype_policy().name == "float32"
    assert config.epsilon() == keras.backend.epsilon()
    keras.mixed_precision.set_global_policy("float32")
    config.enable_traceback_filtering()


def test_whether_progress_is_drawn(capsys):
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    config.disable_interactive_logging()
    try:
        assert not config.is_interactive_logging_enabled()
        model.fit([[1.0]], [[1.0]])
        assert "[====" not in capsys.readouterr().out
    finally:
        config.enable_interactive_logging()
    model.fit([[1.0]], [[1.0]])
    assert "[====" in capsys.readouterr().out and config.is_interactive_logging_enabled()

"""Words of Keras 1 and 2, and the words that took their place."""

import inspect
from typing import Any

__all__ = ["FIT_WORDS", "refuse_old"]

LAYER_WORDS = {
    "W_constraint": "kernel_constraint", "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer", "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer", "bias": "use_bias", "border_mode": "padding",
    "dim_ordering": "data_format", "dropout_U": "recurrent_dropout", "dropout_W": "dropout",
    "filter_length": "kernel_size", "init": "kernel_initializer",
    "inner_activation": "recurrent_activation", "inner_init": "recurrent_initializer",
    "nb_col": "kernel_size", "nb_filter": "filters", "nb_row": "kernel_size",
    "output_dim": "units", "p": "rate", "pool_length": "pool_size", "stride": "strides",
    "subsample": "strides", "subsample_length": "strides",
}  # fmt: skip
# Of compile, fit and the rest.
FIT_WORDS = {
    "class_mode": "nothing: the loss says it",
    "nb_epoch": "epochs",
    "nb_val_samples": "validation_steps, which counts batches",
    "nb_worker": "workers",
    "max_q_size": "max_queue_size",
    "samples_per_epoch": "steps_per_epoch, which counts batches",
    "show_accuracy": "metrics=['accuracy'] of compile",
    "val_samples": "steps, which counts batches",
}


def refuse_old(kind: type, given: dict[str, Any]) -> None:
    """Refuse words of Keras 1 that a layer of ours does not take, and say what they are now.

    Raises:
        TypeError: there is one.
    """
    for name in given.keys() & LAYER_WORDS.keys():
        if name not in inspect.signature(kind.__init__).parameters:
            new = LAYER_WORDS[name]
            raise TypeError(
                f"{kind.__name__}: unknown argument {name!r}, a word of Keras 1. "
                f"Since Keras 2 it is {new!r}."
            )

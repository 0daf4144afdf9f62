"""Configurations of models as Keras's files have them, and as dezero.keras makes models of them.

A configuration is data: classes are those of LAYERS or of the caller, modules are not looked at.
"""

import warnings
from typing import Any

from dezero.core.errors import describe
from dezero.keras import registry
from dezero.keras.layers.table import LAYERS, layer_from
from dezero.keras.saving import operations

__all__ = ["model_from", "to_keras3"]

MAX_DEPTH = 100
MAX_ENTRIES = 100_000
MAX_SIZE = 1 << 30
# What Keras writes of a layer beside what makes it.
_DROPPED = {
    "quantization_config",
    "optional",
    "ragged",
    "sparse",
    "build_input_shape",
    "rng_type",
    "softmax_robust_masking",
    "query_shape",
    "key_shape",
    "value_shape",
    "batch_size",
}
# What Keras 2 wrote of layers that have no such argument, and its only value.
_SILENT: dict[str, Any] = {"groups": 1, "noise_shape": None, "time_major": False}
_GROUPED = ("Conv1D", "Conv2D", "GroupNormalization")
_MERGES = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}
# What Keras 3's layers do not take from the configurations that all layers have.
_UNTAKEN: dict[str, tuple] = dict.fromkeys(
    ("Discretization", "SpatialDropout1D", "SpatialDropout2D"), ("trainable",)
)
_MODELS = ("Sequential", "Functional", "Model")
_RULES = {
    "_initializer": "initializers",
    "_regularizer": "regularizers",
    "_constraint": "constraints",
}


def model_from(
    caller: str, entry: Any, custom: dict[str, Any] | None = None, version: Any = None
) -> Any:
    """Return a new model of the configuration in a file of Keras 2 or 3.

    Args:
        caller: begins each message.
        entry: the configuration.
        custom: classes and functions of your own by name.
        version: of Keras, as text; what the entry says of it if None.
    Raises:
        ValueError: it names a class that is none of ours or of `custom`, such as Lambda, whose
            code is not run; or it is no configuration of a model.
    """
    try:
        with registry.custom_object_scope(custom or {}):
            _check_size(caller, entry)
            plain = _read(caller, entry, 0)
            if str(version or entry.get("keras_version", "3")).startswith(("1.", "2.")):
                _renew(caller, plain)
            name = plain.get("class_name") if isinstance(plain, dict) else None
            if name in _MODELS or name in registry.known():
                return layer_from(plain, custom)
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(
            f"{caller}: expected a configuration of Keras, got one that fails with "
            f"{type(error).__name__}: {str(error)[:200]}. Is the file damaged?"
        ) from error
    raise ValueError(
        f"{caller}: expected a Sequential or functional model, got {describe(plain)}. Make a "
        "model of your own class by its code and load the weights, or give custom_objects."
    )


def _check_size(caller: str, entry: Any) -> None:
    """Refuse more entries, or deeper ones, than any model has."""
    count, level = 0, [entry]
    for _ in range(MAX_DEPTH):
        below: list = []
        for part in level:
            if isinstance(part, dict):
                count += "class_name" in part
                below += part.values()
            elif isinstance(part, list):
                below += part
        if count > MAX_ENTRIES:
            raise ValueError(f"{caller}: expected at most {MAX_ENTRIES} entries, got more.")
        level = below
    if level:
        raise ValueError(f"{caller}: expected at most {MAX_DEPTH} nested entries, got more.")


def _read(caller: str, part: Any, depth: int) -> Any:
    """Return a part of a configuration without what only Keras needs."""
    if isinstance(part, list):
        return [_read(caller, value, depth + 1) for value in part]
    if not isinstance(part, dict):
        return part
    name = part.get("class_name")
    if isinstance(name, str) and name.rpartition(">")[2] in ("Lambda", "__lambda__"):
        raise ValueError(
            f"{caller}: expected layers without code, got a Lambda. Its code is not run: make "
            "the model by its program and load the weights."
        )
    if name in ("DTypePolicy", "Policy"):
        return part["config"]["name"]
    if name == "function" and isinstance(part.get("config"), str):
        return registry.chosen_name(part.get("registered_name"), part["config"])
    if name == "__tuple__":
        return [_read(caller, value, depth + 1) for value in part["items"]]
    if name == "__keras_tensor__":
        return {"class_name": name, "config": {"keras_history": part["config"]["keras_history"]}}
    if name is None or not isinstance(part.get("config"), dict):
        return {key: _read(caller, value, depth + 1) for key, value in part.items()}
    return _entry(caller, part, depth)


def _renew(caller: str, plain: Any) -> None:
    """Change what meant something else in Keras 2; warn of what cannot be changed."""
    kinds, stack = set(), [plain]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            kinds.add(part.get("class_name"))
            kinds |= {"Masking"} if part.get("mask_zero") else set()
            for key, value in part.items():
                if key.endswith("activation") and value == "hard_sigmoid":
                    part[key] = "hard_sigmoid_of_keras2"
        stack += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if "Masking" in kinds and kinds & _MERGES:
        warnings.warn(
            f"{caller}: masks pass through {sorted(kinds & _MERGES)} as in Keras 3, if all inputs "
            "have one and where any counts; in Keras 2 one was enough, and all had to count.",
            stacklevel=5,
        )


def _entry(caller: str, part: dict[str, Any], depth: int) -> dict[str, Any]:
    inner = _read(caller, {k: v for k, v in part["config"].items() if k not in _DROPPED}, depth + 1)
    name = registry.chosen_name(part.get("registered_name"), part["class_name"])
    name = "Functional" if name == "Model" else name
    inner = _checked(caller, name, inner)
    if name in _MODELS and (name != "Sequential" or "mixed" not in str(inner.get("dtype"))):
        inner.pop("dtype", None)
    if name == "Functional":
        inner = _functional(inner)
    found = {"class_name": name, "config": inner}
    bare = "module" not in part and inner.keys() == {"name"} and "inbound_nodes" in part
    if part.get("module") == operations.MODULE or bare:  # bare in .h5
        calls = _read(caller, part.get("inbound_nodes"), depth + 1)
        return operations.from_keras(name, inner, calls) or found
    if "inbound_nodes" in part:
        found["inbound_nodes"] = _read(caller, part["inbound_nodes"], depth + 1)
    return found


def _checked(caller: str, name: str, inner: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a class without what only Keras 2 wrote."""
    if isinstance(inner.get("vocabulary"), str):
        raise ValueError(
            f"{caller}: expected the words of {name}, got the name of a file, which is not opened."
        )
    if name == "Operation":
        _check_likely(caller, inner)
    if name in ("SeparableConv1D", "SeparableConv2D"):  # Keras 2 wrote what it did not use
        left = {key: value for key, value in inner.items() if not key.startswith("kernel_")}
        inner = left | {"kernel_size": inner["kernel_size"]}
    if name not in LAYERS or name in (*_GROUPED, "Dropout"):
        return inner
    silent = _SILENT | ({"data_format": "channels_last"} if name == "RandomContrast" else {})
    return {k: v for k, v in inner.items() if k not in silent or v != silent[k]}


def _check_likely(caller: str, config: dict[str, Any]) -> None:
    """Refuse arguments of an operation that ask for an array beyond any use."""
    size, stack = 1, [config.get("args"), config.get("kwargs")]
    while stack:
        part = stack.pop()
        size *= max(1, abs(part)) if isinstance(part, int) else 1
        stack += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if size > MAX_SIZE:
        raise ValueError(f"{caller}: expected sizes of an operation below {MAX_SIZE}, got more.")


def _functional(config: dict[str, Any]) -> dict[str, Any]:
    """Return a functional model's configuration with calls and ends as dezero.keras has them."""
    calls = [call for entry in config["layers"] for call in entry.get("inbound_nodes", [])]
    old = any(isinstance(call, list) for call in calls)  # Keras 2 lists one output too
    for entry in config["layers"]:
        entry["inbound_nodes"] = [_call(call) for call in entry.get("inbound_nodes", [])]
        if entry["class_name"].startswith("Random"):
            # Keras 3 writes the default training=True of these, and predicts without it.
            for call in entry["inbound_nodes"]:
                call["kwargs"].pop("training", None)
    for key in ("input_layers", "output_layers"):
        found = config[key]
        single = old and isinstance(found, list) and len(found) == 1 and _is_history(found[0])
        config[key] = _ends(found[0] if single else found)
    return config


def _call(call: Any) -> dict[str, Any]:
    """Return {"args", "kwargs"} of a call; Keras 2 wrote [[layer, node, tensor, kwargs], ...]."""
    if isinstance(call, dict):
        kwargs = {k: v for k, v in call["kwargs"].items() if v is not None}
        return {"args": call["args"], "kwargs": kwargs}
    several = call if isinstance(call[0], list) else [call]
    kwargs = {}
    for one in several:
        if len(one) > 3:
            kwargs.update({k: _old_value(v) for k, v in one[3].items() if v is not None})
    args = [_tensor(one[:3]) for one in several]
    return {"args": [args if len(args) > 1 else args[0]], "kwargs": kwargs}


def _old_value(value: Any) -> Any:
    return _tensor(value) if _is_history(value) else value


def _is_history(part: Any) -> bool:
    return isinstance(part, list) and len(part) == 3 and isinstance(part[0], str)


def _tensor(history: list) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": history}}


def _ends(part: Any) -> Any:
    if _is_history(part):
        return _tensor(part)
    if isinstance(part, dict) and part.get("class_name") != "__keras_tensor__":
        return {key: _ends(value) for key, value in part.items()}
    return [_ends(value) for value in part] if isinstance(part, list) else part


def to_keras3(entry: Any) -> Any:
    """Return the configuration of a model of ours as Keras 3 writes it."""
    name, config = entry["class_name"], dict(entry["config"])
    if name == "Operator" and "inbound_nodes" in entry:
        return operations.to_keras(entry)
    model = name in _MODELS
    if model:
        config["layers"] = [to_keras3(layer) for layer in config["layers"]]
        config.setdefault("trainable", True)
    if name == "Functional":
        config |= {key: _histories(config[key]) for key in ("input_layers", "output_layers")}
    if name == "InputLayer":
        config["batch_shape"] = config.pop("batch_input_shape")
        config.pop("trainable", None)
    left_out = _UNTAKEN.get(name, ())
    config = {key: _written(key, v) for key, v in config.items() if key not in left_out}
    module = "keras" if name == "Sequential" else "keras.layers"
    module = "keras.src.models.functional" if name == "Functional" else module
    found = {"module": module, "class_name": name, "config": config, "registered_name": None}
    if name not in LAYERS:
        found |= {"module": None, "class_name": name.rpartition(">")[2], "registered_name": name}
    if name == "Functional":
        found["registered_name"] = "Functional"
    return found | {
        key: _written(key, entry[key]) for key in ("name", "inbound_nodes") if key in entry
    }


def _written(key: str, value: Any) -> Any:
    for end, module in _RULES.items():
        if key.endswith(end) and isinstance(value, dict):
            return {"module": f"keras.{module}", "registered_name": None, **value}
    if key in ("layer", "backward_layer", "cell") and isinstance(value, dict):
        return to_keras3(value)
    return value


def _histories(part: Any) -> Any:
    if isinstance(part, dict) and part.get("class_name") == "__keras_tensor__":
        return part["config"]["keras_history"]
    if isinstance(part, dict):
        return {key: _histories(value) for key, value in part.items()}
    return [_histories(value) for value in part]

"""Arithmetic on tensors in Keras 3's files: nodes of `keras.ops`, and our `Operator` layers."""

from typing import Any

__all__ = ["MODULE", "from_keras", "to_keras"]

# The one module name that is looked at: it tells the operation Add from the layer Add.
MODULE = "keras.src.ops.numpy"
# {our operator: Keras's class}
KINDS = {
    "add": "Add",
    "sub": "Subtract",
    "mul": "Multiply",
    "div": "TrueDivide",
    "pow": "Power",
    "neg": "Negative",
    "matmul": "Matmul",
    "get_item": "GetItem",
}
_OPERATORS = {**{kind: operator for operator, kind in KINDS.items()}, "Divide": "div"}


def from_keras(kind: str, config: dict[str, Any], calls: list) -> dict[str, Any] | None:
    """Return the entry of an Operator for an operation of Keras's; None if there is none."""
    operator = _OPERATORS.get(kind)
    if operator is None or len(calls) != 1 or calls[0]["kwargs"]:
        return None
    operands = calls[0]["args"]
    inner = {"name": config["name"], "operator": operator}
    if operator == "get_item":
        inner["index"] = {"index": _our_index(operands[1])}
        operands = operands[:1]
    tensors = [part for part in operands if _is_tensor(part)]
    for place, part in enumerate(operands):
        if not _is_tensor(part):
            number = isinstance(part, int | float)
            inner |= {"constant": part if number else part["config"]["value"], "reverse": not place}
    args = [tensors if len(tensors) > 1 else tensors[0]]
    call = {"args": args, "kwargs": {}}
    return {"class_name": "Operator", "config": inner, "inbound_nodes": [call]}


def to_keras(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what Keras 3 writes for the entry of an Operator in a functional model."""
    config = entry["config"]
    kind = KINDS[config["operator"]]
    calls = []
    for call in entry["inbound_nodes"]:
        first = call["args"][0]
        operands = list(first) if isinstance(first, list) else [first]
        constant = config["constant"]
        if isinstance(constant, list):
            value = {"value": constant, "dtype": config["dtype"]}
            constant = {"class_name": "__numpy__", "config": value}
        if constant is not None:
            operands.insert(0 if config["reverse"] else 1, constant)
        if kind == "GetItem":
            operands.append(_keras_index(config["index"]["index"]))
        calls.append({"args": operands, "kwargs": {}})
    found = {"module": MODULE, "class_name": kind, "registered_name": kind}
    return found | {
        "config": {"name": config["name"]},
        "name": config["name"],
        "inbound_nodes": calls,
    }


def _is_tensor(part: Any) -> bool:
    return isinstance(part, dict) and part.get("class_name") == "__keras_tensor__"


def _our_index(part: Any) -> Any:
    if isinstance(part, list):
        return {"tuple": [_our_index(one) for one in part]}
    if isinstance(part, dict) and part["class_name"] == "__slice__":
        return {"slice": [part["config"][key] for key in ("start", "stop", "step")]}
    if isinstance(part, dict) and part["class_name"] == "__ellipsis__":
        return "..."
    return {"array": part["config"]["value"]} if isinstance(part, dict) else part


def _keras_index(saved: Any) -> Any:
    if saved == "...":
        return {"class_name": "__ellipsis__", "config": {}}
    if not isinstance(saved, dict):
        return saved
    ((kind, value),) = saved.items()
    if kind == "slice":
        return {
            "class_name": "__slice__",
            "config": dict(zip(("start", "stop", "step"), value, strict=True)),
        }
    if kind == "tuple":
        return [_keras_index(one) for one in value]
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": "int64"}}

"""Compare our layers with what Keras computed, as `record_layers.py` wrote it down."""

import inspect
import json
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from dezero import functions as F
from dezero.core import Variable, using_config
from dezero.keras import layers
from tests.keras.layer_cases import GROUPS, Case
from tests.keras.record_layers import PLACE, made, unpacked, words_of

OURS = SimpleNamespace(layers=layers)
LINEAR = 1e-5


@lru_cache(maxsize=8)
def recorded(group: str) -> dict:
    """Return all arrays of a group."""
    return unpacked(PLACE / f"layers_{group}.npz")


def cases_of(*kinds: str) -> list[Case]:
    """Return the cases of classes, for pytest's parametrize."""
    return [case for group in GROUPS.values() for case in group if case.kind in kinds]


def arrays_of(case: Case) -> dict[str, list]:
    """Return what was recorded of a case: {"x": inputs, "w": weights, ...}."""
    group = next(name for name, cases in GROUPS.items() if case in cases)
    named: dict[str, list] = {}
    for key, array in recorded(group).items():
        head, _, name = key.rpartition("/")
        if head == case.id:
            named.setdefault(name.rstrip("0123456789"), []).append(array)
    return named


def close(ours, theirs, what: str) -> None:
    """Compare arrays within 1e-5 of the largest number in them."""
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape, (what, np.shape(ours), theirs.shape)
    scale = max(1.0, float(abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=LINEAR * scale, err_msg=what)


def check(case: Case) -> None:
    """Compare outputs, gradients and changed weights of one case."""
    there = arrays_of(case)
    layer = made(OURS, case)
    xs = [x.astype(int) if case.ints else Variable(x) for x in there["x"]]
    states = [Variable(state) for state in there.get("s", [])]
    given = xs if case.spread else [xs if len(xs) > 1 else xs[0]]
    words = words_of(case, states)
    with using_config("train", False):
        layer(*given, **words)
    layer.set_weights(there.get("w", []))
    ys = flat(layer(*given, **words | {"training": case.train}))
    for i, (y, wanted) in enumerate(zip(ys, there["y"], strict=True)):
        close(y.data, wanted, f"output {i}")
    _check_shapes(layer, case, ys)
    loss = sum(F.sum(y * g) for y, g in zip(ys, there["g"], strict=True))
    if case.kind.startswith("Random"):
        return  # what was drawn is a constant
    if loss.requires_grad:
        loss.backward()
    gradients = {"gx": xs if not case.ints else [], "gs": states, "gw": layer.trainable_weights}
    for name, holders in gradients.items():
        for i, (holder, wanted) in enumerate(zip(holders, there.get(name, []), strict=True)):
            ours = np.zeros(holder.shape) if holder.grad is None else holder.grad.data
            close(ours, wanted, f"gradient {name}{i}")
    for i, wanted in enumerate(there.get("after", [])):
        close(layer.get_weights()[i], wanted, f"weight {i} afterwards")


def _check_shapes(layer, case: Case, ys: list) -> None:
    """Compare the shapes that are foretold with those that came."""
    shapes = [(None, *shape[1:]) for shape in case.shapes]
    found = layer.compute_output_shape(shapes if len(shapes) > 1 and not case.spread else shapes[0])
    found = found if isinstance(found, list) else [found]
    for y, shape in zip(ys, found, strict=False):
        assert shape == (None, *y.shape[1:]), (shape, y.shape)


# What Keras 3 writes down of its own ways, which change nothing here.
FOREIGN = {
    "renorm", "renorm_clipping", "renorm_momentum", "lora_rank", "quantization_config",
    "autocast", "flash_attention", "rms_scaling",
}  # fmt: skip


def check_words(case: Case) -> None:
    """Compare the constructor's arguments and the names in `get_config`; make the layer again."""
    words = json.loads((PLACE / "layers_words.json").read_text())
    layer = made(OURS, case)
    ours = list(inspect.signature(type(layer)).parameters.values())
    theirs = [name for name, _ in words["arguments"][case.kind] if name not in NEW]
    assert [p.name for p in ours if p.name in theirs] == theirs, case.kind
    config = json.loads(json.dumps(layer.get_config()))
    missing = set(words["settings"][case.id]) - set(config) - FOREIGN
    assert not missing, missing
    again = type(layer).from_config(config)
    assert json.loads(json.dumps(again.get_config())) == config


# Arguments of today's Keras that nobody gives: low ranks and integers for large models.
NEW = {"lora_rank", "lora_alpha", "quantization_config", "name", "dtype"}


def flat(ys) -> list:
    """Return the Variables in lists and tuples."""
    if not isinstance(ys, list | tuple):
        return [ys]
    return [y for part in ys for y in flat(part)]

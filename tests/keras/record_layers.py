"""Record what Keras 3 computes for every case: run with a Python that has keras and tensorflow.

    KERAS_BACKEND=tensorflow python -m tests.keras.record_layers

Arrays of a case are under `id/x0` (inputs), `w0` (weights), `s0` (states), `g0` (gradients of the
outputs), `y0` (outputs), `gx0`, `gw0` and `gs0` (gradients), `after0` (weights afterwards). A file
holds all of its arrays as one float32 array, and where each is as text.
"""

import hashlib
import inspect
import json
from pathlib import Path

import numpy as np

from tests.keras.layer_cases import GROUPS, Case

PLACE = Path(__file__).parent / "recorded"


def generator(case: Case):
    """Return the generator of a case, from its name."""
    return np.random.default_rng(int(hashlib.sha256(case.id.encode()).hexdigest()[:8], 16))


def drawn(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def masks_of(case: Case) -> list | None:
    """Return a mask for each input, True as far as the lengths."""
    if case.lengths is None:
        return None
    lengths = np.array(case.lengths)[:, None]
    return [np.arange(shape[1]) < lengths for shape in case.shapes]


def made(module, case: Case):
    """Return the layer of a case, from `module.layers`."""
    options = dict(case.options)
    if "layer" in options:
        options["layer"] = made(module, options["layer"])
    return getattr(module.layers, case.kind)(**options)


def first_values(rng, weights: list) -> list:
    """Return values for the weights that are like real ones: variances are positive."""
    values = []
    for weight in weights:
        value = drawn(rng, weight.shape) * np.float32(0.5)
        positive = "variance" in weight.name or "gamma" in weight.name
        values.append(abs(value) + np.float32(0.5) if positive else value)
    return values


def words_of(case: Case, states: list) -> dict:
    """Return the keywords of the call of a layer."""
    words = dict(case.call)
    masks = masks_of(case)
    if masks and case.kind == "MultiHeadAttention":
        words |= {"query_mask": masks[0], "value_mask": masks[1]}
    elif masks:
        words["mask"] = masks if len(masks) > 1 else masks[0]
    if states:
        words["initial_state"] = states
    return words


def caller(layer, case: Case, tensors: list, carried: list):
    """Return a function that calls the layer of Keras."""
    import keras
    import tensorflow as tf

    given = tensors if case.spread else [tensors if len(tensors) > 1 else tensors[0]]
    words = words_of(case, carried)
    takes = layer._call_has_training_arg if hasattr(layer, "_call_has_training_arg") else False
    words |= {"training": case.train} if takes else {}
    query_mask = words.pop("query_mask", None)

    def call():
        if query_mask is not None:  # Keras takes it from the tensor alone
            marked = [tf.identity(t) for t in given]
            keras.src.backend.set_keras_mask(marked[0], tf.constant(query_mask))
            return layer(*marked, **words)
        return layer(*given, **words)

    return call


def record(case: Case) -> dict:
    """Return {name: array} of one case."""
    import keras
    import tensorflow as tf

    rng = generator(case)
    layer = made(keras, case)
    if case.ints:
        xs = [rng.integers(0, case.ints, shape).astype(np.int32) for shape in case.shapes]
    else:
        xs = [drawn(rng, shape) for shape in case.shapes]
    states = [drawn(rng, shape) for shape in case.states]
    tensors, carried = [tf.constant(x) for x in xs], [tf.constant(state) for state in states]
    call = caller(layer, case, tensors, carried)
    call()
    weights = layer.weights
    values = first_values(rng, weights)
    layer.set_weights(values)
    with tf.GradientTape() as tape:
        tape.watch([*([] if case.ints else tensors), *carried])
        ys = tf.nest.flatten(call())
        gs = [drawn(rng, y.shape) for y in ys]
        loss = sum(tf.reduce_sum(y * g) for y, g in zip(ys, gs, strict=True))
    sources = [*([] if case.ints else tensors), *carried, *layer.trainable_weights]
    plain = [s._value if hasattr(s, "_value") else s for s in sources]
    grads = [
        np.zeros(s.shape, np.float32) if g is None else np.array(tf.convert_to_tensor(g))
        for g, s in zip(tape.gradient(loss, plain), sources, strict=True)
    ]
    count = 0 if case.ints else len(xs)
    named = {"x": xs, "s": states, "w": values, "g": gs, "y": [y.numpy() for y in ys]}
    named |= {"gx": grads[:count], "gs": grads[count : count + len(states)]}
    named |= {"gw": grads[count + len(states) :]}
    if layer.non_trainable_weights:
        named |= {"after": layer.get_weights()}
    return {
        f"{case.id}/{name}{i}": array
        for name, arrays in named.items()
        for i, array in enumerate(arrays)
    }


def packed(arrays: dict) -> dict:
    """Return all arrays as one, and a text that says where in it each begins, and its shape."""
    index, start = {}, 0
    for name, array in arrays.items():
        index[name] = [start, *np.shape(array)]
        start += np.size(array)
    flat = [np.asarray(array, np.float32).reshape(-1) for array in arrays.values()]
    return {"numbers": np.concatenate(flat), "index": np.array(json.dumps(index))}


def unpacked(path: Path) -> dict:
    """Return {name: array} of a file."""
    with np.load(path) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))
    return {
        name: numbers[start : start + int(np.prod(shape))].reshape(shape)
        for name, (start, *shape) in index.items()
    }


def main() -> None:
    """Write one file for each group of cases."""
    import keras

    PLACE.mkdir(exist_ok=True)
    arguments, settings = {}, {}
    for name, cases in GROUPS.items():
        arrays: dict = {}
        for case in cases:
            arrays |= record(case)
            layer = made(keras, case)
            settings[case.id] = sorted(layer.get_config())
            parameters = inspect.signature(type(layer).__init__).parameters.values()
            arguments[case.kind] = [
                [p.name, repr(p.default)] for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD
            ][1:]
        np.savez_compressed(PLACE / f"layers_{name}.npz", **packed(arrays))
        print(name, len(cases), "cases of Keras", keras.__version__)
    words = {"arguments": arguments, "settings": settings}
    (PLACE / "layers_words.json").write_text(json.dumps(words, indent=0) + "\n")


if __name__ == "__main__":
    main()

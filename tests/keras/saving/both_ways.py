"""Files of every layer through real Keras, both ways: `python -m tests.keras.saving.both_ways`.

It needs a Python with keras, tensorflow and h5py, and prints a table in Markdown; with `--keras2`
it needs the package tf_keras instead and reads Keras 2's files alone; other words are the names of
the layers to try. Differences are the largest
of any output; each case is a functional model of one layer with drawn weights.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from dezero import keras as ours
from tests.keras.layer_cases import GROUPS, X1, X2, Case, case
from tests.keras.record_layers import drawn, first_values, generator, made
from tests.keras.saving.compiled_cases import LOSSES, OPTIMIZERS, figures, trained

V = (2, 6)
PLAIN = [
    case("Dense", V, units=3, activation="gelu", kernel_regularizer="l2", bias_initializer="ones"),
    case("Dense", X1, units=3, use_bias=False, kernel_constraint="max_norm"),
    *(case("Activation", V, activation=name) for name in ("relu", "softmax", "swish", "tanh")),
    *(case(kind, X2, rate=0.3) for kind in ("Dropout", "SpatialDropout2D", "GaussianDropout")),
    case("SpatialDropout1D", X1, rate=0.3),
    case("GaussianNoise", X1, stddev=0.3),
    case("Flatten", X2),
    case("Flatten", X2, data_format="channels_first"),
    case("Reshape", X2, target_shape=(6, -1)),
    case("Permute", X2, dims=(3, 1, 2)),
    case("RepeatVector", V, n=3),
    case("Masking", X1, mask_value=0.5),
    *(
        case(kind, X1, X1)
        for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    ),
    case("Add", X1, X1, X1),
    case("Concatenate", X1, X1, axis=1),
    case("Dot", X1, X1, axes=(2, 1) if X1[1] == X1[2] else 2, normalize=True),
    case("RandomFlip", X2, mode="horizontal"),
    case("RandomContrast", X2, factor=0.3),
    case("ActivityRegularization", X1, l2=0.1),
    case("AdditiveAttention", (2, 5, 4), (2, 6, 4)),
    case("AlphaDropout", X1, rate=0.3),
    case("Identity", X1),
    case("CategoryEncoding", (2, 3), ints=5, num_tokens=5, output_mode="multi_hot"),
    case("Discretization", X1, bin_boundaries=[-0.5, 0.5]),
    case("IntegerLookup", (2, 3), ints=5, vocabulary=[3, 1, 4], num_oov_indices=1),
]
FORMATS = (".keras", ".h5", ".weights.h5")
CALLS = ("use_causal_mask", "return_attention_scores")


class Row(NamedTuple):
    """What came of one file: the layer, its ending, the way, and the largest difference."""

    kind: str
    ending: str
    way: str
    worst: float
    fault: str


def cases(only: list[str]) -> Iterator[Case]:
    """Yield every case once, of the layers in `only` if there are any."""
    seen = set()
    for one in (c for group in ({"plain": PLAIN} | GROUPS).values() for c in group):
        key = str((one.kind, one.options, one.shapes, one.states, one.call))
        if key not in seen and (not only or one.kind in only):
            seen.add(key)
            yield one


def model_of(library: Any, one: Case) -> Any:
    """Return a functional model of the one layer."""
    words: dict[str, Any] = {"dtype": "int32"} if one.ints else {}
    inputs = [library.layers.Input(shape[1:], **words) for shape in one.shapes]
    states = [library.layers.Input(shape[1:]) for shape in one.states]
    given = inputs if one.spread else [inputs if len(inputs) > 1 else inputs[0]]
    options = {key: value for key, value in one.call.items() if key in CALLS}
    if states:
        options["initial_state"] = states
    outputs = made(library, one)(*given, **options)
    if isinstance(outputs, tuple):
        outputs = list(outputs)
    every = [*inputs, *states]
    return library.Model(every if len(every) > 1 else every[0], outputs)


def arrays_of(one: Case, rng: Any) -> list[np.ndarray]:
    """Return inputs of a case."""
    if one.ints:
        return [rng.integers(0, one.ints, shape).astype(np.int32) for shape in one.shapes]
    return [drawn(rng, shape) for shape in (*one.shapes, *one.states)]


def answers(model: Any, xs: list) -> list[np.ndarray]:
    """Return the outputs of either library's model."""
    y = model(xs if len(xs) > 1 else xs[0], training=False)
    return [np.asarray(getattr(a, "data", a)) if hasattr(a, "creator") else np.asarray(a)
            for a in (y if isinstance(y, list | tuple) else [y])]  # fmt: skip


def passed_on(one: Case, writer: Any, reader: Any, ending: str, folder: str) -> float:
    """Return the largest difference after a file from one library to the other."""
    rng = generator(one)
    xs = arrays_of(one, rng)
    model = model_of(writer, one)
    model.set_weights(first_values(rng, model.weights))
    path = os.path.join(folder, f"m{ending}")
    if ending == ".weights.h5":
        model.save_weights(path)
        other = model_of(reader, one)
        other.load_weights(path)
    else:
        model.save(path)
        other = reader.models.load_model(path)
    pairs = zip(answers(model, xs), answers(other, xs), strict=True)
    return max(float(np.abs(a - b).max(initial=0)) for a, b in pairs)


def sweep(theirs: Any, old: bool = False, only: list[str] | None = None) -> Iterator[Row]:
    """Yield a Row for every case, ending and way."""
    with tempfile.TemporaryDirectory() as folder:
        for one in cases(only or []):
            if old and not _is_of_keras2(theirs, one):
                continue
            for ending in FORMATS:
                if old and ending == ".weights.h5" and "hard_sigmoid" in str(one.options):
                    continue  # another function in Keras 2, which weights do not tell
                for way in ("read",) if old else ("read", "written"):
                    pair = (theirs, ours) if way == "read" else (ours, theirs)
                    ours.backend.clear_session()
                    theirs.backend.clear_session()
                    worst, fault = np.nan, ""
                    try:
                        worst = passed_on(one, *pair, ending, folder)
                    except Exception as error:
                        fault = f"{one.id}: {type(error).__name__}: {str(error)[:300]}"
                    yield Row(one.kind, ending, way, worst, fault)


def _is_of_keras2(theirs: Any, one: Case) -> bool:
    try:
        made(theirs, one)
    except (TypeError, AttributeError, ValueError):
        return False
    return True


def table(rows: list[Row]) -> str:
    """Return the Markdown of the largest difference of each layer, ending and way."""
    columns = list(dict.fromkeys((row.way, row.ending) for row in rows))
    lines = [
        "| layer | files | " + " | ".join(f"{ending} {way}" for way, ending in columns) + " |",
        "|---|---" + "|---" * len(columns) + "|",
    ]
    for kind in sorted({row.kind for row in rows}):
        own = [row for row in rows if row.kind == kind]
        cells = []
        for way, ending in columns:
            found = [row.worst for row in own if (row.way, row.ending) == (way, ending)]
            cells.append("fails" if np.isnan(found).any() else f"{max(found):.1e}")
        lines.append(f"| {kind} | {len(own)} | " + " | ".join(cells) + " |")
    worst = max((row.worst for row in rows if row.worst == row.worst), default=0.0)
    lines.append(f"\n{len(rows)} files; the largest difference of all is {worst:.1e}.")
    return "\n".join(lines)


def compiled(theirs: Any) -> str:
    """Return the Markdown of how far losses and metrics differ when training goes on elsewhere."""
    lines = ["| compiled | `.keras` read | written |", "|---|---|---|"]
    pairs = [(name, "mse") for name in OPTIMIZERS] + [("Adam", loss) for loss in LOSSES]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.keras")
        for case_ in pairs:
            worst = []
            for writer, reader in ((theirs, ours), (ours, theirs)):
                model = trained(writer, *case_, steps=5)
                model.save(path)
                other = reader.models.load_model(path)
                worst.append(f"{np.abs(figures(model) - figures(other)).max():.1e}")
            lines.append(f"| {', '.join(case_)} | {' | '.join(worst)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and what failed."""
    old = "--keras2" in sys.argv
    if old:
        import tf_keras as theirs
    else:
        import keras as theirs
    rows = []
    for row in sweep(theirs, old, [word for word in sys.argv[1:] if word != "--keras2"]):
        rows.append(row)
        if row.fault or row.worst > 1e-5:
            print("-", row.kind, row.ending, row.way, row.worst, row.fault, flush=True)
    print(table(rows))
    if not old:
        print(compiled(theirs))


if __name__ == "__main__":
    main()

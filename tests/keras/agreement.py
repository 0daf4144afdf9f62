"""How far our trainings are from those of real Keras, by network and optimizer.

python -m tests.keras.agreement            prints the table
python -m tests.keras.agreement --write    writes it to tests/keras/AGREEMENT.md
"""

import functools
import json
import sys
from pathlib import Path

import numpy as np

from dezero import keras
from dezero.training import Callback
from tests.keras.recorded.record_agreement import CASES, HERE, NETWORKS, OPTIMIZERS, trained

PAGE = Path(__file__).parent / "AGREEMENT.md"
HEAD = """# Fifty steps beside Keras 3.15

Nine networks trained from the same weights on the same batches by real Keras (3.15.1, TensorFlow on
a CPU, float32) and by `dezero.keras`: 5 epochs of 10 steps, the last of each ragged. Each field is
the largest difference over all steps of the loss, over all steps of the metrics, and of the weights
after the last step, in units of 1e-6; losses and metrics of validation and of an evaluation at
the end count too. 100 is what is allowed. {largest}
What `sgd_momentum` and the like stand for is in `recorded/record_agreement.py`, which recorded
Keras's side. Written by `python -m tests.keras.agreement --write`.

An `Embedding` has a penalty here: without one, Keras on TensorFlow squares (or clips) what each
place of a word contributes to a gradient before it adds them up, and words that come twice in a
batch train otherwise than by their gradient in all optimizers but plain SGD.
"""


class Steps(Callback):
    """Keeps the figures after every step."""

    def __init__(self):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        """Note them, in the order of their names as Keras has them."""
        self.steps.append([logs[key] for key in sorted(logs)])


@functools.cache
def recorded(network):
    """Return {name: array} of what Keras did, and the names of the figures of an epoch."""
    with np.load(HERE / f"{network}.npz") as file:
        arrays = dict(file)
    return arrays, json.loads(str(arrays.pop("keys")))


@functools.cache
def differences(network, name):
    """Return the largest difference of losses, metrics and weights."""
    theirs, keys = recorded(network)
    watch = Steps()
    history, final, weights = trained(keras, network, name, watch)
    if set(history) != set(keys):
        raise ValueError(f"agreement: expected figures {keys}, got {list(history)}")
    steps = np.abs(np.array(watch.steps) - theirs[f"{name}/steps"]).max(0)
    epochs = np.abs(np.array([history[key] for key in keys]) - theirs[f"{name}/history"]).max(1)
    final = np.abs(np.array(final) - theirs[f"{name}/final"])
    is_loss = np.array([key.endswith("loss") for key in keys])
    steps_loss = is_loss[: len(steps)]
    loss = max(*steps[steps_loss], *epochs[is_loss], final[0])
    metric = max(*steps[~steps_loss], *epochs[~is_loss], *final[1:])
    ours = np.concatenate([weight.ravel() for weight in weights])
    return loss, metric, np.abs(ours - theirs[f"{name}/weights"]).max()


def page():
    """Return the text of the page."""
    found = {case: differences(*case) for case in CASES}
    worst = max(found, key=lambda case: max(found[case]))
    largest = f"The largest is {1e6 * max(found[worst]):.1f}, of {worst[1]} with `{worst[0]}`."
    lines = [HEAD.format(largest=largest)]
    lines.append("| optimizer | " + " | ".join(f"`{network}`" for network in NETWORKS) + " |")
    lines.append("|---" * (len(NETWORKS) + 1) + "|")
    for name in OPTIMIZERS:
        fields = [
            " / ".join(f"{1e6 * value:.1f}" for value in found[network, name])
            if (network, name) in found
            else ""
            for network in NETWORKS
        ]
        lines.append(f"| {name} | " + " | ".join(fields) + " |")
    lines.append("\n| network | what it is |\n|---|---|")
    lines += [f"| `{n}` | {build.__doc__} |" for n, (build, _) in NETWORKS.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print(page())

"""Write the compiled_* here with real Keras 3: `python -m tests.keras.recorded.record_compiled`."""

from pathlib import Path

import keras
import numpy as np

from tests.keras.saving.compiled_cases import figures, trained

HERE = Path(__file__).parent
CASES = {
    "compiled_amsgrad.keras": ("amsgrad", "mse"),
    "compiled_decaying.keras": ("decaying", "Huber"),
    "compiled_momentum.h5": ("momentum", "mse"),
    "compiled_Nadam.h5": ("Nadam", "function"),
}


def main() -> None:
    found = {}
    for name, case in CASES.items():
        model = trained(keras, *case, steps=5)
        model.save(HERE / name)
        found[name] = figures(model)
    np.savez_compressed(HERE / "compiled.npz", **found)


if __name__ == "__main__":
    main()
